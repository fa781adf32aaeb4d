"""Conversations that are kept, and gone on with."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from tensormesh_local import LocalHost
from tests.cli import processes
from tests.cli.chat.conversations import MODEL, Opens, asked, conversations, said
from tests.cli.conftest import Tm
from tests.cli.processes import until
from tests.cli.terminal import CTRL_D, Terminal


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
    with opens_plain(columns=400) as terminal:  # a place is longer than a line
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
    with opens_plain("chat", "--model", MODEL, "--no-save", columns=400) as terminal:
        terminal.enter(f"/load {tmp_path}/talk.json")
        terminal.sees("Going on with 'Say hello'")
        terminal.enter(f"/load {tmp_path}/talk.md")
        terminal.sees("is no conversation")
        terminal.enter("Say more")
        until(lambda: len(asked(host)) == 2)

    assert [content for _, content in said(asked(host)[1])] == ["Say hello", "hello", "Say more"]


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
