"""
The database of one control plane: in memory, or in a file that outlives it.

One connection and one lock. A call takes well under a millisecond, so calls
run one after another on the server's event loop: a pool of threads would cost
more than it gains, and would let two requests of one caller overtake each
other. The lock is for the other thread, that of the `LocalHost`'s owner.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

# Counted up with every change to schema.sql: a file of another version is refused.
VERSION = 1
BUSY_SECONDS = 5.0

_SCHEMA = Path(__file__).with_name("schema.sql")


class StateError(RuntimeError):
    """The state file cannot be used, and why, in one sentence."""


class _DecimalSum:
    """SQL's `decimal_sum`: adds exact decimals kept as text."""

    def __init__(self) -> None:
        self._sum = Decimal(0)

    def step(self, value: str) -> None:
        self._sum += Decimal(value)

    def finalize(self) -> str:
        return format(self._sum, "f")


class Store:
    """
    The open database.

    Args:
        file: the state file, made when it is not there; None keeps all in memory.

    Raises:
        StateError: when the file is no state file of this version, or cannot be opened.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._file = file
        self._kept: sqlite3.Connection | None = None
        try:
            if file is not None:
                file.touch(mode=0o600, exist_ok=True)
            self._db = sqlite3.connect(
                file or ":memory:", timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as exc:
            raise StateError(f"Cannot open the state file {file}: {exc}.") from exc
        self._db.row_factory = sqlite3.Row
        # The type stubs do not see that _DecimalSum has the methods sqlite3 wants.
        self._db.create_aggregate("decimal_sum", 1, _DecimalSum)  # type: ignore[arg-type]
        try:
            self._prepare()
        except sqlite3.DatabaseError as exc:
            self.close()
            raise StateError(f"The state file {file} cannot be used: {exc}.") from exc
        except StateError:
            self.close()
            raise

    def _prepare(self) -> None:
        # The write-ahead log saves a flush to disk for every request that is metered.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not tables:
            schema = _SCHEMA.read_text(encoding="utf-8")
            self._db.executescript(f"BEGIN; {schema} PRAGMA user_version = {VERSION}; COMMIT")
        elif version != VERSION:
            raise StateError(
                f"The state file {self._file} has version {version} and this host needs {VERSION}; "
                "start with a new file."
            )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the database for one whole change: all of it is kept, or, after an error, nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                # A full disk ends a transaction by itself.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def empty(self, db: sqlite3.Connection) -> None:
        """Forget everything, as part of a transaction."""
        # The order of deletion does not matter where all of it goes.
        db.execute("PRAGMA defer_foreign_keys = ON")
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own tables

    def keep(self) -> None:
        """Keep all that there is now, to go back to it, where it does not lie in a file."""
        if self._file is not None:
            return
        with self._lock:
            self._kept = self._kept or sqlite3.connect(":memory:", check_same_thread=False)
            self._db.backup(self._kept)

    def restore(self) -> bool:
        """Go back to what was kept, whatever is there now; False where nothing was, or somebody still reads."""
        with self._lock:
            if self._kept is None:
                return False
            try:
                self._kept.backup(self._db)
            except sqlite3.OperationalError:
                return False
        return True

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()
            if self._kept is not None:
                self._kept.close()
