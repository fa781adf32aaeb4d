"""A question, its answer, and the next."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tensormesh_local import LocalHost
from tests.cli import processes
from tests.cli.chat.conversations import MODEL, Opens, asked, said
from tests.cli.conftest import Tm
from tests.cli.terminal import CTRL_D, Terminal
from tests.cli.test_terminal import EVIL
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed


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


FAULTS: list[dict[str, Any]] = [
    {"status": 429, "headers": {"Retry-After": "7"}},
    {"status": 503},
    {"reset": True},
    {"cut_after_events": 25},
]


def test_a_failure_does_not_end_the_conversation(opens_plain: Opens, host: LocalHost) -> None:
    with opens_plain("chat", "--model", MODEL, columns=160) as terminal:
        for failures, fault in enumerate(FAULTS, 1):
            host.faults.add({**fault, "match": {"path": "*chat/completions"}})
            last = 20 + failures
            terminal.enter("/clear")
            terminal.enter(f"Count to {last}")
            terminal.sees("Error: ", times=failures)
            terminal.enter("/retry")
            terminal.sees(f"{last - 1}, {last}.")
            terminal.sees("tokens in", times=failures)
            assert said(asked(host)[-1]) == [("user", f"Count to {last}")]
        assert terminal.process.poll() is None


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


def test_a_question_in_a_pipe_is_asked_once(tm: Tm) -> None:
    assert tm("chat", "Say hello", "--model", MODEL).stdout == "hello\n"
    assert not (tm.home / "conversations").exists()


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
