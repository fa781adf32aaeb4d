"""What lies where in the folder of a run."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tensormesh_batch.errors import FolderError, cannot

_OWN = re.compile(r"(part-\d{5,}-\d{5,}\.jsonl|plan-\d{5,}\.(bin|sorting)|.*\.unfinished)")
_PART = re.compile(r"part-(\d{5,})-(\d{5,})\.jsonl")


class Layout:
    """
    The names of a folder's files.

    Args:
        root: the folder.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)
        self.manifest = self.root / "manifest.json"
        self.errors = self.root / "errors.jsonl"
        self.summary = self.root / "summary.json"
        self.progress = self.root / "progress.json"
        self.history = self.root / "history.jsonl"
        self.report = self.root / "report.html"
        self.spending = self.root / "spending.json"
        self.spool = self.root / "input.jsonl"
        self.lock = self.root / ".lock"

    def is_own(self, name: str) -> bool:
        """Whether a file of this name is one of the run's."""
        own = (value for value in vars(self).values() if value != self.root)
        return name in {path.name for path in own} or _OWN.fullmatch(name) is not None

    def plan(self, generation: int) -> Path:
        """The plan of an input; a changed input has another."""
        return self.root / f"plan-{generation:05}.bin"

    def part(self, generation: int, shard: int) -> Path:
        """Where the answers to a shard of a plan lie."""
        return self.root / f"part-{generation:05}-{shard:05}.jsonl"

    def parts(self) -> Iterator[tuple[int, int, Path]]:
        """The parts that there are: generation, shard and file, in their order."""
        found = ((match, path) for path in self.root.glob("part-*.jsonl") if (match := _PART.fullmatch(path.name)))
        yield from sorted((int(match[1]), int(match[2]), path) for match, path in found)


def write_json(path: Path, value: Any, *, lasting: bool = True) -> None:
    """
    Put a JSON file in the place of another, whole or not at all.

    Args:
        lasting: it is still there after the machine has lost its power, which takes the disk a while.

    Raises:
        FolderError: it cannot be written.
    """
    unfinished = path.with_suffix(".unfinished")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=2)
            file.write("\n")
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise cannot("written", path, error) from error


def read_told(path: Path) -> dict[str, Any]:
    """A JSON file that nothing depends on; nothing, where it is not there, or not whole after the power was lost."""
    try:
        return read_json(path) or {}
    except FolderError:
        return {}


def read_json(path: Path) -> dict[str, Any] | None:
    """
    A JSON file; None where there is none.

    Raises:
        FolderError: it is no JSON object.
    """
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise cannot("read", path, error) from error
    except (ValueError, RecursionError) as error:
        raise FolderError(f"{path} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise FolderError(f"{path} is no file of this folder: it holds no JSON object")
    return value
