"""
Every way a batch can fail as a whole.

    TensormeshError
    └── BatchError                 the run cannot begin, or cannot go on; what was answered is in the folder
        ├── InputError             lines that are no requests; nothing was sent
        ├── FolderError            the folder belongs to another run, or cannot be written
        │   └── InUseError         another run has it
        ├── BudgetError            the next row could cost more than is left
        ├── StoppedError           the host refuses everything, or too many rows
        └── WorkerError            workers end again and again

    KeyboardInterrupt
    └── Interrupted                Ctrl-C; what was answered is in the folder

A row that fails alone is no error of the run: it ends in `errors.jsonl`, with its reason.
"""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from tensormesh_runtime.errors import TensormeshError
from tensormesh_runtime.publication import living_in

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class BatchError(TensormeshError):
    """The run cannot begin, or cannot go on. Running the same command again goes on where it ended."""


class InputError(BatchError, ValueError):
    """
    Lines of the input are no requests. Nothing was sent.

    Attributes:
        lines: the number of each line (from 1) and what is wrong with it, as many as were kept.
        count: how many there are.
    """

    def __init__(self, message: str, lines: tuple[tuple[int, str], ...] = (), count: int = 0) -> None:
        super().__init__(message, lines, count)
        self.lines = lines
        self.count = count

    def __str__(self) -> str:
        return str(self.args[0])


class FolderError(BatchError):
    """The folder belongs to another run, or cannot be written."""


class InUseError(FolderError):
    """Another run has the folder, or a worker of one that has ended is still about to."""


class BudgetError(BatchError):
    """The next row could cost more than is left of the budget."""


class StoppedError(BatchError):
    """The host refuses everything, or too many rows failed."""


class WorkerError(BatchError):
    """Workers end again and again, or see another folder than the one who started them."""


class Interrupted(KeyboardInterrupt):
    """
    A run was ended by Ctrl-C, which ends a program as it always does.

    What was answered is in the folder; running the same again goes on.
    """


def is_full(error: OSError | sqlite3.Error) -> bool:
    """Whether there is no room left where a file is to be written."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def cannot(what: str, path: Path, error: OSError | sqlite3.Error) -> FolderError:
    """
    The error where a file cannot be used.

    Args:
        what: `read` or `written`.
    """
    why = str(getattr(error, "strerror", None) or error)
    if is_full(error):
        why = "there is no room left; make room, and run the same command again"
    return FolderError(f"{path} cannot be {what}: {why}")


def unreadable(source: object, error: OSError) -> InputError:
    """The error where the input cannot be read."""
    return InputError(f"{source} cannot be read: {error.strerror}")


for _error in (
    BatchError,
    InputError,
    FolderError,
    InUseError,
    BudgetError,
    StoppedError,
    WorkerError,
    Interrupted,
):
    living_in("tensormesh.batch", _error)  # as it is imported, so tracebacks and pickles name it
