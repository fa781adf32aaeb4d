"""Folders that somebody changed, that the power left half written, or that are none."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tensormesh_batch.batch import run
from tensormesh_batch.errors import FolderError
from tensormesh_batch.folder.merging import merge
from tensormesh_batch.status import status
from tests.batch.host import BatchHost
from tests.batch.rows import answers, row, written

type Change = Callable[[Path], object]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written(tmp_path / "in.jsonl", [row(f"r{number}") for number in range(5)])


@pytest.fixture
def out(host: BatchHost, source: Path, tmp_path: Path) -> Path:
    """A folder with an answer to each row; the host has forgotten that it was asked."""
    run(source, tmp_path / "out")
    host.asked.clear()
    return tmp_path / "out"


def part(out: Path) -> Path:
    (found,) = out.glob("part-*.jsonl")
    return found


def rewritten(**how: Any) -> Change:
    def change(out: Path) -> None:
        lines = [json.loads(line) for line in part(out).read_text().splitlines()]
        part(out).write_text("".join(f"{json.dumps(line, **how)}\n" for line in lines))

    return change


def edited(before: bytes, after: bytes) -> Change:
    return lambda out: part(out).write_bytes(part(out).read_bytes().replace(before, after))


@pytest.mark.parametrize(
    "change",
    [
        rewritten(),
        rewritten(sort_keys=True, separators=(",", ":")),
        edited(b"\n", b"\r\n"),
        lambda out: part(out).write_bytes(part(out).read_bytes().rstrip(b"\n")),
        lambda out: part(out).write_bytes(b"\xef\xbb\xbf" + part(out).read_bytes()),
        lambda out: part(out).write_bytes(b"# mine\n\n" + part(out).read_bytes()),
    ],
    ids=["other spaces", "keys in order", "ends of Windows", "no last end", "byte order mark", "a comment"],
)
def test_an_answer_that_an_editor_has_touched_is_not_paid_for_again(
    host: BatchHost, source: Path, out: Path, tmp_path: Path, change: Change
) -> None:
    change(out)
    summary = run(source, out)
    assert (summary.done, summary.left) == (5, 0)
    assert host.asked == []
    merged = merge(out, tmp_path / "all.jsonl")
    assert (merged.answers, merged.errors, merged.missing) == (5, 0, 0)
    found = [json.loads(line)["custom_id"] for line in (tmp_path / "all.jsonl").read_bytes().splitlines()]
    assert found == [f"r{number}" for number in range(5)]


def test_a_last_line_without_its_end_is_given_one(host: BatchHost, source: Path, out: Path) -> None:
    lines = part(out).read_bytes().splitlines(keepends=True)
    part(out).write_bytes(b"".join(lines[:3]).rstrip(b"\n"))
    assert run(source, out).done == 5
    assert len(host.asked) == 2
    assert len(answers(out)) == 5


def test_a_part_that_is_gone_is_answered_again(host: BatchHost, source: Path, out: Path) -> None:
    part(out).unlink()
    assert run(source, out).done == 5
    assert len(host.asked) == 5


def test_a_part_of_another_folder_is_not_counted(host: BatchHost, source: Path, out: Path) -> None:
    shutil.copy(part(out), out / "part-00000-00009.jsonl")
    assert run(source, out).done == 5


@pytest.mark.parametrize("content", [b"", b"\xff\0", b"[]", b'{"saved_usd": "abc", "in_flight": -5, "rows": 5}'])
def test_what_a_run_said_of_itself_is_not_needed(host: BatchHost, source: Path, out: Path, content: bytes) -> None:
    """After a loss of power it may be empty."""
    (out / "progress.json").write_bytes(content)
    assert status(out).summary.done == 5
    summary = run(source, out)
    assert (summary.done, summary.maybe_twice) == (5, 0)


@pytest.mark.parametrize(
    "changes", [{"done": "x"}, {"cost_usd": "NaN"}, {"saved_usd": "abc"}, {"limit": None}, {"order": 5}]
)
def test_a_status_that_makes_no_sense_is_counted_instead(out: Path, changes: dict[str, Any]) -> None:
    path = out / "progress.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    found = status(out)
    assert (found.told_seconds, found.summary.done) == (None, 5)
    assert "5 of 5 rows have an answer" in str(found.summary)


@pytest.mark.parametrize(
    "changes",
    [{"shard_rows": 0}, {"shard_rows": "x"}, {"shard_rows": 1.5}, {"defaults": None}, {"defaults": []}],
    ids=str,
)
def test_a_manifest_that_makes_no_sense_is_named(source: Path, out: Path, changes: dict[str, Any]) -> None:
    path = out / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    for look in (lambda: run(source, out), lambda: status(out), lambda: merge(out, out.parent / "all.jsonl")):
        with pytest.raises(FolderError, match=r"manifest\.json is no manifest of a batch\. .*whole lines"):
            look()


@pytest.mark.parametrize("name", ["errors.jsonl", "history.jsonl", "plan-00000.bin", "part-00000-00000.jsonl"])
def test_a_folder_in_the_place_of_a_file_is_named(source: Path, out: Path, name: str) -> None:
    (out / name).unlink()
    (out / name).mkdir()
    with pytest.raises(FolderError, match=f"{name} cannot be (read|written)"):
        run(source, out)


def test_a_place_that_cannot_be_a_folder_is_named(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for place in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / "link", "a\0b", "/proc/answers"):
        with pytest.raises(FolderError, match="cannot be a folder of answers"):
            run(source, place)


def test_what_desktops_and_version_control_put_everywhere_is_no_other_run(
    host: BatchHost, source: Path, tmp_path: Path
) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    for name in (".DS_Store", ".gitignore"):
        (fresh / name).write_text("")
    assert run(source, fresh).done == 5


def test_no_room_for_the_plan_is_said_so(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL  # as SQLite itself sets it
        raise error

    monkeypatch.setattr("tensormesh_batch.plan.sorting.Sorter.add", full)
    with pytest.raises(FolderError, match="there is no room left; make room, and run the same command again"):
        run(source, tmp_path / "fresh")


def test_no_room_for_the_rows_of_a_program_is_said_so(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "input.unfinished").symlink_to("/dev/full")
    (fresh / "manifest.json").write_text(
        '{"version": 1, "surface": "serverless", "defaults": {}, "order": "auto", "shard_rows": 5, "generations": []}'
    )
    with pytest.raises(FolderError, match=r"input\.unfinished cannot be written: there is no room left"):
        run((row(f"r{number}", "x" * 10_000) for number in range(50)), fresh)


def test_what_a_program_raises_while_it_makes_rows_is_its_own(tmp_path: Path) -> None:
    def rows() -> Any:
        yield row("a")
        raise OSError("the database is gone")

    with pytest.raises(OSError, match="the database is gone"):
        run(rows(), tmp_path / "fresh")


@pytest.mark.parametrize("name", ["part-00000-00000.jsonl", "manifest.json", "errors.jsonl", "plan-00000.bin"])
def test_answers_take_no_place_of_what_belongs_to_the_batch(out: Path, name: str) -> None:
    before = (out / name).read_bytes()
    with pytest.raises(FolderError, match="belongs to the batch itself; give another file"):
        merge(out, out / name)
    assert (out / name).read_bytes() == before


def test_answers_do_not_take_the_place_of_the_input(source: Path, out: Path) -> None:
    source.with_name("link").symlink_to(source)
    for name in (source, source.with_name("link")):
        with pytest.raises(FolderError, match="is the input of this batch"):
            merge(out, name)
    assert run(source, out).done == 5


def test_answers_are_put_into_a_file_only(out: Path, tmp_path: Path) -> None:
    """Such as a device, which must stay one."""
    os.mkfifo(tmp_path / "pipe")
    for target in (tmp_path / "pipe", tmp_path):
        with pytest.raises(FolderError, match="is no file"):
            merge(out, target)
    assert (tmp_path / "pipe").is_fifo()


def test_answers_are_put_through_a_link_which_stays_one(out: Path, tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "all.jsonl")
    assert merge(out, tmp_path / "link").answers == 5
    assert (tmp_path / "link").is_symlink()
    assert len((tmp_path / "all.jsonl").read_bytes().splitlines()) == 5


def test_a_place_for_answers_that_is_none_is_named(out: Path, tmp_path: Path) -> None:
    for target in (tmp_path / "no" / "such", "a\0b"):
        with pytest.raises(FolderError, match="cannot be written"):
            merge(out, target)
