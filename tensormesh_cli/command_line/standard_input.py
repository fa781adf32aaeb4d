"""What was piped in: whether anything was, and its text. Where nothing was, nothing is read, and nobody waits."""

from __future__ import annotations

import io
import os
import select
import stat
import sys
from contextlib import suppress
from pathlib import Path

from tensormesh_cli.app import App
from tensormesh_cli.errors import CliError
from tensormesh_cli.values.encoded_text import decoded_text

SILENT_SECONDS = 2.0
"""After this, whoever waits is told what for."""

FIRST_SECONDS = 1.0
"""How long it may take to come where it need not: from a socket, which programs leave open for those they start."""


def piped() -> bool:
    """Whether something was: a pipe or a file, and neither a terminal nor the null device."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return False
    mode = _mode()
    return mode is None or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or (stat.S_ISREG(mode) and not _begun(mode))


def beside(app: App) -> str:
    """
    The text that was piped in beside something else, to its end; empty where nothing was.

    Raises:
        CliError: it cannot be read, or is no text.
    """
    mode = _mode()
    if not piped():
        if mode is not None and _begun(mode):
            app.note("Standard input is left to the program that began to read it; - and --file - read it.")
        return ""
    if mode is not None and stat.S_ISSOCK(mode) and not _comes(FIRST_SECONDS):
        app.note("Nothing came on standard input, so it was left out.")
        return ""
    if mode is not None and stat.S_ISFIFO(mode) and not _comes(SILENT_SECONDS):
        app.note("Waiting for standard input to end; `< /dev/null` goes on without it.")
    return text()


def begins_an_object() -> bool:
    """
    Whether what was piped in begins as a JSON object does. Nothing of it is taken.

    Where nothing comes, whoever is at the other end may wait for a question.
    """
    if not piped() or (_mode() is not None and not _comes(FIRST_SECONDS)):
        return False
    buffer = sys.stdin.buffer
    if isinstance(buffer, io.BufferedReader):
        begin = buffer.peek(1)
    else:
        place = buffer.tell()
        begin = buffer.read()
        buffer.seek(place)
    with suppress(UnicodeError):
        return decoded_text(begin, "latin-1").lstrip().startswith("{")
    return False


def text(name: str = "-") -> str:
    """
    The text of a file; `-` is standard input.

    Raises:
        CliError: it cannot be read, or is not UTF-8.
    """
    source = "standard input" if name == "-" else name
    try:
        if name == "-":
            return decoded_text(sys.stdin.buffer.read(), sys.stdin.encoding)
        return decoded_text(Path(name).read_bytes())
    except OSError as error:
        raise CliError("input", f"{source} cannot be read: {error.strerror}") from error
    except UnicodeError as error:
        raise CliError("input", f"{source} cannot be read: it is not UTF-8 text") from error


def _mode() -> int | None:
    """What standard input is; None where it is closed, or a program has put something of its own there."""
    if sys.stdin is None:
        return None
    try:
        return os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return None


def _begun(mode: int) -> bool:
    """Whether somebody else reads the file, such as `while read line; do tm ...; done < lines`."""
    return stat.S_ISREG(mode) and os.lseek(sys.stdin.fileno(), 0, os.SEEK_CUR) > 0


def _comes(seconds: float) -> bool:
    """Whether something, be it the end, comes within so many seconds."""
    if sys.platform == "win32":  # where only sockets can be waited for
        return True
    return bool(select.select([sys.stdin.fileno()], [], [], seconds)[0])
