"""What came from the cache, and what a run cost, by the order of its rows; the local host has no room for all."""

from __future__ import annotations

import functools
import json
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from tensormesh import batch

WORDS = (
    "river",
    "stone",
    "light",
    "paper",
    "winter",
    "garden",
    "music",
    "bridge",
    "silver",
    "forest",
    "letter",
    "ocean",
)
MODEL = "openai/gpt-oss-20b"
PRICE = "0.07,0.28"
"""US dollars for a million tokens, as the local host has them for that model."""


@functools.cache  # rows share them
def words(seed: str, count: int) -> str:
    chosen = random.Random(seed)  # noqa: S311  (no secret)
    return " ".join(chosen.choice(WORDS) for _ in range(count))


def documents_and_questions() -> Iterator[list[dict[str, str]]]:
    """The usual nested loop: each question to all documents."""
    for question in range(3):
        for document in range(90):
            yield [{"role": "user", "content": f"{words(f'd{document}', 10_000)}\n\nQuestion {question}?"}]


def few_shot() -> Iterator[list[dict[str, str]]]:
    """Ten tasks with examples of their own, one after another for each item."""
    for item in range(30):
        for task in range(10):
            examples = {"role": "system", "content": words(f"t{task}", 3_000)}
            yield [examples, {"role": "user", "content": f"Item {item}: {words(f'i{item}', 20)}"}]


def conversations() -> Iterator[list[dict[str, str]]]:
    """Each turn of a conversation with all before it, turn by turn."""
    for turn in range(1, 7):
        for talk in range(120):
            said = [words(f"c{talk}.{number}", 700) for number in range(2 * turn - 1)]
            yield [{"role": ("user", "assistant")[at % 2], "content": text} for at, text in enumerate(said)]


SHAPES: dict[str, Callable[[], Iterator[list[dict[str, str]]]]] = {
    "3 questions about 90 documents, question by question": documents_and_questions,
    "30 items for each of 10 tasks with examples of their own": few_shot,
    "120 conversations of 6 turns, turn by turn": conversations,
}


def rows(shape: str) -> list[dict[str, Any]]:
    return [
        {"custom_id": f"r{number}", "body": {"model": MODEL, "messages": messages, "max_tokens": 1}}
        for number, messages in enumerate(SHAPES[shape]())
    ]


def measured(shape: str, order: Literal["prefix", "input"], folder: Path, in_flight: int) -> dict[str, float]:
    """Percent of the input that came from the cache, and US dollars, of one run."""
    shutil.rmtree(folder, ignore_errors=True)
    price = batch.Price.of(PRICE)
    summary = batch.run(rows(shape), folder, order=order, max_in_flight=in_flight, price=price)
    assert summary.left == summary.failed == summary.unpriced == 0
    return {"cached": round(100 * (summary.cached_share or 0.0), 1), "usd": round(float(summary.cost_usd or 0), 3)}


if __name__ == "__main__":
    name, order, where, in_flight = sys.argv[1:]
    assert order in ("prefix", "input")
    print(json.dumps(measured(name, "prefix" if order == "prefix" else "input", Path(where), int(in_flight))))
