"""Where the lines come from: a file that can be read again at any place, or one that is made of anything else."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tensormesh_batch.errors import InputError

STANDARD_INPUT = "-"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONGEST_LINE = 64 << 20
_CHUNK = 1 << 20

type Source = str | os.PathLike[str] | Iterable[Mapping[str, Any]]


TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet")


def is_table(path: Path) -> bool:
    """Whether a file is a table, by its name."""
    return path.name.lower().endswith(TABLES)


class Place(NamedTuple):
    """A line of a file that is not blank: its number (from 1), where its bytes begin, and the bytes."""

    number: int
    offset: int
    text: bytes


def seekable_file(source: Source, spool: Path) -> Path:
    """
    The file in which every row can be found again.

    A plain file is that itself. Standard input, compressed files and rows of a program are written down first.

    Raises:
        InputError: there is no such file, or what a program gives has no JSON.
        OSError: it cannot be read, or not be written down.
    """
    if isinstance(source, str | os.PathLike) and os.fspath(source) != STANDARD_INPUT:
        path = Path(source)
        if not path.is_file():
            raise InputError(f"there is no file {os.fspath(path)!r}")
        if is_table(path):
            raise InputError(f"{path} is a table: table(path, template) (--prompt) makes requests of its rows")
        if path.suffix != ".gz":
            return path
    unfinished = spool.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        for line in _lines(source):
            file.write(line if line.endswith(b"\n") else line + b"\n")
    unfinished.replace(spool)
    return spool


def _lines(source: Source) -> Iterator[bytes]:
    if not isinstance(source, str | os.PathLike):
        for number, row in enumerate(source, 1):
            try:
                yield json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=dict).encode(
                    "utf-8", "replace"
                )
            except (TypeError, ValueError, RecursionError) as error:
                raise InputError(f"row {number} cannot be written as JSON: {error}") from error
    elif os.fspath(source) == STANDARD_INPUT:
        yield from sys.stdin.buffer
    else:
        with gzip.open(source, "rb") as file:
            yield from file


def places(file: BinaryIO) -> Iterator[Place]:
    """
    The lines of a file, from its beginning.

    Raises:
        InputError: one is longer than 64 MiB, so this is no file of lines.
    """
    offset = 0
    for number, text in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), 1):
        if len(text) == _LONGEST_LINE:
            raise InputError(f"line {number} is longer than {_LONGEST_LINE >> 20} MiB; is this a file of JSON lines?")
        start = offset
        offset += len(text)
        if number == 1 and text.startswith(_BYTE_ORDER_MARK):
            start, text = start + len(_BYTE_ORDER_MARK), text[len(_BYTE_ORDER_MARK) :]
        if text.strip():
            yield Place(number, start, text)


def digest(path: Path) -> str:
    """What tells the content of a file from any other."""
    found = blake2b(digest_size=16)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
