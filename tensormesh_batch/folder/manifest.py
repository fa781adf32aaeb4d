"""What a run was begun with, so that it goes on with the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from tensormesh_batch.errors import FolderError
from tensormesh_batch.folder.layout import Layout, read_json, write_json

VERSION = 1


@dataclass
class Generation:
    """
    An input that the folder has answers for.

    Attributes:
        source: what it was called.
        digest: of its bytes.
        rows: how many requests it holds.
        bad: how many lines of it were set aside.
        order: in which order they go.
        sharable, characters: of all characters, how many a row has in common with the one before it.
    """

    source: str
    digest: str
    rows: int
    bad: int
    order: str
    characters: int
    sharable: int
    in_a_row: int


@dataclass
class Manifest:
    """
    What a run was begun with.

    Attributes:
        surface: `serverless` or `on_demand`.
        defaults: fields for bodies that lack them.
        shard_rows: how many rows make a part.
        generations: the inputs, the present one last.
    """

    surface: Literal["serverless", "on_demand"]
    defaults: dict[str, Any]
    order: str
    shard_rows: int
    generations: list[Generation] = field(default_factory=list)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """
        Make it of what `asdict` makes of it.

        Raises:
            KeyError, TypeError, ValueError: it is of another, or somebody has changed it.
        """
        made = cls(**{**found, "generations": [Generation(**each) for each in found["generations"]]})
        counts = [made.shard_rows, *(number for each in made.generations for number in (each.rows + 1, each.bad + 1))]
        if not isinstance(made.defaults, dict) or not all(type(count) is int and count > 0 for count in counts):
            raise ValueError("its numbers make no sense")
        return made

    @property
    def input(self) -> Generation:
        return self.generations[-1]

    @property
    def shards(self) -> int:
        """How many parts the present input is answered in."""
        return -(-self.input.rows // self.shard_rows)

    def differences(self, other: Manifest) -> list[str]:
        """What two runs do not agree on, as people would say it."""
        old, new = ({"surface": one.surface, "order": one.order, **one.defaults} for one in (self, other))
        return [
            f"{name} {_told('was', old, name)}, and {_told('is', new, name)} now"
            for name in dict.fromkeys((*old, *new))
            if (name in old, old.get(name)) != (name in new, new.get(name))
        ]


def _told(verb: str, options: dict[str, Any], name: str) -> str:
    return f"{verb} {options[name]!r}" if name in options else f"{verb} not set"


def read_manifest(layout: Layout) -> Manifest | None:
    """
    The manifest of a folder; None where it has none.

    Raises:
        FolderError: it cannot be read, or a later version wrote it.
    """
    found = read_json(layout.manifest)
    if found is None:
        return None
    version = found.pop("version", None)
    if version != VERSION:
        raise FolderError(f"{layout.manifest} was written by another version of this package ({version!r})")
    try:
        return Manifest.from_dict(found)
    except (TypeError, KeyError, ValueError) as error:
        raise FolderError(
            f"{layout.manifest} is no manifest of a batch. Give another folder; the answers of this one are whole "
            "lines in its part-*.jsonl"
        ) from error


def manifest_of(layout: Layout) -> Manifest:
    """
    The manifest that a folder has.

    Raises:
        FolderError: it has none, or none that can be read.
    """
    manifest = read_manifest(layout)
    if manifest is None:
        raise FolderError(f"{layout.root} is the folder of no batch: it has no {layout.manifest.name}")
    return manifest


def write_manifest(layout: Layout, manifest: Manifest) -> None:
    """
    Raises:
        FolderError: it cannot be written.
    """
    write_json(layout.manifest, {"version": VERSION, **asdict(manifest)})
