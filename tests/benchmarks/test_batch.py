"""The benchmark of batches measures what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks.batch import __main__ as benchmark
from benchmarks.batch.__main__ import KEY, at_scale, beside_the_loop, by_number_at_once, keep
from benchmarks.batch.sharing import SHAPES, rows
from benchmarks.peers.host.process import running
from tests.cases import cases


def test_a_batch_is_held_beside_the_plain_loop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running() as host:
        environment = {"TENSORMESH_SERVERLESS_BASE_URL": f"{host.url()}/whole", "TENSORMESH_INFERENCE_API_KEY": KEY}
        beside_the_loop(tmp_path, environment, 200, 1)
        at_scale(tmp_path, environment, 300)

    beside, scale = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"200 rows: loop [\d,]+ rows per CPU second, batch [\d,]+ \(\d+\.\d\d\), .* MB", beside)
    assert re.fullmatch(r"300 rows: \d+ MB; opened again in \d+\.\d s, \d+ MB", scale)


def test_more_rows_at_once_are_faster_of_a_host_that_takes_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "AT_ONCE", (1, 8))
    with running() as host:
        url = f"{host.url()}/whole,delay=0.05"
        one, eight = by_number_at_once(
            tmp_path, {"TENSORMESH_SERVERLESS_BASE_URL": url, "TENSORMESH_INFERENCE_API_KEY": KEY}
        )

    assert (one["at_once"], eight["at_once"]) == (1, 8)
    assert 0 < one["rows_per_second"] < 20
    assert eight["rows_per_second"] > one["rows_per_second"]


def test_figures_are_kept_and_those_of_other_hosts_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = tmp_path / "batch.json"
    figures.write_text('{"live": [{"input": "elsewhere"}], "orders": ["old"]}')
    monkeypatch.setattr(benchmark, "FIGURES", figures)

    keep([{"at_once": 1, "rows_per_second": 2.0}], [{"input": "here"}])

    kept = json.loads(figures.read_text())
    assert kept["throughput"] == [{"at_once": 1, "rows_per_second": 2.0}]
    assert (kept["orders"], kept["live"]) == ([{"input": "here"}], [{"input": "elsewhere"}])


@cases("shape", SHAPES)
def test_no_two_rows_of_a_shape_are_the_same(shape: str) -> None:
    made = rows(shape)

    assert len({str(row["body"]) for row in made}) == len(made) > 100
