"""What is typed: lines, keys, and what Ctrl-C ends."""

from __future__ import annotations

import pytest

from tensormesh_local import LocalHost
from tests.cli.chat.conversations import Opens, asked, said
from tests.cli.conftest import Tm
from tests.cli.terminal import ALT_ENTER, CTRL_C, CTRL_D, ENTER, TAB, UP


def test_a_question_may_have_several_lines(opens: Opens, host: LocalHost) -> None:
    with opens() as terminal:
        terminal.sees(">>>")
        for number, lines in enumerate((['"""one', "", 'two"""'], ["one\\", "\\", "two"]), 1):
            for line in lines:
                terminal.enter(line)
            terminal.sees("...")
            terminal.sees("tokens in", times=number)

    assert [said(body)[-1] for body in asked(host)] == [("user", "one\n\ntwo")] * 2


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


def test_a_terminal_that_can_do_nothing_will_do(opens_plain: Opens, tm: Tm) -> None:
    tm.env["TERM"] = "dumb"

    with opens_plain(without=()) as terminal:
        terminal.enter("Say hello")
        terminal.sees("\nhello\n", "tokens in")
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
        assert b"\x1b[" not in terminal.raw.replace(b"\x1b[?2004h", b"").replace(b"\x1b[?2004l", b"")
