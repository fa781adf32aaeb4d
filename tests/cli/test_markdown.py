"""Answers set as Markdown: block after block, and through the gate."""

from __future__ import annotations

import re

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_cli.app import App
from tensormesh_cli.output.markdown_blocks import Blocks
from tensormesh_cli.output.rendering import Screen
from tensormesh_cli.terminal.markdown_text import MarkdownText
from tensormesh_cli.values.invisible import INVISIBLE
from tests.cases import cases
from tests.cli.test_terminal import EVIL

TEXT = """\
Hello **there**.
Second line.

# Heading

- a

- b
  more

  ```py
  x

  y
  ```

1. one

2. two

Text
```python
def f():

    return 1
```
After.

| a | b |
|---|---|
| 1 | 2 |

> quoted

> on

~~~~
```

~~~~
The end, which is not ended"""
BLOCKS = [
    "Hello **there**.\nSecond line.",
    "# Heading",
    "- a\n\n- b\n  more\n\n  ```py\n  x\n\n  y\n  ```\n\n1. one\n\n2. two",
    "Text",
    "```python\ndef f():\n\n    return 1\n```",
    "After.",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted\n\n> on",
    "~~~~\n```\n\n~~~~",
    "The end, which is not ended",
]


def cut(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def found(pieces: list[str]) -> list[str]:
    blocks = Blocks()
    return [block for piece in pieces for block in blocks.feed(piece)] + [last for last in [blocks.flush()] if last]


@cases("size", [1, 2, 7, 5000])
def test_blocks_are_the_same_however_they_arrive(size: int) -> None:
    assert found(cut(TEXT, size)) == BLOCKS


@given(st.lists(st.sampled_from(["\n", "\n\n", "```", "- a", "1. ", "|", "> ", "x", "  y", " ", "~~~"])))
def test_no_word_is_lost_between_blocks(pieces: list[str]) -> None:
    def words(text: str) -> str:
        return re.sub(r"\s", "", text)

    assert words("".join(found(pieces))) == words("".join(pieces))


def test_what_is_not_finished_can_be_looked_at() -> None:
    blocks = Blocks()

    assert blocks.feed("a\n\nb\nc") == ["a"]
    assert blocks.rest == "b\nc"


@pytest.fixture(params=[True, False], ids=["coloured", "plain"])
def app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> App:
    color: bool = request.param
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(App, "screen", Screen(terminal=True, color=color, width=60))
    monkeypatch.setattr(App, "colored", lambda app, stream: color)
    return App({})


def written(app: App, text: str, capsys: pytest.CaptureFixture[str], size: int = 3) -> str:
    output = MarkdownText(app)
    for piece in cut(text, size):
        output.write(piece)
    output.end()
    return capsys.readouterr().out


CURSOR = re.compile(r"\x1b\[\?25h\r?|\r?\x1b\[(2K|1A|\?25l)")
COLOUR = re.compile(r"\x1b\[[\d;]*m")


@pytest.mark.parametrize(
    "text",
    [
        f"Hi{EVIL}",
        f"# Hi{EVIL}",
        f"**Hi{EVIL}** `{EVIL}`",
        f"```py{EVIL}\nprint('{EVIL}')\n```",
        f"- {EVIL}\n\n| a{EVIL} | b |\n|---|---|\n| {EVIL[:9]} | c |",
        f"[text{EVIL}](http://h/{EVIL[:9]}) ![{EVIL}](x)",
        "&#x202e; &#27;[35m &#x9b;2J &#8294; &lrm; &#13;x &shy;",
        "[x](http://h/&#x202e;a) <http://h/\u202e> <b>\u202e</b>",
    ],
)
def test_no_character_that_a_terminal_obeys_is_left(text: str, app: App, capsys: pytest.CaptureFixture[str]) -> None:
    seen = CURSOR.sub("", written(app, text, capsys))
    assert "\x1b[35m\x1b[2J" not in seen
    if app.screen.color:
        seen = COLOUR.sub("", seen)

    assert {sign for sign in INVISIBLE.findall(seen) if sign not in "\n\t"} == set(), repr(seen)


def test_a_link_says_where_it_leads(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    seen = COLOUR.sub("", written(app, "[the bank](http://elsewhere.example)", capsys, 5000))

    assert "the bank (http://elsewhere.example)" in seen
    assert "\x1b]8" not in seen


def test_an_answer_in_several_pieces_is_set_once(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    screen = pyte.Screen(60, 60)
    pyte.Stream(screen).feed(written(app, TEXT, capsys).replace("\n", "\r\n"))
    seen = "\n".join(line.rstrip() for line in screen.display).rstrip()

    assert (
        seen
        == """\
Hello there. Second line.

                          Heading

 • a
 • b more

    x

    y


 1 one
 2 two

Text

 def f():

     return 1

After.

 a  b
 ────
 1  2


▌ quoted

▌ on

 ```

The end, which is not ended"""
    )


def test_a_row_has_no_blanks_at_its_end(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    seen = CURSOR.sub("", COLOUR.sub("", written(app, TEXT, capsys, 5000)))

    assert not any(line.endswith(" ") for line in seen.splitlines())
