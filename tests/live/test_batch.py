"""Batches against an engine whose cache holds a part of the input: the order of the rows decides what it computes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from tensormesh import batch
from tests.live.conftest import LIVE, NOT_LIVE
from tests.live.engine.process import Engine

if not LIVE:
    pytest.skip(NOT_LIVE, allow_module_level=True)

DOCUMENTS, QUESTIONS = 400, 5
BLOCK, BLOCKS = 32, 512
"""A cache of 16,384 tokens, which is a small part of all documents."""


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine("--block-size", str(BLOCK), "--num-gpu-blocks-override", str(BLOCKS)) as started:
        started.run()
        yield started


def rows(engine: Engine) -> Iterator[dict[str, Any]]:
    """Each question to all documents: the loop that people write."""
    for question in range(QUESTIONS):
        for document in range(DOCUMENTS):
            text = " ".join(f"{document}.{line} is a line of this document." for line in range(20))
            messages = [{"role": "user", "content": f"{text} Question {question}?"}]
            body = {"model": engine.model, "messages": messages, "max_tokens": 2}
            yield {"custom_id": f"{document}-{question}", "body": body}


def cached_share(engine: Engine, folder: Path, order: Literal["prefix", "input"]) -> float:
    summary = batch.run(
        rows(engine),
        folder,
        order=order,
        max_in_flight=8,
        client_options={"inference_api_key": engine.key, "serverless_base_url": engine.url},
    )
    print(f"{order}: {summary.cached_share:.1%} of {summary.prompt_tokens:,} tokens cached, {summary.seconds:.0f} s")
    assert (summary.done, summary.failed) == (DOCUMENTS * QUESTIONS, 0)
    return summary.cached_share or 0.0


def test_rows_with_the_same_beginning_are_computed_once_in_the_order_of_prefixes(
    engine: Engine, tmp_path: Path
) -> None:
    by_input = cached_share(engine, tmp_path / "input", "input")
    by_prefix = cached_share(engine, tmp_path / "prefix", "prefix")

    assert by_input < 0.2
    assert by_prefix > 0.7
