"""Ctrl-C: the first lets through what is under way, the second ends at once."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tensormesh_batch import session
from tensormesh_batch.batch import run
from tensormesh_batch.errors import Interrupted
from tensormesh_batch.progress.summary import Summary
from tests.batch.host import BatchHost
from tests.batch.rows import answers, row, written

ROWS = 300


@pytest.fixture(params=[{}, {"processes": 2}], ids=["alone", "processes"])
def engine(request: pytest.FixtureRequest) -> dict[str, int]:
    found: dict[str, int] = request.param
    return found


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(session, "EACH_SECONDS", 0.01)
    return written(tmp_path / "in.jsonl", [row(f"r{number}") for number in range(ROWS)])


class Impatient:
    """Presses Ctrl-C so many times, once four rows are under way."""

    def __init__(self, host: BatchHost, times: int, *, answered: bool) -> None:
        host.wait.clear()
        self._host, self._times, self._answered = host, times, answered

    def __call__(self, so_far: Summary) -> None:
        if len(self._host.asked) < 4:
            return
        if self._times:
            self._times -= 1
            signal.raise_signal(signal.SIGINT)
        elif self._answered:
            self._host.wait.set()


def test_the_first_lets_through_what_is_under_way(
    host: BatchHost, source: Path, tmp_path: Path, engine: dict[str, Any]
) -> None:
    out = tmp_path / "out"
    with pytest.raises(Interrupted, match=r"it was interrupted\. 4 of 300 rows have an answer, .*run the same again"):
        run(source, out, max_in_flight=4, progress=Impatient(host, 1, answered=True), **engine)
    assert len(answers(out)) == len(host.asked) == 4
    assert json.loads((out / "summary.json").read_text())["stopped"] == "it was interrupted"
    assert run(source, out, **engine).done == ROWS
    assert len(host.asked) == ROWS


def test_the_second_ends_at_once(host: BatchHost, source: Path, tmp_path: Path, engine: dict[str, Any]) -> None:
    out = tmp_path / "out"
    with pytest.raises(Interrupted, match=r"it was ended at once, with \d rows under way"):
        run(source, out, max_in_flight=4, progress=Impatient(host, 2, answered=False), **engine)
    host.wait.set()
    summary = run(source, out, **engine)
    assert (summary.done, summary.left) == (ROWS, 0)
    assert len(host.asked) == ROWS + 4


def test_what_ctrl_c_meant_before_it_means_again(host: BatchHost, source: Path, tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    run(source, tmp_path / "out")
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        run(source, tmp_path / "other", max_in_flight=4, progress=Impatient(host, 1, answered=True))
    assert signal.getsignal(signal.SIGINT) is before


def test_a_program_with_a_meaning_of_its_own_keeps_it(
    host: BatchHost, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        assert run(source, tmp_path / "out", max_in_flight=4, progress=Impatient(host, 1, answered=True)).left == 0
    finally:
        signal.signal(signal.SIGINT, before)
    assert pressed == [signal.SIGINT]
