"""What it costs to make models of JSON and JSON of models, beside pydantic and beside decoding the bytes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from benchmarks.measures import Group, Measure
from benchmarks.pydantic_models import pydantic_model
from tensormesh_generated import models
from tensormesh_runtime.json_model import JsonModel

SAMPLES = Path(__file__).parent / "samples"
BATCH_NS = 8_000_000

Case = tuple[str, Callable[[], Any], bool]


def measure(rounds: int) -> list[Group]:
    """Measure an answer, a chunk of a stream, and a request."""
    return [
        _group("A chat completion", "completion.json", models.ChatCompletionResponse, rounds),
        _group("A chunk of a stream", "chunk.json", models.ChatCompletionChunk, rounds),
        _group("A request of 13 messages", "request.json", models.ChatCompletionRequest, rounds),
    ]


def _group(what: str, file: str, ours: type[JsonModel], rounds: int) -> Group:
    content = (SAMPLES / file).read_bytes().strip()
    cases = _cases(content, ours, pydantic_model(ours.__name__))
    batches = [_batch(run) for _, run, _ in cases]
    times: list[list[float]] = [[] for _ in cases]
    for _ in range(rounds):
        for (_, run, _), batch, found in zip(cases, batches, times, strict=True):
            found.append(_nanoseconds(run, batch) / batch / 1000)
    measures = tuple(Measure(name, tuple(found), mine) for (name, _, mine), found in zip(cases, times, strict=True))
    return Group(f"{what}, {len(content)} bytes", "µs", measures)


def _cases(content: bytes, ours: type[JsonModel], theirs: type[BaseModel]) -> list[Case]:
    data = json.loads(content)
    mine, other = ours.from_dict(data), theirs.model_validate(data)
    # Both must do the whole work, or the comparison says nothing.
    assert mine.to_dict() == data
    assert other.model_dump(exclude_unset=True) == data
    return [
        ("json.loads", lambda: json.loads(content), False),
        ("from_dict", lambda: ours.from_dict(data), True),
        ("pydantic model_validate", lambda: theirs.model_validate(data), False),
        ("json.loads and from_dict", lambda: ours.from_dict(json.loads(content)), True),
        ("pydantic model_validate_json", lambda: theirs.model_validate_json(content), False),
        ("to_dict", mine.to_dict, True),
        ("pydantic model_dump(exclude_unset)", lambda: other.model_dump(exclude_unset=True), False),
    ]


def _batch(run: Callable[[], Any]) -> int:
    """How many runs take about `BATCH_NS`, so that the clock's own grain does not count."""
    size = 1
    while (spent := _nanoseconds(run, size)) < BATCH_NS // 8:
        size *= 2
    return max(1, round(size * BATCH_NS / spent))


def _nanoseconds(run: Callable[[], Any], batch: int) -> int:
    start = time.process_time_ns()
    for _ in range(batch):
        run()
    return time.process_time_ns() - start
