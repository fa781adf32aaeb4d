"""A folder that a run has: what is to be done, and what of it was done before."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tensormesh_batch.errors import FolderError
from tensormesh_batch.folder.answer_line import error_line
from tensormesh_batch.folder.layout import Layout
from tensormesh_batch.folder.manifest import Generation, Manifest, read_manifest, write_manifest
from tensormesh_batch.folder.part import Part, heads
from tensormesh_batch.plan.building import Order, build
from tensormesh_batch.rows.line import Line
from tensormesh_batch.rows.source import STANDARD_INPUT, Place, Source, digest, seekable_file
from tensormesh_batch.running.tally import Tally

SHARD_ROWS = 10_000


@dataclass
class Opened:
    """
    Attributes:
        source: the file that holds the input.
        done: the keys of each shard's rows that have an answer.
        earlier: the keys of rows that were answered for an input that was another.
        failed: the keys of rows that were set aside, and have no answer.
        before: what earlier runs did.
    """

    layout: Layout
    manifest: Manifest
    source: Path
    done: dict[int, array[int]] = field(default_factory=dict)
    earlier: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    before: Tally = field(default_factory=Tally)

    @property
    def generation(self) -> int:
        return len(self.manifest.generations) - 1

    def shards(self) -> Iterator[int]:
        """The shards that have rows left, as far as their parts tell."""
        size, rows = self.manifest.shard_rows, self.manifest.input.rows
        for shard in range(self.manifest.shards):
            if len(self.done.get(shard, ())) < min(size, rows - shard * size):
                yield shard


def prepare(
    source: Source,
    layout: Layout,
    wanted: Manifest,
    *,
    order: Order,
    skip_bad: bool,
    changed_input: bool,
    seen: Callable[[Line, int], None],
) -> tuple[Manifest, Path]:
    """
    Read the input, and see whether it is that of the folder. The folder is locked.

    Args:
        wanted: a manifest without inputs.
        seen: is told of each row of an input that is read for the first time.

    Raises:
        InputError: lines of it are no requests.
        FolderError: the folder belongs to another run.
    """
    manifest = read_manifest(layout)
    if manifest is None:
        strange = [entry.name for entry in layout.root.iterdir() if entry.name != layout.lock.name]
        if strange:
            raise FolderError(f"{layout.root} holds {min(strange)!r} and no batch; give a folder of its own")
        manifest = wanted
    elif differences := manifest.differences(wanted):
        raise FolderError(
            f"{layout.root} was begun with other options: {'; '.join(differences)}. Give them as they were, or another "
            "folder"
        )
    file = seekable_file(source, layout.spool)
    found = digest(file)
    if manifest.generations and manifest.input.digest == found:
        return manifest, file
    if manifest.generations and not changed_input:
        raise FolderError(
            f"the input has changed since {layout.root} was begun ({manifest.input.rows:,} rows then). Give another "
            "folder, or changed_input (--changed-input): rows that are as they were are not sent again"
        )
    name = STANDARD_INPUT if source == STANDARD_INPUT else str(file)
    target = layout.plan(len(manifest.generations))
    bad = Part(layout.errors) if skip_bad else None

    def refused(place: Place, why: str) -> None:
        if bad is not None:
            problem = {"code": "invalid_line", "message": f"line {place.number}: {why}"}
            bad.add(error_line(0, f"line-{place.number}", problem, status=None, request_id=None, body=None, cost=None))

    try:
        survey = build(
            file, target, defaults=manifest.defaults, order=order, skip_bad=skip_bad, seen=seen, refused=refused
        )
    finally:
        if bad is not None:
            bad.close()
    manifest.generations.append(
        Generation(
            name, found, survey.rows, survey.bad, survey.order, survey.characters, survey.sharable, survey.in_a_row
        )
    )
    write_manifest(layout, manifest)
    return manifest, file


def survey_folder(layout: Layout, manifest: Manifest, source: Path) -> Opened:
    """What of a run was done."""
    opened = Opened(layout, manifest, source)
    for generation, shard, path in layout.parts():
        keys = array("Q")
        for found in heads(path):
            keys.append(found.key)
            opened.before.done += 1
            if found.tokens is None:
                opened.before.uncounted += 1
            else:
                opened.before.prompt += found.tokens.prompt
                opened.before.cached += found.tokens.cached
                opened.before.completion += found.tokens.completion
            if found.cost is None:
                opened.before.unpriced += 1
            else:
                opened.before.cost += found.cost
        if generation == opened.generation:
            opened.done[shard] = keys
        else:
            opened.earlier.update(keys)
    if layout.errors.exists():
        opened.failed = {found.key for found in heads(layout.errors) if found.key} - opened.earlier
        for keys in opened.done.values():
            opened.failed.difference_update(keys)
        opened.before.failed = len(opened.failed)
    return opened
