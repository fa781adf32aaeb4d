"""An SQLite file for what is larger than memory: it sorts and joins in files of its own, and is gone afterwards."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType

_CACHE_KIB = 8_192


class Scratch:
    """
    A database that is there for the length of a block. Nothing in it is worth keeping, so nothing is made safe.

    Args:
        path: its file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> sqlite3.Connection:
        self._path.unlink(missing_ok=True)
        self._data = sqlite3.connect(self._path)
        for setting in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}", "temp_store=FILE"):
            self._data.execute(f"PRAGMA {setting}")
        return self._data

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._data.close()
        self._path.unlink(missing_ok=True)
