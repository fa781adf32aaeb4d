"""How far a run is, for whoever looks from elsewhere; and what a run leaves to look at."""

from __future__ import annotations

import json
import os
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tensormesh_batch.batch import run
from tensormesh_batch.errors import FolderError
from tensormesh_batch.money.price import Price
from tensormesh_batch.progress.history import moments
from tensormesh_batch.status import Status, status
from tests.batch.host import BatchHost, Reply, answer
from tests.batch.rows import row, written


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written(tmp_path / "in.jsonl", [row(name) for name in "abc"])


def changed(out: Path, **values: Any) -> None:
    """As a run says it that is somewhere else."""
    path = out / "progress.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_run_can_be_looked_at_while_it_goes_on(host: BatchHost, source: Path, out: Path) -> None:
    seen: list[Status] = []
    run(source, out, progress=lambda _: seen.append(status(out)))
    assert (seen[0].state, seen[0].summary.rows, seen[0].summary.done) == ("running", 3, 0)
    ended = status(out)
    assert (ended.state, ended.summary.done) == ("ended", 3)
    assert ended.summary.to_dict() == json.loads((out / "summary.json").read_text())


@pytest.mark.parametrize(
    ("age", "values", "state"),
    [
        (0, {"in_flight": 2, "left": 2}, "running"),
        (0, {"in_flight": 0, "left": 2}, "running"),
        (0, {"in_flight": 1, "left": 0}, "running"),
        (60, {"in_flight": 2, "left": 2}, "broken off"),
        (60, {"in_flight": 0, "left": 2, "stopped": "the budget is spent"}, "ended"),
        (0, {"in_flight": 0, "left": 2, "stopped": "the budget is spent"}, "ended"),
        (0, {"in_flight": 1, "left": 2, "stopped": "it was interrupted"}, "running"),
    ],
)
def test_a_run_that_says_nothing_any_more_has_broken_off(
    host: BatchHost, source: Path, out: Path, age: int, values: dict[str, Any], state: str
) -> None:
    run(source, out)
    changed(out, **values)
    then = time.time() - age
    os.utime(out / "progress.json", (then, then))
    assert status(out).state == state


def test_where_a_run_has_said_nothing_its_parts_are_counted(host: BatchHost, source: Path, out: Path) -> None:
    host.reply = lambda body, times: Reply(400, {}) if body["messages"][0]["content"].endswith("b") else answer(body)
    run(source, out, price=Price.of("1,1"))
    said = status(out).summary
    for gone in ("progress.json", "input.jsonl"):
        (out / gone).unlink(missing_ok=True)
    counted = status(out)
    assert (counted.state, counted.told_seconds) == ("ended", None)
    for name in ("rows", "done", "failed", "left", "prompt_tokens", "cost_usd"):
        assert getattr(counted.summary, name) == getattr(said, name), name


def test_what_another_version_said_is_counted_instead(host: BatchHost, source: Path, out: Path) -> None:
    run(source, out)
    (out / "progress.json").write_text('{"rows": 3}')
    assert status(out).told_seconds is None


def test_what_is_no_batch_is_named(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="is the folder of no batch"):
        status(tmp_path)


def test_a_run_leaves_a_history_and_a_page(host: BatchHost, source: Path, out: Path) -> None:
    run(source, out)
    run(source, out)
    found = list(moments(out / "history.jsonl"))
    assert {moment.run for moment in found} == {1, 2}
    assert found[-1].done == 3
    assert "3 of 3 rows have an answer" in (out / "report.html").read_text()


def test_what_the_cache_saved_is_added_up_over_runs(host: BatchHost, tmp_path: Path, out: Path) -> None:
    host.reply = lambda body, times: (
        Reply(400, {}) if times == 0 and "b" in body["messages"][0]["content"] else answer(body, cached=1)
    )
    source = written(tmp_path / "in.jsonl", [row("1", "a word"), row("2", "b word")])
    assert run(source, out, price=Price.of("3,1")).saved_usd == Decimal(3) / 10**6
    assert run(source, out, price=Price.of("3,1"), retry_failed=True).saved_usd == Decimal(6) / 10**6
    assert run(source, out).saved_usd == Decimal(6) / 10**6


def test_cached_tokens_cost_what_the_price_says(host: BatchHost, tmp_path: Path, out: Path) -> None:
    host.reply = lambda body, times: answer(body, cached=1)
    source = written(tmp_path / "in.jsonl", [row("1", "two words")])
    found = run(source, out, price=Price(Decimal(3), Decimal(1), cached=Decimal(2)))
    assert (found.cost_usd, found.saved_usd) == (Decimal(3 + 2 + 2) / 10**6, Decimal(1) / 10**6)
