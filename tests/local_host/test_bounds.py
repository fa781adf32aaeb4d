"""
Whatever is asked of a local host, it is answered soon, and the answer has a bound.

No test here has a clock. What would take the square of its length takes hours at the lengths here, or all memory.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh_documents.pointers import walk
from tensormesh_local.control_plane.document import control_plane_document
from tensormesh_local.control_plane.proto_json import ProtoReader
from tensormesh_local.engine.answer import Answer, GenerationRequest, OutputFormat, answer
from tensormesh_local.engine.arithmetic import worked_out
from tensormesh_local.engine.conversation import Conversation, Message
from tensormesh_local.engine.generation import generate
from tensormesh_local.engine.replies import reply
from tensormesh_local.engine.sampling import Sampling
from tensormesh_local.engine.schema_values import LARGEST, Material, fill
from tensormesh_local.engine.tool_calls import MOST_CALLS
from tensormesh_local.engine.tools import Tool, ToolUse
from tensormesh_local.faults.event_damage import EventDamage
from tensormesh_local.faults.script import read_fault
from tensormesh_local.inference.sampling import MOST_TOKENS
from tests.cases import cases
from tests.local_host.conftest import MODEL

type Refused = Callable[..., dict[str, Any]]

MANY = 1_000_000


@cases("sign", ["(", ".", "1.", "(1", "1+", "1 ", "(-"])
def test_what_looks_like_a_sum_and_is_none_is_looked_at_once(sign: str) -> None:
    assert worked_out(sign * MANY) is None


@cases(
    ("text", "sum_"),
    [
        ("((1+2)*3) (", "((1+2)*3) = 9."),
        ("(+ 1+1 +(", None),
        ("what is -- 7*6?", "7*6 = 42."),
        ("2-", None),
        (") 3+4", "3+4 = 7."),
    ],
)
def test_a_sum_is_found_among_its_signs(text: str, sum_: str | None) -> None:
    assert worked_out(text) == sum_


@pytest.mark.parametrize("text", ["9999999^64*" * 9 + "1", "1/3^64/" * 60 + "7"])
def test_a_result_that_is_too_long_to_be_told_is_none(text: str) -> None:
    assert worked_out(text) is None


@pytest.mark.parametrize("text", ["write " * 200_000, "show me\n" * 200_000, "say x" + "\n" * MANY + "y"])
def test_a_question_is_read_once(text: str) -> None:
    assert reply(text)


@cases(
    ("said", "repeated"),
    [
        ("say 'Hello' \n", "Hello"),
        ("say Hello", "Hello"),
        ('say "', '"'),
        ("say: a 'b' c", "a 'b' c"),
        ("say \n\n", "\n"),
    ],
)
def test_what_is_to_be_said_ends_where_it_ends(said: str, repeated: str) -> None:
    assert reply(said) == repeated


@cases("text", ["a-" * MANY, "“" * MANY, "The " * MANY, "A-" * MANY, "1a" * MANY, "a@" * MANY])
def test_a_text_is_read_for_what_it_offers_up_to_a_bound(text: str) -> None:
    kinds = {"email": {"type": "string", "format": "email"}, "text": {"type": "string"}, "n": {"type": "integer"}}

    found = fill({"type": "object", "properties": kinds}, Material.of(text))

    assert isinstance(found, dict)
    assert found["email"] == "user@example.com"


def nested(levels: int, schema: dict[str, Any]) -> dict[str, Any]:
    for _ in range(levels):
        schema = {"type": "array", "minItems": 10**9, "items": schema}
    return schema


LONG = "x" * 10_000


@cases(
    "part",
    [
        nested(1, {"type": "integer"}),
        nested(3, {"type": "integer"}),
        nested(1, {"type": "string"}),
        nested(1, {"const": LONG}),
        nested(1, {"enum": [LONG, "b"]}),
        nested(1, {"$ref": "#/properties/text"}),
        nested(1, {"$ref": f"#/{LONG}"}),
        nested(1, {"type": "object", "properties": {f"k{number}": {} for number in range(1000)}, "required": []}),
        {"type": "object", "properties": {f"k{number}": {"$ref": "#"} for number in range(1000)}},
    ],
    ids=["items", "items of items", "texts", "constants", "words", "references", "no references", "none", "a fan"],
)
def test_a_schema_that_asks_for_more_than_fits_gets_as_much_as_fits(part: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"text": {"type": "string"}, "part": part}}

    value = fill(schema, Material.of(f"'{LONG[:5000]}'"))

    assert len(json.dumps(value)) < 10 * LARGEST


def test_numbers_beyond_all_bounds_bound_nothing() -> None:
    schema = {"type": "integer", "minimum": float("inf"), "maximum": float("nan")}

    assert fill(schema, Material.of("9" * 400)) == 1


def test_many_items_are_cut_where_the_context_ends() -> None:
    schema = {"type": "object", "properties": {"a": nested(1, {"type": "integer"})}}
    question = Conversation((Message("user", "a"),))

    said = generate(
        answer(GenerationRequest(question, output_format=OutputFormat(json_schema=schema))),
        Sampling(),
        token_budget=100_000,
    )

    assert said.finish_reason == "length"
    assert len(said.steps) == 100_000


def ask_with(tools: int, question: str = "What is the weather in Paris and Tokyo?") -> tuple[Any, ...]:
    city = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    offered = tuple(Tool(f"get_weather_{number}", "Weather", city) for number in range(tools))
    return answer(GenerationRequest(Conversation((Message("user", question),)), ToolUse(offered, "auto"))).calls


def test_as_many_tools_as_anybody_offers_make_as_many_calls_as_anybody_runs() -> None:
    assert len(ask_with(tools=20_000)) == MOST_CALLS
    assert len(ask_with(tools=1, question="weather in " + ", ".join(f"N{n}x" for n in range(9000)))) == MOST_CALLS
    assert [call.arguments for call in ask_with(tools=1)] == ['{"city": "Paris"}', '{"city": "Tokyo"}']


def test_every_tool_has_the_numbers_of_the_question_for_itself() -> None:
    add = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}
    offered = tuple(Tool(name, "Sums", add) for name in ("sum_one", "sum_two"))

    calls = answer(
        GenerationRequest(Conversation((Message("user", "the sum of 3 and 4"),)), ToolUse(offered, "auto"))
    ).calls

    assert [call.arguments for call in calls] == ['{"a": 3, "b": 4}'] * 2


def test_more_choices_than_fit_are_refused_with_what_to_do(refused: Refused) -> None:
    fields = {"model": MODEL, "n": 16_384, "min_tokens": 10_000}
    for path, body in (
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "a"}], **fields}),
        ("/v1/completions", {"prompt": "a", "max_tokens": 10_000, **fields}),
    ):
        message = refused(path, body)["message"]

        assert f"more than {MOST_TOKENS} tokens" in message
        assert "ask for fewer choices, or limit each by max_tokens" in message


@pytest.mark.parametrize("stop", ["ab" * MANY + "c", "b" * 500_000 + "a"])
def test_a_stop_string_is_looked_for_once(stop: str) -> None:
    said = generate(Answer("ab" * 200_000), Sampling(stop=(stop,)), token_budget=MANY)

    assert said.finish_reason == "stop"
    assert said.stop_reason is None


def test_a_stop_string_ends_an_answer_in_the_midst_of_a_token() -> None:
    said = generate(Answer("one two three"), Sampling(stop=("ree", "hree", "wo th")), token_budget=100)

    assert said.text("content") == "one t"
    assert said.stop_reason == "wo th"


class Counted(dict[str, Any]):
    """An object that counts how often it is looked into."""

    looks = 0

    def __getitem__(self, key: str) -> Any:
        Counted.looks += 1
        return super().__getitem__(key)


def test_every_part_of_a_pointer_is_gone_once() -> None:
    with pytest.raises(LookupError):
        walk({}, ["a"] * MANY)

    value: Any = Counted(a=1)
    value["a"] = value
    keys, _ = walk(value, ["a"] * 300_000)

    assert len(keys) == 300_000
    assert Counted.looks == 300_000


EVENT = b'data: {"a": 1}\n\n'


@pytest.mark.parametrize("pieces", [1, 100_000])
def test_events_are_cut_out_of_what_came_once(pieces: int) -> None:
    damage = EventDamage(read_fault({"drop_done": True}))
    whole = EVENT * 300_000
    size = len(whole) // pieces

    out = [damage.feed(whole[at : at + size]) for at in range(0, len(whole), size)]

    assert b"".join(out) == whole


def test_an_event_that_never_ends_is_looked_through_once() -> None:
    damage = EventDamage(read_fault({"drop_done": True}))

    for _ in range(100_000):
        assert damage.feed(b"x" * 50) == b""

    assert damage.feed(b"\n") == b""
    assert len(damage.feed(b"\n")) == 5_000_002


def test_what_is_wrong_with_each_of_many_items_is_noted_once() -> None:
    reader = ProtoReader(control_plane_document())
    item = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a", "b"]}

    reader.value({"type": "array", "items": item}, [{"a": 1}] * 50_000, "items")

    assert len(reader.violations) == 100_000
    assert [one.field for one in reader.violations[:2]] == ["items[0].a", "items[0].b"]
