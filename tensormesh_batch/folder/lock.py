"""One run at a time has a folder, and one worker each of its parts."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import TracebackType

from tensormesh_batch.errors import FolderError, InUseError

_IN_USE = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_FAR = 1 << 40
"""Beyond the end of any file: Windows keeps others from reading what is locked."""


class Lock:
    """
    A file that one process has at a time; the system gives it back when that ends, however it does.

    Args:
        path: the file.
        what: what it stands for, in the words of the error.
    """

    def __init__(self, path: Path, what: str) -> None:
        self._path = path
        self._what = what
        self._file: int | None = None

    def __enter__(self) -> Lock:
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise FolderError(f"{self._path} cannot be written: {error.strerror}") from error
        try:
            take(
                self._file, self._path, f"{self._what} is in use by another run; `tm batch status` shows how far it is"
            )
        except FolderError:
            os.close(self._file)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)


def take(file: int, path: Path, in_use: str) -> None:
    """
    Lock an open file until it is closed.

    Args:
        path: its name.
        in_use: the words of the error where somebody else has it.

    Raises:
        InUseError: somebody else has it.
        FolderError: the filesystem has no locks.
    """
    try:
        _lock(file)
    except OSError as error:
        if error.errno in _IN_USE:
            raise InUseError(in_use) from error
        raise FolderError(
            f"{path} cannot be locked ({error.strerror}), so nothing would keep two runs apart; give a folder on a "
            "filesystem that has locks"
        ) from error


def _lock(file: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        os.lseek(file, _FAR, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
