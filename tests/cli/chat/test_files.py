"""Files and pictures that go along with a question."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tensormesh_local import LocalHost
from tests.cli.chat.conversations import MODEL, Opens, asked, said
from tests.cli.conftest import Tm
from tests.cli.processes import until

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


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
