"""A folder that a run has: what is to be done, and what of it was done before."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tensormesh_batch.errors import FolderError, unreadable
from tensormesh_batch.folder.answer_line import error_line
from tensormesh_batch.folder.layout import Layout, read_told
from tensormesh_batch.folder.manifest import Generation, Manifest, read_manifest, write_manifest
from tensormesh_batch.folder.part import Part, heads
from tensormesh_batch.money.price import amount_of
from tensormesh_batch.plan.building import Order, build
from tensormesh_batch.plan.record import SIZE, read
from tensormesh_batch.rows.line import Line
from tensormesh_batch.rows.source import Place, digest
from tensormesh_batch.tally import Tally

MOST_SHARD_ROWS, LEAST_SHARD_ROWS = 10_000, 256
SHARDS_EACH, SHARDS_AT_LEAST = 8, 32
"""So many shards for each worker, and for all: a run that was begun alone may go on with many."""

_AT_ONCE = 10_000


@dataclass
class Opened:
    """
    Attributes:
        source: the file that holds the input.
        done: how many rows of each shard have an answer in its part.
        failed: the keys of rows that were set aside, and have no answer.
        before: what earlier runs did.
    """

    layout: Layout
    manifest: Manifest
    source: Path
    done: dict[int, int] = field(default_factory=dict)
    failed: set[int] = field(default_factory=set)
    before: Tally = field(default_factory=Tally)
    earlier: array[int] = field(default_factory=lambda: array("Q"))
    """The keys of rows that were answered for an input that was another, sorted."""

    @property
    def generation(self) -> int:
        return len(self.manifest.generations) - 1

    def shards(self) -> Iterator[int]:
        """The shards that have rows left, as far as their parts tell."""
        size, rows = self.manifest.shard_rows, self.manifest.input.rows
        for shard in range(self.manifest.shards):
            if self.done.get(shard, 0) < min(size, rows - shard * size):
                yield shard

    def answered_earlier(self, key: int) -> bool:
        """Whether a row has an answer from when the input was another."""
        at = bisect_left(self.earlier, key)
        return at < len(self.earlier) and self.earlier[at] == key


def claim(layout: Layout, wanted: Manifest) -> Manifest:
    """
    The manifest of a folder, which is locked: its own, or the one that it has from now on.

    Args:
        wanted: a manifest without inputs.

    Raises:
        FolderError: the folder belongs to another run, or to something else.
    """
    manifest = read_manifest(layout)
    if manifest is None:
        ours = layout.manifest.with_suffix(".unfinished").name
        # What begins with a dot is the lock, or what a desktop or a version control puts everywhere.
        strange = [entry.name for entry in layout.root.iterdir() if entry.name != ours and entry.name[0] != "."]
        if strange:
            raise FolderError(f"{layout.root} holds {min(strange)!r} and no batch; give a folder of its own")
    elif manifest.generations:
        if differences := manifest.differences(wanted):
            raise FolderError(
                f"{layout.root} was begun with other options: {'; '.join(differences)}. Give them as they were, or "
                "another folder"
            )
        return manifest
    # Before anything else lies there: a run that ends here has begun, though nothing was sent.
    write_manifest(layout, wanted)
    return wanted


def prepare(
    layout: Layout,
    manifest: Manifest,
    file: Path,
    name: str,
    *,
    order: Order,
    workers: int,
    skip_bad: bool,
    changed_input: bool,
    seen: Callable[[Line, int], None],
) -> None:
    """
    Read the input, and see whether it is that of the folder.

    Args:
        file: holds the input.
        name: what it is called.
        workers: how many are going to share it.
        seen: is told of each row of an input that is read for the first time.

    Raises:
        InputError: lines of it are no requests.
        FolderError: the folder belongs to another run.
    """
    try:
        found = digest(file)
    except OSError as error:
        raise unreadable(file, error) from error
    known = bool(manifest.generations) and manifest.input.digest == found
    target = layout.plan(len(manifest.generations) - known)
    if known and target.exists() and target.stat().st_size == manifest.input.rows * SIZE:
        return
    if manifest.generations and not known and not changed_input:
        raise FolderError(
            f"the input has changed since {layout.root} was begun ({manifest.input.rows:,} rows then). Give another "
            "folder, or changed_input (--changed-input): rows that are as they were are not sent again"
        )
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
    if known:
        return
    if not manifest.generations:
        each = -(-survey.rows // max(SHARDS_EACH * workers, SHARDS_AT_LEAST))
        manifest.shard_rows = min(max(each, LEAST_SHARD_ROWS), MOST_SHARD_ROWS)
    manifest.generations.append(
        Generation(
            name, found, survey.rows, survey.bad, survey.order, survey.characters, survey.sharable, survey.in_a_row
        )
    )
    write_manifest(layout, manifest)


def survey_folder(layout: Layout, manifest: Manifest, source: Path) -> Opened:
    """What of a run was done."""
    opened = Opened(layout, manifest, source)
    before = opened.before
    failed = {found.key for found in heads(layout.errors) if found.key} if layout.errors.exists() else set[int]()
    earlier = array("Q")
    for generation, shard, path in layout.parts():
        keys: set[int] = set()
        for found in heads(path):
            keys.add(found.key)
            before.count(found.tokens, found.cost)
        failed -= keys
        if generation == opened.generation and shard < manifest.shards:
            opened.done[shard] = len(keys)
            before.done += len(keys)
        else:
            earlier.extend(keys)
    if len(manifest.generations) > 1:
        opened.earlier = array("Q", sorted(earlier))
        _match(opened, failed)
    else:
        opened.failed = failed
    before.failed = len(opened.failed)
    last = read_told(layout.progress)
    under_way = last.get("in_flight")
    if isinstance(under_way, int) and 0 < under_way <= manifest.input.rows:
        before.doubtful += under_way  # of a run that ended without a word
    with suppress(ValueError):
        before.saved = amount_of(last.get("saved_usd") or 0)  # which no line of an answer says
    return opened


def _match(opened: Opened, failed: set[int]) -> None:
    """Which rows of the present input were answered, or set aside, when it was another."""
    plan = opened.layout.plan(opened.generation)
    for first in range(0, opened.manifest.input.rows, _AT_ONCE):
        for record in read(plan, first, _AT_ONCE):
            if opened.answered_earlier(record.key):
                opened.before.done += 1
            if record.key in failed:
                opened.failed.add(record.key)
