"""The benchmark of batches measures what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.batch.__main__ import KEY, at_scale, beside_the_loop
from benchmarks.batch.sharing import SHAPES, rows
from benchmarks.peers.host.process import running


def test_a_batch_is_held_beside_the_plain_loop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running() as host:
        environment = {"TENSORMESH_SERVERLESS_BASE_URL": f"{host.url()}/whole", "TENSORMESH_INFERENCE_API_KEY": KEY}
        beside_the_loop(tmp_path, environment, 200, 1)
        at_scale(tmp_path, environment, 300)

    beside, scale = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"200 rows: loop [\d,]+ rows per CPU second, batch [\d,]+ \(\d+\.\d\d\), .* MB", beside)
    assert re.fullmatch(r"300 rows: \d+ MB; opened again in \d+\.\d s, \d+ MB", scale)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_two_rows_of_a_shape_are_the_same(shape: str) -> None:
    made = rows(shape)

    assert len({str(row["body"]) for row in made}) == len(made) > 100
