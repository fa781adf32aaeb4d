"""`tm` in a real terminal: a pseudo-terminal that a process of its own has as its own, and a screen that shows it."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte

CTRL_C, CTRL_D, ENTER, TAB, UP, ALT_ENTER = "\x03", "\x04", "\r", "\t", "\x1b[A", "\x1b\r"

QUIET_SECONDS = 0.01
"""Who is silent for so long has said what there is to say, and listens."""

_PROGRAM = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C is a signal
for name in {without!r}:
    sys.modules[name] = None
sys.argv[0] = "tm"
from tensormesh_cli.__main__ import main
main()
"""


_SHELL = """
import fcntl, os, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
"""


class _Screen(pyte.Screen):
    """One that answers where it is asked, such as for the place of the cursor."""

    answer: Callable[[str], None]

    def write_process_input(self, data: str) -> None:
        self.answer(data)

    def set_margins(self, *arguments: Any, **how: Any) -> None:
        """What some programs ask in a way that pyte does not know."""
        how.pop("private", None)
        super().set_margins(*arguments, **how)


class Terminal:
    """
    One `tm` on a terminal.

    Args:
        without: modules that are not there.
        stdout: where stdout goes instead.
        cwd: where it works.
        bash: a shell takes the place of `tm`.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        columns: int = 80,
        rows: int = 60,
        without: Sequence[str] = (),
        stdout: int | None = None,
        cwd: Path | None = None,
        bash: bool = False,
    ) -> None:
        self.raw = b""
        """All that it was sent, as it came."""
        self._screen = _Screen(columns, rows)
        self._screen.answer = self.type
        self._stream = pyte.ByteStream(self._screen)
        self._text: str | None = None  # to read the screen takes longer than most of what is waited for
        self._changed = threading.Condition()
        self._ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SHELL if bash else _PROGRAM.format(without=tuple(without)), *arguments],
            cwd=cwd,
            env={"TERM": "xterm", "NO_COLOR": "1", **environment},
            stdin=its,
            stdout=its if stdout is None else stdout,
            stderr=its,
            start_new_session=True,
        )
        os.close(its)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        os.close(self._ours)

    @property
    def text(self) -> str:
        """What can be seen, without the empty room below and to the right."""
        with self._changed:
            if self._text is None:
                self._text = "\n".join(line.rstrip() for line in self._screen.display).rstrip()
            return self._text

    @property
    def last_line(self) -> str:
        return self.text.rpartition("\n")[2]

    def type(self, text: str) -> None:
        with suppress(OSError):  # it has ended meanwhile
            os.write(self._ours, text.encode())

    def enter(self, line: str) -> None:
        self.type(line + ENTER)

    def sees(self, *texts: str, times: int = 1) -> str:
        """Wait until all of it can be seen, so many times, and nothing more comes for a moment."""
        deadline = time.monotonic() + 10
        with self._changed:
            while not all(self.text.count(text) >= times for text in texts):
                assert self._changed.wait(deadline - time.monotonic()), f"{texts} is not to be seen:\n{self.text}"
            while self._changed.wait(QUIET_SECONDS) and time.monotonic() < deadline:
                pass  # what belongs to it comes in pieces
            return self.text

    def ends(self) -> int:
        """Wait for its end; the exit code."""
        code = self.process.wait(timeout=10)
        self._reader.join(timeout=10)
        return code

    def _read(self) -> None:
        with suppress(OSError):  # the other side is closed
            while piece := os.read(self._ours, 4096):
                with self._changed:
                    self.raw += piece
                    self._text = None
                    self._stream.feed(piece)
                    self._changed.notify_all()
