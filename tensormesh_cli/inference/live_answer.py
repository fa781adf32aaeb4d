"""An answer on the screen as it comes: what is waited for, what the model thinks, what it says."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Protocol, Self

import click

from tensormesh_cli.app import App
from tensormesh_cli.inference.answers import Piece
from tensormesh_cli.output.control_characters import visible

WAITING = "Waiting for the answer"
THINKING = "Thinking"
WRITING = "Writing the answer"


class TextOutput(Protocol):
    """Where the text of an answer goes."""

    def write(self, text: str) -> None: ...

    def end(self) -> None:
        """The text is over, whole or not. May be called twice."""


class PlainText:
    """The text as it is, on stdout; at its end the cursor stands at the beginning of a line."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._line_open = False

    def write(self, text: str) -> None:
        self._line_open = not text.endswith("\n")
        self._app.write(text)

    def end(self) -> None:
        if self._line_open:
            self._line_open = False
            self._app.write("\n")


class Aside:
    """What the model thinks, dim and on stderr, so that the answer alone is on stdout; an empty line after it."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._open = False
        self._line_open = False

    def write(self, text: str) -> None:
        if not self._open:
            text = text.lstrip("\n")
        if text:
            click.secho(visible(text), err=True, nl=False, dim=True, color=self._app.colored(sys.stderr))
            self._open = True
            self._line_open = not text.endswith("\n")

    def end(self) -> None:
        if self._open:
            self._open = False
            click.echo("\n" * (1 + self._line_open), err=True, nl=False)


class LiveAnswer:
    """
    Shows the pieces of one answer while its block runs. Until the first of them that can be seen, a terminal says that
    the model is awaited, or thinks; and where the text goes into a file, that it is written.

    Args:
        output: where the text goes.
        show_reasoning: print what the model thinks.
    """

    def __init__(self, app: App, output: TextOutput, *, show_reasoning: bool) -> None:
        self.text = ""
        """What came so far."""
        self._seen = app.screen.terminal
        self._output = output
        self._aside = Aside(app) if show_reasoning else None
        self._progress = app.progress(WAITING)

    def __enter__(self) -> Self:
        self._progress.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        if self._aside:
            self._aside.end()
        self._output.end()

    def show(self, piece: Piece) -> None:
        kind, text = piece
        if kind == "reasoning":
            self._think(text)
            return
        if not self.text:
            text = text.lstrip("\n")  # what models leave between thinking and speaking
        if text:
            if self._seen:
                self._progress.stop()
            else:
                self._progress.text = WRITING
            if self._aside:
                self._aside.end()
            self.text += text
            self._output.write(text)

    def _think(self, text: str) -> None:
        if self._aside is None:
            self._progress.text = THINKING
        elif text:
            self._progress.stop()
            self._aside.write(text)
