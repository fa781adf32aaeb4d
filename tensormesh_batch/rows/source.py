"""Where the lines come from: a file that can be read again at any place, or one that is made of anything else."""

from __future__ import annotations

import gzip
import json
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tensormesh_batch.errors import InputError, cannot, unreadable
from tensormesh_runtime.decode import encode

STANDARD_INPUT = "-"
_PACKED = b"\x1f\x8b"
"""What gzip begins with."""
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

    A plain file is that itself. Standard input and other pipes, compressed files, by whatever name, and rows of a
    program are written down first.

    Raises:
        InputError: there is no such file, it cannot be read, or what a program gives has no JSON.
        FolderError: it cannot be written down.
    """
    if isinstance(source, str | os.PathLike) and os.fspath(source) != STANDARD_INPUT:
        path = Path(source)
        check_there(path)
        if is_table(path):
            raise InputError(f"{path} is a table: table(path, template) (--prompt) makes requests of its rows")
        if path.is_file() and not _is_packed(path):
            return path
    _write_down(_lines(source), spool)
    return spool


def check_there(path: Path) -> None:
    """
    Raises:
        InputError: there is no such file, or it is a folder.
    """
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except OSError as error:  # a name that no file can have
        raise unreadable(path, error) from error
    if is_folder:
        raise InputError(f"{path} is a folder, and no file of lines")
    if not is_there:
        raise InputError(f"there is no file {os.fspath(path)!r}")


def _is_packed(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_PACKED)) == _PACKED
    except OSError as error:
        raise unreadable(path, error) from error


def _write_down(lines: Iterator[bytes], spool: Path) -> None:
    """Put lines into a file, or leave the one that is there."""
    unfinished = spool.with_suffix(".unfinished")
    try:
        file = unfinished.open("wb")
    except OSError as error:
        raise cannot("written", unfinished, error) from error
    try:
        for line in lines:  # what its maker raises is the maker's
            _put(file, line if line.endswith(b"\n") else line + b"\n")
        _put(file, b"", last=True)
        unfinished.replace(spool)
    finally:
        with suppress(OSError):
            file.close()


def _put(file: BinaryIO, line: bytes, *, last: bool = False) -> None:
    try:
        file.write(line)
        if last:
            file.close()
    except OSError as error:
        raise cannot("written", Path(file.name), error) from error


def _lines(source: Source) -> Iterator[bytes]:
    if not isinstance(source, str | os.PathLike):
        for number, row in enumerate(source, 1):
            try:
                # Half a character has no UTF-8; its escape is JSON.
                yield json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=encode).encode(
                    "utf-8", "backslashreplace"
                )
            except (TypeError, ValueError, RecursionError) as error:
                raise InputError(f"row {number} cannot be written as JSON: {error}") from error
        return
    name = os.fspath(source)
    try:
        if name == STANDARD_INPUT:
            yield from _unpacked(sys.stdin.buffer)
            return
        with Path(name).open("rb") as file:
            yield from _unpacked(file)
    except (OSError, EOFError, zlib.error) as error:
        what = "standard input" if name == STANDARD_INPUT else name
        raise InputError(f"{what} cannot be read: {error}") from error


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file that may be compressed."""
    packed = isinstance(file, BufferedReader) and file.peek(len(_PACKED)).startswith(_PACKED)
    if not packed:
        yield from file
        return
    with gzip.open(file) as unpacked:
        yield from unpacked


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
