"""A part of the output: a file that lines are added to, and nothing else. It is its own journal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tensormesh_batch.errors import FolderError, cannot, is_full
from tensormesh_batch.folder.answer_line import Head, whole_head
from tensormesh_batch.folder.lock import take

_TAIL = 1 << 16
_BINARY = getattr(os, "O_BINARY", 0)


def heads(path: Path) -> Iterator[Head]:
    """
    What the beginnings of a part's whole lines say.

    Raises:
        FolderError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            for line in file:
                if (found := whole_head(line)) is not None:
                    yield found
    except OSError as error:
        raise cannot("read", path, error) from error


class Part:
    """
    A part that is being written, by nobody else. A line that a run left torn is cut off first.

    Args:
        path: the file, which need not be there.

    Raises:
        InUseError: somebody else writes it.
        FolderError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _BINARY, 0o644)
        except OSError as error:
            raise FolderError(f"{path} cannot be written: {error.strerror}") from error
        try:
            take(self._file, path, f"{path} is being written by another run")
            self._whole = _cut(self._file)
        except OSError as error:
            os.close(self._file)
            raise cannot("written", path, error) from error
        except BaseException:
            os.close(self._file)
            raise
        self._lines: list[bytes] = []

    @property
    def unwritten(self) -> int:
        """How many lines wait to be written."""
        return len(self._lines)

    def add(self, line: bytes) -> None:
        self._lines.append(line)

    def flush(self) -> None:
        """
        Write what waits.

        Raises:
            FolderError: there is no room; what was written ends with a whole line, and what waits goes on waiting.
        """
        if not self._lines:
            return
        data = memoryview(b"".join(self._lines))
        written = 0
        try:
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError as error:
            self._undo()
            why = "there is no room left" if is_full(error) else str(error.strerror)
            raise FolderError(
                f"{self._path} cannot be written: {why}. {len(self._lines)} answers wait for it; make room, and "
                "run the same command again"
            ) from error
        self._whole += len(data)
        self._lines.clear()

    def _undo(self) -> None:
        try:
            os.ftruncate(self._file, self._whole)
        except OSError:
            return  # the next run cuts it off

    def close(self) -> None:
        """
        Write what waits, and have the system write it to the disk.

        Raises:
            FolderError: there is no room.
        """
        try:
            self.flush()
            os.fsync(self._file)
        finally:
            os.close(self._file)


def _cut(file: int) -> int:
    """Cut off a last line that is torn, end one that lacks nothing else, and say where the last whole one ends."""
    size = os.fstat(file).st_size
    end = size
    while end > 0:
        start = max(end - _TAIL, 0)
        os.lseek(file, start, os.SEEK_SET)
        found = os.read(file, end - start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end == size:
        return end
    os.lseek(file, end, os.SEEK_SET)
    if whole_head(_rest(file)) is not None:
        os.write(file, b"\n")
        return size + 1
    os.ftruncate(file, end)
    return end


def _rest(file: int) -> bytes:
    return b"".join(iter(lambda: os.read(file, _TAIL), b""))
