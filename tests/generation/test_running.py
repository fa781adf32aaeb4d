"""What a changed document says is what the client and `tm` then do: a package is made, and programs run with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.generation.changed_project import ChangedPrograms, ChangedProject
from tests.generation.conftest import ROOT, copy_project
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed
from tests.programs import started

LOADED = ("tensormesh.types", *(f"tensormesh_overlay.surfaces.{name}" for name in ("control_plane", "inference")))
"""What most of these programs load."""

KEEP = {"connection": "keep-alive"}
PROGRAM = """
import json, os, sys, warnings
from tensormesh import Tensormesh
url = sys.argv[1]
client = Tensormesh(env={}, control_plane_base_url=url, serverless_base_url=url, **json.loads(sys.argv[2]))
boxes, poems, songs = (
    client.control_plane.boxes, client.control_plane.poems, client.inference.serverless.songs
)
"""

Run = Callable[..., object]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> ChangedProject:
    project = ChangedProject(copy_project(tmp_path_factory.mktemp("changed")).root)
    ran = project.generate()
    assert ran.status == 0, ran.errors
    return project


@pytest.fixture(scope="module")
def programs(changed: ChangedProject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChangedPrograms]:
    notes, folder = tmp_path_factory.mktemp("notes"), tmp_path_factory.mktemp("programs")
    with started(changed.environment, notes, LOADED, "default") as programs:
        yield ChangedPrograms(programs, folder)


@pytest.fixture
def host() -> Iterator[ScriptedHost]:
    host = ScriptedHost().start()
    yield host
    host.stop()
    assert (host.faults, host.leftovers) == ([], 0)


@pytest.fixture
def run(programs: ChangedPrograms, host: ScriptedHost) -> Run:
    """Runs a few lines with a client of the host, and gives what they print as JSON."""

    def runs(lines: str, settings: str = '{"control_plane_token": "t", "inference_api_key": "k"}') -> object:
        return programs.run(f"{PROGRAM}\n{lines}", host.url, settings)

    return runs


def test_a_call_without_security_sends_no_credential(run: Run, host: ScriptedHost) -> None:
    """`security: []`, whatever its tag: with a token or without."""
    host.plays(answer(body=[]), answer(body=[]))

    run("print(json.dumps(boxes.list()))")
    run("print(json.dumps(boxes.list()))", "{}")

    assert [asked.headers.get("authorization") for asked in host.asked] == [None, None]


def test_a_call_with_optional_security_sends_what_there_is(run: Run, host: ScriptedHost) -> None:
    host.plays(answer(body="A box.", content_type="text/plain"), answer(body="A box.", content_type="text/plain"))

    assert run("print(json.dumps(boxes.describe('a')))") == "A box."
    assert run("print(json.dumps(boxes.describe('a')))", "{}") == "A box."

    assert [asked.headers.get("authorization") for asked in host.asked] == ["Bearer t", None]
    assert host.asked[0].headers["accept"] == "text/plain"


def test_a_call_that_says_nothing_of_security_needs_the_credential_of_all(run: Run) -> None:
    lines = """
try:
    boxes.delete("a")
except Exception as error:
    print(json.dumps(f"{type(error).__name__}: {error}"))
"""

    assert "ConfigurationError: the control plane needs control_plane_token" in str(run(lines, "{}"))


def test_the_servers_of_the_documents_are_the_default_addresses(
    changed: ChangedProject, programs: ChangedPrograms
) -> None:
    """A variable has its default; `tm` says the same."""
    lines = """
    import json, tensormesh
    print(json.dumps([tensormesh.DEFAULT_SERVERLESS_BASE_URL, tensormesh.DEFAULT_CONTROL_PLANE_BASE_URL]))
    """

    assert programs.run(lines) == ["https://north.serverless.test", "https://api.tensormesh.ai"]
    assert changed.tm("config", "get", "serverless_base").stdout == "https://north.serverless.test\n"


def test_an_answer_may_be_a_list(run: Run, host: ScriptedHost) -> None:
    """Of models, with parameters in headers and the query."""
    host.plays(answer(body=[{"name": "red", "keys": 3, "new": 1}]))

    lines = """
found = boxes.list(x_trace="abc", x_box_colours=["red", "blue"], most=2)
raw = type(found).__name__, type(found[0]).__name__, found[0].keys_, found[0].to_dict()
print(json.dumps(raw))
"""
    assert run(lines) == ["list", "Box", 3, {"name": "red", "keys": 3, "new": 1}]
    asked = host.asked[0]
    assert (asked.path, asked.headers["x-trace"], asked.headers["x-box-colours"]) == (
        "/v1/boxes?most=2",
        "abc",
        "red,blue",
    )


def test_a_header_of_the_call_goes_before_its_argument_and_no_line_is_broken(run: Run, host: ScriptedHost) -> None:
    host.plays(answer(body=[]))

    lines = """
boxes.list(x_trace="mine", extra_headers={"X-Trace": "more mine"})
try:
    boxes.list(x_trace="a\\r\\nx-evil: b")
except Exception as error:
    print(json.dumps(f"{type(error).__name__}: {error}"))
"""
    assert str(run(lines)).startswith("ValidationError: the header 'X-Trace' cannot be sent")
    assert [asked.headers["x-trace"] for asked in host.asked] == ["more mine"]


def test_an_answer_that_is_no_list_is_an_error(run: Run, host: ScriptedHost) -> None:
    host.plays(answer(body={"boxes": []}))

    lines = """
try:
    boxes.list()
except Exception as error:
    print(json.dumps(type(error).__name__))
"""
    assert run(lines) == "ProtocolError"


def test_a_success_may_be_new_or_say_nothing(run: Run, host: ScriptedHost) -> None:
    """201 with what was made, 204 with nothing, and 204 where another status has a body."""
    host.plays(answer(201, {"name": "red"}), answer(204), answer(204))

    lines = """
made = boxes.make(name="red")
print(json.dumps([made.name, boxes.delete("red"), boxes.replace("red", name="red").to_dict()]))
"""
    assert run(lines) == ["red", None, {}]


def test_an_error_is_one_also_where_nothing_is_said_of_the_answer(run: Run, host: ScriptedHost) -> None:
    host.plays(answer(200, {"error": {"message": "No.", "code": 409}}, content_type="application/json"))

    lines = """
try:
    boxes.delete("red")
except Exception as error:
    print(json.dumps([type(error).__name__, error.message]))
"""
    assert run(lines) == ["ConflictError", "No."]


def test_properties_have_names_that_python_can_give_them(run: Run, host: ScriptedHost) -> None:
    host.plays(answer(201, {"name": "a"}))

    lines = """
boxes.make(name="a", keys_=1, list_="b", self_="c", field_2fa=True, 名前="d", likes=2)
print(json.dumps(0))
"""
    run(lines)
    assert host.asked[0].json == {
        "name": "a",
        "keys": 1,
        "list": "b",
        "self": "c",
        "2fa": True,
        "名前": "d",
        "+1": 2,
    }


def test_who_calls_what_is_deprecated_is_warned(run: Run, host: ScriptedHost) -> None:
    """Where they call it, and once."""
    host.plays(answer(201, {"name": "a"}))

    lines = """
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    boxes.make(name="a")
print(json.dumps([[str(item.message), item.category.__name__, os.path.basename(item.filename)] for item in caught]))
"""
    assert run(lines) == [
        ["boxes.make() is deprecated: use boxes.replace() instead", "DeprecationWarning", "program.py"]
    ]


def test_what_the_documents_say_stands_in_docstrings(run: Run) -> None:
    """Versions, defaults, bounds, formats, examples, and what is deprecated."""
    lines = """
import tensormesh_generated, inspect
from tensormesh_generated import models
texts = [tensormesh_generated.__doc__, boxes.list.__doc__, boxes.make.__doc__]
print(json.dumps([" ".join(inspect.cleandoc(text).split()) for text in texts]))
"""
    package, listing, making = run(lines)  # type: ignore[misc]

    assert "serverless 1.0.0, on_demand 1.0.0, control_plane 0.1.0" in package
    assert "most: How many. At least 1, at most 9. Default: `5`." in listing
    assert making.startswith("Deprecated. Make a box. Deprecated: use boxes.replace() instead.")
    assert 'name: Its name. At least 1 character, at most 9 characters. Example: `"red"`.' in making
    assert "id: Deprecated. Its id. A UUID." in making


def test_a_stream_of_a_new_operation_works_whole(run: Run, host: ScriptedHost) -> None:
    """Its events, its texts, its end, and the answer that they add up to: all follow from its block."""
    parts = [{"id": "p", "verse": "Roses "}, {"verse": "are red."}, {"usage": 7}]
    body = events(*parts, end=b"data: THE END\n\n")
    host.plays(streamed(body), streamed(body), streamed(body), answer(body={"id": "q", "verses": "Violets."}))

    lines = """
with poems.write(about="roses", stream=True) as stream:
    kinds = {type(event).__name__ for event in stream}
    usage, whole = stream.usage, stream.get_final_poem()
with poems.write(about="roses", stream=True) as stream:
    texts = list(stream.text_deltas())
with poems.with_streaming_response.write(about="roses") as stream:
    final = stream.get_final()
plain = poems.write(about="violets")
print(json.dumps([[*kinds], usage, whole.to_dict(), texts, final == whole, type(final).__name__, plain.verses]))
"""
    whole = {"id": "p", "verses": "Roses are red.", "usage": 7}
    assert run(lines) == [["PoemEvent"], 7, whole, ["Roses ", "are red."], True, "Poem", "Violets."]
    assert [asked.json for asked in host.asked] == [{"about": "roses", "live": True}] * 3 + [{"about": "violets"}]


def test_awaited_calls_do_the_same(run: Run, host: ScriptedHost) -> None:
    """Lists, nothing, text, headers, streams and their wholes."""
    body = events({"id": "p", "verse": "Roses."}, end=b"data: THE END\n\n")
    host.plays(answer(body=[{"name": "red"}]), answer(204), answer(body="A box."), streamed(body))

    lines = """
import asyncio
from tensormesh import AsyncTensormesh

async def main():
    async with AsyncTensormesh(env={}, control_plane_base_url=url, control_plane_token="t") as client:
        boxes, poems = client.control_plane.boxes, client.control_plane.poems
        listed = await boxes.list(x_trace="abc")
        gone, told = await boxes.delete("red"), await boxes.describe("red")
        async with await poems.write(about="roses", stream=True) as stream:
            texts = [text async for text in stream.text_deltas()]
            poem = await stream.get_final_poem()
        print(json.dumps([[box.name for box in listed], gone, told, texts, poem.to_dict()]))

asyncio.run(main())
"""
    assert run(lines) == [["red"], None, "A box.", ["Roses."], {"id": "p", "verses": "Roses."}]
    assert host.asked[0].headers["x-trace"] == "abc"


def test_a_stream_that_stops_before_its_end_is_cut(run: Run, host: ScriptedHost) -> None:
    """`[DONE]` is not what its document calls the end."""
    host.plays(streamed(events({"id": "p", "verse": "Roses "}, end=b"")))

    lines = """
try:
    with poems.write(about="roses", stream=True) as stream:
        stream.get_final_poem()
except Exception as error:
    print(json.dumps([type(error).__name__, stream.snapshot().verses]))
"""
    assert run(lines) == ["StreamTruncatedError", "Roses "]


def test_a_whole_answer_in_place_of_a_stream_is_one(run: Run, host: ScriptedHost) -> None:
    host.plays(answer(body={"id": "p", "verses": "Roses."}, content_type="application/json"))

    lines = """
with poems.write(about="roses", stream=True) as stream:
    print(json.dumps([list(stream.text_deltas()), stream.get_final_poem().to_dict()]))
"""
    assert run(lines) == [["Roses."], {"id": "p", "verses": "Roses."}]


def test_a_stream_whose_last_event_has_the_answer(run: Run, host: ScriptedHost) -> None:
    """It says more than the pieces did; and other names for the whole are none."""
    pieces = [{"type": "song.line", "line": "La "}, {"type": "song.line", "line": "la."}]
    last = {"type": "song.sung", "song": {"text": "La la.", "key": "C"}}
    host.plays(streamed(events(*pieces, last, end=b"")))

    lines = """
with songs.sing(stream=True) as stream:
    first = next(stream)
    rest = [type(event).__name__ for event in stream]
    whole = stream.get_final_song().to_dict()
    try:
        stream.get_final_completion()
    except AttributeError as error:
        wrong = str(error)
print(json.dumps([first.line, rest, whole, wrong]))
"""
    first, rest, whole, wrong = run(lines)  # type: ignore[misc]
    assert (first, rest) == ("La ", ["SongLine", "SongSung"])
    assert whole == {"text": "La la.", "key": "C"}
    assert wrong.endswith("this stream has get_final_song")


LETTER_REQUEST = {"about": "roses", "due": "2026-01-01T00:00:00Z", "count": 3, "toWhom": "Ada"}
LETTER = "due='2026-01-01T00:00:00Z', count=3, x_trace='abc', river='Rhine', reader='Ada'"


@pytest.mark.parametrize(
    "call",
    [
        f"letters.write('a/b', most=2, about='roses', stream=True, {LETTER})",
        f"letters.with_streaming_response.write(box_id='a/b', most=2, about='roses', {LETTER})",
        f"letters.write('a/b', most=2, stream=True, x_trace='abc', river='Rhine', request={LETTER_REQUEST})",
    ],
)
def test_a_stream_may_take_more_than_a_body(run: Run, host: ScriptedHost, call: str) -> None:
    """In the path, the query and a header; and its fields go out as those of a whole answer do."""
    host.plays(streamed(events({"id": "p", "verse": "Roses."}, end=b"data: THE END\n\n")))

    lines = f"""
letters = client.control_plane.letters
with {call} as stream:
    print(json.dumps(list(stream.text_deltas())))
"""
    assert run(lines) == ["Roses."]
    asked = host.asked[0]
    assert (asked.path, asked.headers["x-trace"]) == ("/v1/boxes/a%2Fb/letters?most=2&stream=Rhine", "abc")
    fields = {"about": "roses", "due": "2026-01-01T00:00:00Z", "count": "3", "toWhom": "Ada"}
    assert asked.json == {**fields, "live": True}


def test_a_whole_answer_of_a_call_that_may_stream_takes_as_much(run: Run, host: ScriptedHost) -> None:
    host.plays(*[answer(body={"id": "p", "verses": "Roses."})] * 2)

    lines = f"""
letters = client.control_plane.letters
whole = letters.write("a", most=2, about="roses", {LETTER})
raw = letters.with_raw_response.write("a", most=2, about="roses", {LETTER})
print(json.dumps([whole.verses, raw.status_code]))
"""
    assert run(lines) == ["Roses.", 200]
    assert {asked.path for asked in host.asked} == {"/v1/boxes/a/letters?most=2&stream=Rhine"}
    assert all(asked.json["count"] == "3" and "live" not in asked.json for asked in host.asked)


# `tm`.


def test_a_command_whose_call_takes_no_token_needs_no_login(changed: ChangedProject, host: ScriptedHost) -> None:
    host.plays(answer(body=[{"name": "red", "keys": 3}]), answer(body="A box.\n", content_type="text/plain"))
    base = {"TENSORMESH_CONTROL_PLANE_BASE_URL": host.url}

    listed = changed.tm("boxes", "list", "--x-trace", "abc", "--most", "2", "-o", "csv", **base)
    told = changed.tm("boxes", "describe", "red", **base)
    refused = changed.tm("boxes", "delete", "red", **base)

    assert (listed.returncode, listed.stdout) == (0, "name,keys\nred,3\n"), listed.stderr
    assert (told.returncode, told.stdout) == (0, "A box.\n"), told.stderr
    assert "not logged in" in refused.stderr
    assert [asked.headers.get("authorization") for asked in host.asked] == [None, None]
    assert (host.asked[0].path, host.asked[0].headers["x-trace"]) == ("/v1/boxes?most=2", "abc")


def test_a_command_without_an_answer_says_nothing(changed: ChangedProject, host: ScriptedHost) -> None:
    host.plays(answer(204))
    token = {"TENSORMESH_CONTROL_PLANE_BASE_URL": host.url, "TENSORMESH_CONTROL_PLANE_TOKEN": "t"}

    ran = changed.tm("boxes", "delete", "red", **token)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert host.asked[0].headers["authorization"] == "Bearer t"


def test_the_first_word_of_help_is_that_it_is_deprecated(changed: ChangedProject) -> None:
    """Of a command among others, of a command, and of an option."""
    assert "make      Deprecated. Make a box" in changed.tm("boxes", "--help").stdout
    text = " ".join(changed.tm("boxes", "make", "--help").stdout.split())
    assert " Deprecated. Make a box. " in text
    assert "--id TEXT Deprecated. Its id." in text


def test_a_command_of_a_call_that_may_stream_gives_the_whole(changed: ChangedProject, host: ScriptedHost) -> None:
    """There is no option that asks for pieces."""
    host.plays(answer(body={"id": "p", "verses": "Roses."}))
    token = {"TENSORMESH_CONTROL_PLANE_BASE_URL": host.url, "TENSORMESH_CONTROL_PLANE_TOKEN": "t"}

    more = ("--most", "2", "--river", "Rhine")
    ran = changed.tm("letters", "write", "a", "--about", "roses", *more, "-o", "json", "--query", "verses", **token)

    assert (ran.returncode, ran.stdout) == (0, '"Roses."\n'), ran.stderr
    assert host.asked[0].path == "/v1/boxes/a/letters?most=2&stream=Rhine"
    assert "--live" not in changed.tm("letters", "write", "--help").stdout


# Type checkers.


PROGRAM_TO_CHECK = """
from typing import assert_type
from tensormesh import Tensormesh
from tensormesh.types import Box, Poem

with Tensormesh() as client:
    assert_type(client.control_plane.boxes.list(), list[Box])
    assert_type(client.control_plane.boxes.describe("a"), str)
    assert_type(client.control_plane.boxes.delete("a"), None)
    with client.control_plane.poems.write(about="a", stream=True) as stream:
        assert_type(stream.get_final_poem(), Poem)
    with client.control_plane.letters.write("a", most=2, about="b", stream=True) as letter:
        assert_type(letter.get_final_poem(), Poem)
    assert_type(client.control_plane.letters.write("a", most=2, about="b", river="c", reader="d"), Poem)
    client.control_plane.letters.with_raw_response.write("a", most=2, request={"about": "b"})
    client.control_plane.letters.with_streaming_response.write(most=2, about="b")  # type: ignore[call-overload]
    client.control_plane.letters.write("a", about="b", stream=True)  # type: ignore[call-overload]
    client.control_plane.boxes.make(name="a")
    box = client.control_plane.boxes.list()[0]
    box.id = assert_type(box.id, str | None)
    Box(name="a", id="b")
"""


def test_type_checkers_know_what_the_documents_say(changed: ChangedProject) -> None:
    """Types of answers, names of wholes; and that a call is deprecated, and a field that is read or set."""
    file = changed.root / "program.py"
    file.write_text(PROGRAM_TO_CHECK, encoding="utf-8")

    strict = ("--strict", "--enable-error-code", "deprecated", "--cache-dir", str(ROOT / ".mypy_cache" / "changed"))
    ran = changed.process("-m", "mypy", *strict, "program.py", MYPYPATH=str(changed.root))

    *problems, _ = ran.stdout.splitlines()
    lines = [problem.partition(": error: ")[0] for problem in problems]
    assert (lines, ran.stderr) == (["program.py:18", "program.py:20", "program.py:20"], "")
    assert "is deprecated: use boxes.replace() instead  [deprecated]" in problems[0]
    assert all(problem.endswith("is deprecated: its documentation says why  [deprecated]") for problem in problems[1:])
