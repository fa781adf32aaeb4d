"""What an input holds and may cost, before anything is sent."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tensormesh_batch.errors import InputError
from tensormesh_batch.estimate import estimate
from tensormesh_batch.money.price import Price
from tests.batch.host import BatchHost
from tests.batch.rows import MODEL, row, written


def documents(count: int) -> list[Any]:
    """Questions about three documents, in turn."""
    return [row(f"r{i}", f"q{i}", system=f"{i % 3} " * 1_000) for i in range(count)]


def test_nothing_is_sent_and_nothing_left(host: BatchHost, tmp_path: Path) -> None:
    found = estimate(written(tmp_path / "in.jsonl", documents(30)), price=Price.of("1,2"))
    assert host.asked == []
    assert [file.name for file in tmp_path.iterdir()] == ["in.jsonl"]
    assert (found.rows, found.models, found.most_completion_tokens) == (30, {MODEL: 30}, 150)
    assert 14_000 < found.prompt_tokens < 16_000


def test_no_more_is_paid_than_is_said(host: BatchHost, tmp_path: Path) -> None:
    source = written(tmp_path / "in.jsonl", documents(3))
    found = estimate(source, price=Price.of("1,2"))
    assert found.most_usd is not None
    assert found.most_usd * 10**6 >= len(source.read_bytes()) + 3 * 5 * 2


def test_the_share_that_order_could_save_is_told(tmp_path: Path) -> None:
    found = estimate(written(tmp_path / "in.jsonl", documents(30)), price=Price.of("1,2"))
    assert found.order == "prefix"
    assert found.shared == pytest.approx(27 / 30, abs=0.02)
    assert found.shared_as_it_is < 0.1
    assert found.saved_usd is not None
    assert found.saved_usd > Decimal("0.01")
    as_it_is = estimate(tmp_path / "in.jsonl", order="input", price=Price.of("1,2"))
    assert (as_it_is.order, as_it_is.saved_usd) == ("input", 0)
    assert as_it_is.shared < 0.1


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    source = written(tmp_path / "in.jsonl", [row("a"), row("b", max_tokens=None), "{"])
    found = estimate(source)
    assert (found.most_usd, found.unpriced, found.unlimited, found.bad_lines) == (None, (MODEL,), 1, 1)
    assert str(found).splitlines()[:2] == [f"2 rows for {MODEL} (2)", "1 line is no request:"]
    assert "\n  line 3: it is not JSON" in str(found)
    assert "without the price of a/model: give price (--price)" in str(found)
    assert "1 row has no limit for what comes out: give max_tokens (--max-tokens)" in str(found)
    assert json.dumps(found.to_dict())
    assert estimate(source, contexts={MODEL: 1_000}, price=Price.of("1,2")).most_usd is not None
    assert estimate(source, max_tokens=5, price={"other": Price.of("1,2")}).unpriced == (MODEL,)


def test_rows_of_a_program_are_estimated_too() -> None:
    assert estimate(row(name) for name in "ab").rows == 2


def test_an_input_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        estimate(tmp_path / "in.jsonl")
