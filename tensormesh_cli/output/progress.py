"""A line on a terminal that says what is being waited for, and for how long, and goes away again."""

from __future__ import annotations

import shutil
import threading
import time
from types import TracebackType
from typing import Self

import click

from tensormesh_cli.output.control_characters import visible

_SIGNS = "|/-\\"
_SECONDS = 0.2
_WORTH_TELLING = 1.0
"""So many seconds are no wait yet."""


class Progress:
    """
    Turns on stderr while its block runs, or until it is stopped.

    Args:
        shown: without it there is nothing to see.

    Attributes:
        text: what is being waited for; it may change, and the time goes on.
        timed: whether it is said for how long.
    """

    def __init__(self, text: str, *, shown: bool) -> None:
        self.text = text
        self.timed = True
        self.shown = shown
        self._drawn = False
        self._over = threading.Event()
        self._begin = time.monotonic()
        self._thread = threading.Thread(target=self._turn, daemon=True)

    def __enter__(self) -> Self:
        if self.shown:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Wipe the line, and leave it to others. May be called twice."""
        if self._over.is_set():
            return
        self._over.set()
        if self.shown:
            self._thread.join()
        if self._drawn:
            click.echo("\r\033[K", err=True, nl=False, color=True)

    def _turn(self) -> None:
        turn = 0
        while not self._over.wait(_SECONDS):
            wait = waited(time.monotonic() - self._begin) if self.timed else ""
            line = f"{_SIGNS[turn % len(_SIGNS)]} {self.text}{wait}"
            # One that is as wide as the terminal would begin another, which nobody wipes.
            line = visible(line, lines=False)[: shutil.get_terminal_size().columns - 1]
            self._drawn = True
            click.echo(f"\r\033[K{line}", err=True, nl=False, color=True)
            turn += 1


def waited(seconds: float) -> str:
    """How long it has been, behind what is being waited for; nothing where that is not worth telling."""
    if seconds < _WORTH_TELLING:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f", {minutes} min {rest} s" if minutes else f", {rest} s"
