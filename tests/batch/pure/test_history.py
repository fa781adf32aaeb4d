"""How a run went over time, and the page about it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from tensormesh_batch.errors import FolderError
from tensormesh_batch.folder.layout import Layout
from tensormesh_batch.progress.chart import Curve, chart
from tensormesh_batch.progress.history import History, Moment, moments
from tensormesh_batch.progress.report import POINTS, report, write_report
from tests.batch.pure.summaries import summary

DAY = 86_400


def told(path: Path, seconds: int, *, step: int = 1, before: int = 0) -> None:
    """A run that answers a row each second."""
    history = History(path)
    for second in range(0, seconds, step):
        tokens = {"prompt_tokens": second * 10, "cached_tokens": second * 5, "completion_tokens": second}
        at = {"done_before": before, "answer_seconds": second * 0.5, "cost_usd": str(second)}
        history.tell(summary(float(second), before + second, **at, **tokens))


def test_there_is_a_line_for_each_second_at_first(tmp_path: Path) -> None:
    told(tmp_path / "history.jsonl", 100)
    assert [moment.seconds for moment in moments(tmp_path / "history.jsonl")] == list(range(100))


def test_a_run_of_days_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    told(path, 10 * DAY, step=20)
    assert sum(1 for _ in moments(path)) < 3_000
    assert list(moments(path))[-1].seconds > 9.9 * DAY


def test_its_end_is_told_whatever_the_time(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl")
    for seconds in (1.0, 1.1, 1.2):
        history.tell(summary(seconds), last=seconds == 1.2)
    assert [moment.seconds for moment in moments(tmp_path / "history.jsonl")] == [1.0, 1.2]


def test_runs_are_told_apart_and_torn_lines_left_out(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    told(path, 2)
    with path.open("a") as file:
        file.write('{"run": 7, "seconds"\n[]\n{"run": "x"}\n')
    told(path, 2)
    assert [moment.run for moment in moments(path)] == [1, 1, 2, 2]


def test_a_history_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"history\.jsonl cannot be written"):
        History(tmp_path / "gone" / "history.jsonl").tell(summary())


def test_a_page_needs_nothing_else_and_all_text_is_escaped(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "<script>alert(1)<")
    layout.root.mkdir()
    told(layout.history, 50)
    write_report(layout, summary(50.0, 50, stopped="<img src=x onerror=alert(1)>", cost_usd="50"))
    page = layout.report.read_text()
    assert "<h1>Batch &lt;script&gt;alert(1)&lt;</h1>" in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert not re.search(r"<script|<img|<link|src=[\"']|url\(|https?:", page)
    assert "Content-Security-Policy" in page
    assert "prefers-color-scheme: dark" in page
    figures = re.findall(r"<svg.*?</svg>", page)
    assert len(figures) == 6
    for figure in figures:
        ET.fromstring(figure)  # noqa: S314  (our own)


def test_a_page_of_days_is_as_small_as_one_of_minutes(tmp_path: Path) -> None:
    told(tmp_path / "history.jsonl", DAY, step=10)
    told(tmp_path / "history.jsonl", DAY, step=10, before=DAY)
    page = report("out", summary(1.0), moments(tmp_path / "history.jsonl"))
    curve = re.findall(r'class="curve s0" d="([^"]*)"', page)[0]
    assert 0.5 * POINTS < curve.count("L") <= POINTS + 2
    assert page.count('class="break"') == 6
    assert "another run went on" in page


def test_curves_are_what_happened_from_moment_to_moment() -> None:
    moment = Moment(1, 0.0, 0, 0, 0, 8, 0.0, 0, 0, 0, 0, 0, None)
    later = replace(moment, seconds=10.0, done=50, answers=50, answer_seconds=100.0)
    page = report("out", summary(10.0), [moment, later])
    rows, latency = (re.search(rf"<figcaption>{name}.*?</figure>", page, re.DOTALL) for name in ("Rows a s", "Seconds"))
    assert rows is not None
    assert latency is not None
    assert re.findall(r'class="end">([\d.]+)<', rows[0]) == ["0", "2", "4", "6"]
    assert re.findall(r'class="end">([\d.]+)<', latency[0]) == ["0", "0.5", "1", "1.5", "2"]


def test_a_page_of_nothing_says_so() -> None:
    page = report("out", replace(summary(), done=0), [])
    assert page.count("nothing is known") == 6


def test_a_curve_is_interrupted_where_there_is_no_value() -> None:
    figure = chart("it", [Curve("a", [(0.0, 1.0), (1.0, None), (2.0, 3.0), (3.0, 2.0)])], str)
    assert re.findall(r'd="(M[^"]*L[^"]*)"', figure)[0].count("M") == 2
