"""
Every way a batch can fail as a whole.

    TensormeshError
    └── BatchError                 the run cannot begin, or cannot go on; what was answered is in the folder
        ├── InputError             lines that are no requests; nothing was sent
        ├── FolderError            the folder is in use, belongs to another run, or cannot be written
        ├── BudgetError            the next row could cost more than is left
        └── StoppedError           the host refuses everything, or too many rows

A row that fails alone is no error of the run: it ends in `errors.jsonl`, with its reason.
"""

from __future__ import annotations

from tensormesh_generated.errors import TensormeshError


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
    """The folder is in use, belongs to another run, or cannot be written."""


class BudgetError(BatchError):
    """The next row could cost more than is left of the budget."""


class StoppedError(BatchError):
    """The host refuses everything, or too many rows failed."""
