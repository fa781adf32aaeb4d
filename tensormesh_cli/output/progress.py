"""A line on a terminal that says what is being waited for, and goes away again."""

from __future__ import annotations

import shutil
import threading
from types import TracebackType
from typing import Self

import click

from tensormesh_cli.output.control_characters import visible

_SIGNS = "|/-\\"
_SECONDS = 0.2


class Progress:
    """
    Turns on stderr while its block runs.

    Args:
        shown: without it there is nothing to see.

    Attributes:
        text: what is being waited for; it may change.
    """

    def __init__(self, text: str, *, shown: bool) -> None:
        self.text = text
        self.shown = shown
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._turn, daemon=True)

    def __enter__(self) -> Self:
        if self.shown:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self.shown:
            self._thread.join()
            click.echo("\r\033[K", err=True, nl=False, color=True)

    def _turn(self) -> None:
        turn = 0
        while not self._over.wait(_SECONDS):
            room = shutil.get_terminal_size().columns - len(_SIGNS)
            text = visible(self.text, lines=False)[:room]
            click.echo(f"\r\033[K{_SIGNS[turn % len(_SIGNS)]} {text}", err=True, nl=False, color=True)
            turn += 1
