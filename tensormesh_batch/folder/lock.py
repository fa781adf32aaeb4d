"""One run at a time has a folder."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from tensormesh_batch.errors import FolderError


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
            _take(self._file)
        except OSError as error:
            os.close(self._file)
            raise FolderError(
                f"{self._what} is in use by another run; `tm batch status` shows how far it is"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)


def _take(file: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
