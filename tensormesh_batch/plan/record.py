"""What a plan holds of each row, as it lies in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from tensormesh_batch.errors import cannot

_RECORD = Struct("<QQQIII")
SIZE = _RECORD.size


class Record(NamedTuple):
    """
    A row of a plan.

    Attributes:
        key: what tells it from every other row.
        offset, length: where its line lies in the input, in bytes.
        leader: how many rows before it the one stands that it waits for; 0 where it waits for none.
        shared: the characters that both begin with.
        number: the number of its line, from 1.
    """

    key: int
    offset: int
    number: int
    length: int
    leader: int
    shared: int


def pack(record: Record) -> bytes:
    return _RECORD.pack(*record)


def read(path: Path, first: int, count: int) -> Iterator[Record]:
    """
    The records from `first` on, `count` of them or fewer at the end.

    Raises:
        FolderError: they cannot be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(first * SIZE)
            data = file.read(count * SIZE)
    except OSError as error:
        raise cannot("read", path, error) from error
    return map(Record._make, _RECORD.iter_unpack(data))


def signed(key: int) -> int:
    """A key as SQLite has it."""
    return key - (1 << 64) if key >= 1 << 63 else key
