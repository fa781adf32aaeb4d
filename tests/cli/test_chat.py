"""`tm chat` in a real terminal, with prompt-toolkit and rich, and without either."""

from __future__ import annotations

import base64
import json
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tensormesh_local import LocalHost
from tests.cli import processes
from tests.cli.conftest import Tm
from tests.cli.processes import until
from tests.cli.terminal import ALT_ENTER, CTRL_C, CTRL_D, ENTER, TAB, UP, Terminal
from tests.cli.test_terminal import EVIL
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed

MODEL = "openai/gpt-oss-20b"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

Opens = Callable[..., Terminal]


@pytest.fixture(params=[(), ("rich", "prompt_toolkit")], ids=["with the extra", "without"])
def without(request: pytest.FixtureRequest) -> tuple[str, ...]:
    found: tuple[str, ...] = request.param
    return found


@pytest.fixture
def opens(tm: Tm, without: tuple[str, ...]) -> Opens:
    """Starts `tm` on a terminal."""

    def start(*arguments: str, **how: Any) -> Terminal:
        how = {"without": without} | how
        return Terminal(arguments or ["chat", "--model", MODEL], processes.environment(tm), **how)

    return start


@pytest.fixture
def opens_plain(tm: Tm) -> Opens:
    """The same where it does not matter what is typed with."""
    return lambda *arguments, **how: Terminal(
        arguments or ["chat", "--model", MODEL],
        processes.environment(tm),
        **({"without": ("rich", "prompt_toolkit")} | how),
    )


def asked(host: LocalHost) -> list[Any]:
    """The bodies of all questions."""
    return [request.body for request in host.requests if request.path.endswith("/chat/completions")]


def said(body: Any) -> list[tuple[str, Any]]:
    return [(message["role"], message["content"]) for message in body["messages"]]


def conversations(tm: Tm) -> list[Path]:
    return sorted((tm.home / "conversations").glob("*.json"))


def test_a_conversation_is_held_with_its_history(opens: Opens, host: LocalHost) -> None:
    with opens() as terminal:
        terminal.sees(f"Talking to {MODEL}.", ">>>")
        terminal.enter("Say hello")
        terminal.sees("\nhello\n")
        terminal.sees("tokens in")
        terminal.enter("Say good bye")
        terminal.sees("\ngood bye\n")
        terminal.enter("/usage")
        terminal.sees("2 answers: ")
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
        assert "`tm chat --continue` goes on." in terminal.text

    assert said(asked(host)[1]) == [("user", "Say hello"), ("assistant", "hello"), ("user", "Say good bye")]


@pytest.mark.parametrize("command", [["infer", "chat"], ["chat"]])
def test_a_chat_without_a_question_is_a_conversation_on_a_terminal(opens_plain: Opens, command: list[str]) -> None:
    with opens_plain(*command) as terminal:
        terminal.sees(f"Model: {MODEL}", ">>>")
        terminal.enter("/exit")
        assert terminal.ends() == 0


@pytest.mark.parametrize("options", [["--query", "id"], ["-o", "json"], ["--columns", "index"]])
def test_a_conversation_is_text_and_says_so(opens_plain: Opens, options: list[str]) -> None:
    with opens_plain("chat", *options, columns=160) as terminal:
        terminal.sees("A conversation is text", "give a question")
        assert terminal.ends() == 2


def test_a_question_on_the_command_line_is_the_first(opens_plain: Opens, host: LocalHost) -> None:
    with opens_plain("chat", "Say hello", "--model", MODEL, "--temperature", "0", "--max-tokens", "99") as terminal:
        terminal.sees("\nhello\n", ">>>")
        terminal.type(CTRL_D)
        assert terminal.ends() == 0

    assert asked(host)[0]["temperature"] == 0
    assert asked(host)[0]["max_tokens"] == 99


def test_after_each_answer_stands_what_it_took(opens_plain: Opens) -> None:
    with opens_plain() as terminal:
        terminal.enter("Count to 50")
        terminal.sees("tokens in")
        assert re.search(r"\n\d+ tokens in, \d+ out, 0\.\d{6} USD\n", terminal.text)
        terminal.enter("Count to 60")
        terminal.sees("59, 60.\n")
        terminal.enter("Say hello")
        terminal.sees("of them cached)")
        terminal.enter("/usage")
        terminal.sees("3 answers: ")


def test_without_a_login_there_are_tokens_and_no_price(tm: Tm, opens_plain: Opens) -> None:
    tm.env["TENSORMESH_CONTROL_PLANE_TOKEN"] = ""

    with opens_plain() as terminal:
        terminal.enter("Say hello")
        terminal.sees(" out\n")
        assert "USD" not in terminal.text
        assert "Error" not in terminal.text


@pytest.mark.parametrize("lines", [['"""one', "", 'two"""'], ["one\\", "\\", "two"]])
def test_a_question_may_have_several_lines(opens: Opens, host: LocalHost, lines: list[str]) -> None:
    with opens() as terminal:
        terminal.sees(">>>")
        for line in lines:
            terminal.enter(line)
        terminal.sees("...", "tokens in")

    assert said(asked(host)[0]) == [("user", "one\n\ntwo")]


def test_what_is_pasted_keeps_its_lines(opens: Opens, host: LocalHost) -> None:
    with opens() as terminal:
        terminal.sees(">>>")
        terminal.type("\x1b[200~one\ntwo\n/three\x1b[201~")
        terminal.sees("/three")
        terminal.type(ENTER)
        terminal.sees("tokens in")

    assert said(asked(host)[0]) == [("user", "one\ntwo\n/three")]


def test_a_key_begins_another_line(opens: Opens, host: LocalHost, without: tuple[str, ...]) -> None:
    if without:
        pytest.skip("readline has no key for it")
    with opens() as terminal:
        terminal.sees(">>>")
        terminal.type(f"one{ALT_ENTER}two{ENTER}")
        terminal.sees("tokens in")

    assert said(asked(host)[0]) == [("user", "one\ntwo")]


def test_ctrl_c_ends_the_answer_and_not_the_conversation(opens: Opens, host: LocalHost) -> None:
    host.faults.add({"stall_after_events": 60})

    with opens("chat", "--model", "openai/gpt-oss-20b") as terminal:
        terminal.sees(">>>")
        terminal.enter("Count to 200")
        terminal.sees("1, 2, 3")
        terminal.type(CTRL_C)
        terminal.sees("Interrupted. What came is kept. /retry asks again.")
        terminal.enter("Say hello")
        terminal.sees("\nhello\n")
        terminal.type(CTRL_D)
        assert terminal.ends() == 0

    roles = [role for role, _ in said(asked(host)[1])]
    assert roles == ["user", "assistant", "user"]
    assert said(asked(host)[1])[1][1].startswith("1, 2, 3")


def test_ctrl_c_before_the_first_word_leaves_the_question_to_be_asked_again(opens: Opens, host: LocalHost) -> None:
    host.faults.add({"delay_seconds": 30, "match": {"path": "*chat/completions"}})

    with opens() as terminal:
        terminal.sees(">>>")
        terminal.enter("Say hello")
        terminal.sees("Waiting for the answer")
        terminal.type(CTRL_C)
        terminal.sees("Interrupted. /retry asks again.")
        terminal.enter("/retry")
        terminal.sees("\nhello\n")

    assert said(asked(host)[-1]) == [("user", "Say hello")]


def test_ctrl_c_at_the_prompt_drops_what_was_typed(opens: Opens, host: LocalHost) -> None:
    with opens() as terminal:
        terminal.sees(">>>")
        terminal.enter('"""half a')
        terminal.sees("...")
        terminal.type(f"question{CTRL_C}")
        terminal.sees("Ctrl-D, or /exit, ends the conversation.")
        terminal.enter("Say hello")
        terminal.sees("\nhello\n")

    assert said(asked(host)[0]) == [("user", "Say hello")]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 429, "headers": {"Retry-After": "7"}}, "Error: "),
        ({"status": 503}, "Error: "),
        ({"reset": True}, "Error: "),
        ({"cut_after_events": 25}, "Error: "),
    ],
    ids=["too many", "busy", "reset", "cut"],
)
def test_a_failure_does_not_end_the_conversation(
    opens_plain: Opens, host: LocalHost, fault: dict[str, Any], words: str
) -> None:
    host.faults.add({**fault, "match": {"path": "*chat/completions"}})

    with opens_plain() as terminal:
        terminal.enter("Count to 20")
        terminal.sees(words)
        terminal.enter("/retry")
        terminal.sees("18, 19, 20.", "tokens in")
        assert terminal.process.poll() is None

    assert said(asked(host)[-1]) == [("user", "Count to 20")]


def test_the_model_is_changed_by_a_part_of_its_name(opens_plain: Opens, host: LocalHost) -> None:
    with opens_plain() as terminal:
        terminal.enter("/model")
        terminal.sees(f"* {MODEL}", "  openai/gpt-oss-120b")
        terminal.enter("/model gpt")
        terminal.sees("'gpt' may be openai/gpt-oss-")
        terminal.enter("/model gpt-oss-12b")
        terminal.sees("did you mean openai/gpt-oss-")
        terminal.enter("/model 120b")
        terminal.sees("Model: openai/gpt-oss-120b.")
        terminal.enter("Say hello")
        terminal.sees("tokens in")

    assert asked(host)[0]["model"] == "openai/gpt-oss-120b"


def test_what_is_set_goes_along(opens_plain: Opens, host: LocalHost) -> None:
    with opens_plain() as terminal:
        terminal.enter("/system Be brief.")
        terminal.sees("System: Be brief.")
        terminal.enter("/set temperature 0.25")
        terminal.sees("temperature 0.25")
        terminal.enter("/set temperature hot")
        terminal.sees("temperature cannot be 'hot'")
        terminal.enter("/modle x")
        terminal.sees("did you mean /model?")
        terminal.enter("//help is what?")
        terminal.sees("tokens in")

    assert said(asked(host)[0]) == [("system", "Be brief."), ("user", "/help is what?")]
    assert asked(host)[0]["temperature"] == 0.25


def test_help_lists_all_commands(opens_plain: Opens) -> None:
    with opens_plain() as terminal:
        terminal.enter("/help")
        terminal.sees(*(f"/{name}" for name in ("model", "system", "save", "clear", "retry", "file", "image", "exit")))
        terminal.sees("`pip install rich prompt-toolkit`")


def test_what_the_model_thinks_is_shown_on_request(opens: Opens) -> None:
    with opens() as terminal:
        terminal.sees(">>>")
        terminal.enter("Say hello")
        terminal.sees("tokens in")
        assert "The user says" not in terminal.text
        terminal.enter("/reasoning on")
        terminal.enter("Say good bye")
        terminal.sees("The user says", "\ngood bye\n")


def test_files_go_along_with_the_first_question_or_the_next(
    opens_plain: Opens, host: LocalHost, tmp_path: Path
) -> None:
    (tmp_path / "notes.md").write_text("Buy milk.\n")
    (tmp_path / "my list.md").write_text("Eggs")

    with opens_plain("chat", "--model", MODEL, "-f", str(tmp_path / "notes.md")) as terminal:
        terminal.enter("What is missing?")
        terminal.sees("tokens in")
        terminal.enter(f'/file "{tmp_path}/my list.md"')
        terminal.sees("my list.md goes along with your next question.")
        terminal.enter("/file no-such")
        terminal.sees("no-such cannot be read: No such file or directory")
        terminal.enter("And here?")
        until(lambda: len(asked(host)) == 2)

    first, *_, last = said(asked(host)[1])
    assert first == ("user", '<file name="notes.md">\nBuy milk.\n</file>\n\nWhat is missing?')
    assert last == ("user", '<file name="my list.md">\nEggs\n</file>\n\nAnd here?')


def test_files_and_pictures_go_along_with_one_question(tm: Tm, host: LocalHost, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "a.txt").write_text("x")
    tm("infer", "chat", "Why?", "--model", MODEL, "-f", str(tmp_path / "a.txt"), "--image", str(tmp_path / "a.png"))
    tm("infer", "chat", "--model", MODEL, "-f", "-", "--image", "https://h.example/p.png", input="from a pipe")

    first, second = (said(body)[0][1] for body in asked(host))
    assert first == [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(PNG).decode()}"}},
        {"type": "text", "text": '<file name="a.txt">\nx\n</file>\n\nWhy?'},
    ]
    assert second == [
        {"type": "image_url", "image_url": {"url": "https://h.example/p.png"}},
        {"type": "text", "text": '<file name="standard input">\nfrom a pipe\n</file>'},
    ]


@pytest.mark.parametrize(
    ("option", "content", "words"),
    [
        ("-f", b"\xff\xfe\x00\xd8", "it is not UTF-8 text"),
        ("--image", b"text", "is no picture that models read"),
        ("--image", None, "No such file or directory"),
        ("-f", None, "No such file or directory"),
    ],
)
def test_a_file_that_cannot_go_along_is_told_before_anything_is_sent(
    tm: Tm, host: LocalHost, tmp_path: Path, option: str, content: bytes | None, words: str
) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)

    outcome = tm("infer", "chat", "Why?", "--model", MODEL, option, str(file))

    assert outcome.code == 1
    assert words in outcome.stderr
    assert list(host.requests) == []


def test_how_an_answer_is_chosen_is_said_by_options(tm: Tm, host: LocalHost) -> None:
    tm("infer", "chat", "Say hello", "--model", MODEL, "--temperature", "0.5", "--top-p", "0.9", "--seed", "7")
    tm("infer", "completions", "Once", "--model", MODEL, "--stop", "a", "--stop", "b", "--max-tokens", "5")

    chat, text = (request.body for request in host.requests)
    assert (chat["temperature"], chat["top_p"], chat["seed"]) == (0.5, 0.9, 7)
    assert (text["stop"], text["max_tokens"]) == (["a", "b"], 5)
    assert tm("infer", "chat", "Say hello", "--temperature", "nan").code == 2


def test_a_conversation_is_kept_for_its_owner_only_and_gone_on_with(tm: Tm, opens: Opens, host: LocalHost) -> None:
    with opens("chat", "--model", MODEL, "--system", "Be brief.", "--temperature", "0") as terminal:
        terminal.sees(">>>")
        terminal.enter("Say hello")
        terminal.sees("tokens in")
        terminal.type(CTRL_D)
        terminal.ends()
    [kept] = conversations(tm)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((tm.home / "typed_lines").stat().st_mode) == 0o600

    with opens("chat", "--continue") as terminal:
        terminal.sees("Going on with 'Say hello', 1 question.", "\nhello\n", f"Talking to {MODEL}.")
        terminal.enter("Say good bye")
        terminal.sees("\ngood bye\n", "tokens in")
        terminal.type(CTRL_D)
        terminal.ends()

    assert [content for _, content in said(asked(host)[1])] == ["Be brief.", "Say hello", "hello", "Say good bye"]
    assert asked(host)[1]["temperature"] == 0
    assert conversations(tm) == [kept]
    assert "ak-" not in kept.read_text()
    assert tm.env["TENSORMESH_INFERENCE_API_KEY"] not in kept.read_text()


def test_one_more_question_goes_on_with_a_conversation_without_a_terminal(tm: Tm, host: LocalHost) -> None:
    assert tm("chat", "--continue", "Why?").stderr.startswith("Error: There is no conversation to go on with.")
    with Terminal(["chat", "--model", MODEL], processes.environment(tm)) as terminal:
        terminal.sees(">>>")
        terminal.enter("Say hello")
        terminal.sees("tokens in")

    for command in (["infer", "chat"], ["chat"]):
        outcome = tm(*command, "--continue", "Say good bye")
        assert (outcome.code, outcome.stdout) == (0, "good bye\n"), outcome.stderr
    name = conversations(tm)[0].stem
    assert tm("chat", "--conversation", name, "-", input="Say good night\n").stdout == "good night\n"

    assert len(said(asked(host)[-1])) == 7
    assert tm("chat", "--continue", "What is this?", input="from a pipe\n").code == 0
    assert said(asked(host)[-1])[-1] == ("user", "from a pipe\n\nWhat is this?")
    assert tm("chat", "--conversation", "../config").code == 2
    assert tm("chat", "--continue").code == 2
    assert tm("chat", "--continue", "x", "-o", "json").code == 2


def test_a_question_in_a_pipe_is_asked_once(tm: Tm) -> None:
    assert tm("chat", "Say hello", "--model", MODEL).stdout == "hello\n"
    assert not (tm.home / "conversations").exists()


def test_nothing_is_kept_where_nothing_is_to_be(tm: Tm, opens_plain: Opens) -> None:
    with opens_plain("chat", "--model", MODEL, "--no-save") as terminal:
        terminal.enter("Say hello")
        terminal.sees("tokens in")
        terminal.enter("/save")
        terminal.sees("This conversation is not kept.")
        terminal.type(CTRL_D)
        assert terminal.ends() == 0

    assert not tm.home.exists() or not any(tm.home.iterdir())


def test_two_who_go_on_with_one_conversation_lose_nothing(tm: Tm, opens_plain: Opens) -> None:
    with opens_plain() as first:
        first.enter("Say one")
        first.sees("tokens in")
        with opens_plain("chat", "--continue") as second:
            second.enter("Say two")
            second.sees("\ntwo\n", "tokens in")
        first.enter("/load")
        first.sees("Say one\n>>>")
        first.enter("Say three")
        first.sees("Another tm has gone on with")

    texts = [path.read_text() for path in conversations(tm)]
    assert len(texts) == 2
    assert "two" in texts[0]
    assert "three" not in texts[0]
    assert "three" in texts[1]


def test_a_folder_that_cannot_be_written_to_ends_no_conversation(tm: Tm, opens_plain: Opens) -> None:
    tm.home.mkdir()
    (tm.home / "conversations").write_text("a file")

    with opens_plain() as terminal:
        terminal.enter("Say hello")
        terminal.sees("\nhello\n", "The conversation is not kept: ")
        terminal.enter("Say good bye")
        terminal.sees("\ngood bye\n")
        assert terminal.text.count("is not kept") == 1


def test_clear_begins_anew_and_earlier_conversations_can_be_loaded(tm: Tm, opens_plain: Opens, host: LocalHost) -> None:
    with opens_plain() as terminal:
        terminal.enter("/load")
        terminal.sees("There are no earlier conversations.")
        terminal.enter("Say hello")
        terminal.sees("tokens in")
        terminal.enter("/clear")
        terminal.sees("A new conversation.")
        terminal.enter("Say good bye")
        terminal.sees("\ngood bye\n")
        until(lambda: len(conversations(tm)) == 2)
        terminal.enter("/load")
        terminal.sees("  Say hello", "  Say good bye")
        terminal.enter(f"/load {conversations(tm)[0].stem}")
        terminal.sees("Going on with 'Say hello'")
        terminal.enter("Say it again")
        until(lambda: len(asked(host)) == 3)

    assert [content for _, content in said(asked(host)[1])] == ["Say good bye"]
    assert [content for _, content in said(asked(host)[2])] == ["Say hello", "hello", "Say it again"]


def test_a_conversation_is_saved_to_read_and_to_go_on_from(opens_plain: Opens, host: LocalHost, tmp_path: Path) -> None:
    with opens_plain() as terminal:
        terminal.enter("/save")
        terminal.sees("Nothing was said yet.")
        terminal.enter("Say hello")
        terminal.sees("tokens in")
        terminal.enter(f"/save {tmp_path}/talk.md")
        terminal.sees("Written to")
        terminal.enter(f"/save {tmp_path}/talk.md")
        terminal.sees("is there already.")
        terminal.enter(f"/save {tmp_path}/talk.json")
        until((tmp_path / "talk.json").exists)

    assert (tmp_path / "talk.md").read_text() == (
        f"# Say hello\n\nModel: {MODEL}\n\n## Question\n\nSay hello\n\n## Answer\n\nhello\n"
    )
    with opens_plain("chat", "--model", MODEL, "--no-save") as terminal:
        terminal.enter(f"/load {tmp_path}/talk.json")
        terminal.sees("Going on with 'Say hello'")
        terminal.enter(f"/load {tmp_path}/talk.md")
        terminal.sees("is no conversation")
        terminal.enter("Say more")
        until(lambda: len(asked(host)) == 2)

    assert [content for _, content in said(asked(host)[1])] == ["Say hello", "hello", "Say more"]


def test_what_was_typed_comes_back_and_commands_are_completed(opens: Opens, host: LocalHost) -> None:
    with opens() as terminal:
        terminal.sees(">>>")
        terminal.enter("Say hello")
        terminal.sees("tokens in")
        terminal.type(CTRL_D)
        terminal.ends()

    with opens() as terminal:
        terminal.sees(">>>")
        terminal.type(UP)
        terminal.sees(">>> Say hello")
        terminal.type(ENTER)
        terminal.sees("tokens in")
        terminal.type(f"/rea{TAB}")
        terminal.sees(">>> /reasoning")
        terminal.type(f"{ENTER}")
        terminal.sees("What the model thinks is shown.")

    assert len(asked(host)) == 2


def test_whatever_a_host_says_no_terminal_obeys_it(
    offline: Tm, without: tuple[str, ...], scripted: ScriptedHost
) -> None:
    offline.env |= {
        "TENSORMESH_SERVERLESS_BASE_URL": scripted.url,
        "TENSORMESH_CONTROL_PLANE_BASE_URL": scripted.url,
        "TENSORMESH_INFERENCE_API_KEY": "ak",
    }
    chat = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": EVIL}
    deltas = [{"reasoning": f"theirs{EVIL}"}, {"content": f"**Hi{EVIL}** &#x202e;\n\n"}, {"content": f"\n\n{EVIL}"}]
    scripted.plays(streamed(events(*[chat | {"choices": [{"index": 0, "delta": delta}]} for delta in deltas])))
    scripted.plays(answer(400, {"error": {"message": f"No{EVIL}"}}))
    scripted.plays(answer(200, {"object": "list", "data": [{"id": f"m{EVIL}"}]}))

    with Terminal(
        ["chat", "--model", "m", "--show-reasoning"], processes.environment(offline), without=without
    ) as terminal:
        terminal.sees(">>>")
        terminal.enter("Hi")
        terminal.sees("Hi\\x1b[35m")
        terminal.enter("Hi again")
        terminal.sees("Error: ")
        terminal.enter("/model")
        terminal.sees("  m\\x1b[35m")
        seen = terminal.raw.decode()

    for sign in ("\x1b[35m", "\x1b[2J", "\x9b", "\x7f", "\x85", "\u202e", "\u2066", "\u2028", "\ufeff", "\U000e0041"):
        assert sign not in seen, ascii(sign)


def test_a_missing_key_is_told_before_anybody_is_asked_to_type(opens_plain: Opens, tm: Tm) -> None:
    tm.env["TENSORMESH_INFERENCE_API_KEY"] = ""

    with opens_plain() as terminal:
        assert terminal.ends() == 2
        assert terminal.text.startswith("Error: There is no key for inference.")


def test_a_terminal_that_can_do_nothing_will_do(opens_plain: Opens, tm: Tm) -> None:
    tm.env["TERM"] = "dumb"

    with opens_plain(without=()) as terminal:
        terminal.enter("Say hello")
        terminal.sees("\nhello\n", "tokens in")
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
        assert b"\x1b[" not in terminal.raw.replace(b"\x1b[?2004h", b"").replace(b"\x1b[?2004l", b"")


@pytest.mark.parametrize(("options", "markdown"), [([], True), (["--no-markdown"], False), (["-o", "text"], False)])
def test_answers_are_set_as_markdown_unless_told_otherwise(
    opens_plain: Opens, options: list[str], markdown: bool
) -> None:
    with opens_plain("chat", "--model", MODEL, *options, without=()) as terminal:
        terminal.sees(">>>")
        terminal.enter("Write a program")
        terminal.sees("def main()", "tokens in")
        assert ("```" in terminal.text) is not markdown


def test_markdown_that_is_not_installed_is_told(opens_plain: Opens) -> None:
    with opens_plain("infer", "chat", "Say hello", "--model", MODEL, "--markdown") as terminal:
        assert terminal.ends() == 1
        assert "`pip install rich prompt-toolkit`" in terminal.text
    with opens_plain("infer", "chat", "Write a program", "--model", MODEL, "--markdown", without=()) as terminal:
        assert terminal.ends() == 0
        assert "```" not in terminal.text


def test_a_conversation_on_demand_goes_on_on_demand(tm: Tm, opens_plain: Opens, host: LocalHost) -> None:
    with opens_plain("chat", "--surface", "on-demand", "--model", "@latest") as terminal:
        terminal.enter("Say hello")
        terminal.sees("tokens in")
        assert "USD" not in terminal.text

    assert tm("chat", "--continue", "Say good bye").stdout == "good bye\n"
    assert [request.headers["x-user-id"] for request in host.requests if "completions" in request.path][1]
    with opens_plain() as terminal:
        terminal.enter(f"/load {conversations(tm)[0].stem}")
        terminal.sees("That conversation was held on on-demand hosts")


def test_files_that_are_no_conversations_are_passed_over(tm: Tm, opens_plain: Opens) -> None:
    folder = tm.home / "conversations"
    folder.mkdir(parents=True)
    (folder / "broken.json").write_text("{")
    os.utime(folder / "broken.json", (1, 1))

    with opens_plain() as terminal:
        terminal.enter("Say hello")
        terminal.sees("tokens in")
        terminal.enter("/load broken")
        terminal.sees("is no conversation")
        terminal.enter("/load")
        terminal.sees("Say hello\n>>>")
    assert json.loads(conversations(tm)[0].read_text())["turns"]
