"""One file of all answers, in the order of the input."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import BinaryIO

from tensormesh_batch.errors import FolderError, cannot
from tensormesh_batch.folder.answer_line import whole_head
from tensormesh_batch.folder.layout import Layout
from tensormesh_batch.folder.manifest import Manifest, manifest_of
from tensormesh_batch.plan.record import read, signed
from tensormesh_batch.plan.scratch import Scratch
from tensormesh_batch.rows.source import STANDARD_INPUT

_AT_ONCE = 10_000
_FILES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Merged:
    """
    Attributes:
        answers: lines with an answer.
        errors: lines with an error.
        missing: rows without either.
    """

    answers: int
    errors: int
    missing: int


def merge(folder: str | os.PathLike[str], target: str | os.PathLike[str]) -> Merged:
    """
    Write all answers of a folder into one file, in the order of the input. Rows that failed have their error there.

    Raises:
        FolderError: this is the folder of no batch, or the file cannot be written, or is one that the batch needs.
    """
    layout = Layout(folder)
    manifest = manifest_of(layout)
    if not manifest.generations:
        raise FolderError(f"{layout.root} is the folder of a batch that has sent nothing yet")
    files = [path for _, _, path in layout.parts()]
    if layout.errors.exists():
        files.insert(0, layout.errors)  # an answer that came later takes the place of an error
    target = _checked(Path(target), layout, manifest)
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        with Scratch(target.with_name(f"{target.name}.sorting")) as data:
            rows = _Joined(data)
            rows.add_input(layout, manifest)
            for number, path in enumerate(files):
                rows.add_answers(number, path)
            merged = _write(unfinished, files, rows, layout.errors.name)
        unfinished.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise cannot("written", target, error) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return merged


def _checked(target: Path, layout: Layout, manifest: Manifest) -> Path:
    """
    Where a file may be put: through a link, and not in the place of what the run needs.

    Raises:
        FolderError: it may not.
    """
    try:
        target = target.resolve()
        if target.exists() and not target.is_file():
            raise FolderError(f"{target} is no file; it takes two passes to put answers in order, so give one")
        inputs = [Path(each.source).resolve() for each in manifest.generations if each.source != STANDARD_INPUT]
        root = layout.root.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise FolderError(f"{os.fspath(target)!r} cannot be written: {error}") from error
    if target in inputs:
        raise FolderError(f"{target} is the input of this batch; give another file for its answers")
    if target.parent == root and layout.is_own(target.name):
        raise FolderError(f"{target} belongs to the batch itself; give another file for its answers")
    return target


class _Joined:
    """Rows and their answers, put together in a database of their own."""

    def __init__(self, data: sqlite3.Connection) -> None:
        self._data = data
        data.execute("CREATE TABLE input (key INTEGER PRIMARY KEY, number INTEGER) WITHOUT ROWID")
        data.execute("CREATE TABLE answer (key INTEGER PRIMARY KEY, file INTEGER, offset INTEGER) WITHOUT ROWID")

    def add_input(self, layout: Layout, manifest: Manifest) -> None:
        plan = layout.plan(len(manifest.generations) - 1)
        for first in range(0, manifest.input.rows, _AT_ONCE):
            rows = [(signed(record.key), record.number) for record in read(plan, first, _AT_ONCE)]
            self._data.executemany("INSERT INTO input VALUES (?, ?)", rows)

    def add_answers(self, number: int, path: Path) -> None:
        """The lines of a file; of several for a row, the last one counts."""
        for some in batched(_keys(path), _AT_ONCE):
            rows = [(signed(key), number, offset) for key, offset in some]
            self._data.executemany("INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", rows)

    def places(self) -> Iterator[tuple[int | None, int]]:
        """File and place of the answer to each row, in the order of the input; None where there is none."""
        yield from self._data.execute(
            "SELECT file, offset FROM input LEFT JOIN answer USING (key) ORDER BY input.number"
        )


def _keys(path: Path) -> Iterator[tuple[int, int]]:
    offset = 0
    with path.open("rb") as file:
        for line in file:
            if (found := whole_head(line)) is not None:
                yield found.key, offset
            offset += len(line)


def _write(target: Path, files: list[Path], rows: _Joined, failed: str) -> Merged:
    answers = errors = missing = 0
    with ExitStack() as stack:
        opened: dict[int, BinaryIO] = {}
        out = stack.enter_context(target.open("wb"))
        for number, offset in rows.places():
            if number is None:
                missing += 1
                continue
            if number not in opened:
                if len(opened) >= _FILES_AT_ONCE:
                    opened.pop(next(iter(opened))).close()
                opened[number] = stack.enter_context(files[number].open("rb"))
            file = opened[number]
            file.seek(offset)
            line = file.readline()
            out.write(line if line.endswith(b"\n") else line + b"\n")
            if files[number].name == failed:
                errors += 1
            else:
                answers += 1
    return Merged(answers, errors, missing)
