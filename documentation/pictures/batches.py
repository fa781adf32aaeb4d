"""What a batch does, as bars: rows a second by how many are under way, and cache and cost by their order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from documentation.pictures.svg import LINE, bar, picture, text

FIGURES = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "batch.json"
"""What `make bench-batch ARGS=--figures` measured."""
ORANGE, BLUE = "#e69f00", "#0072b2"
WIDTH, LEFT, TOP, BAR = 900, 420, 60, 22
FULL = WIDTH - LEFT - 90


class Order(NamedTuple):
    """
    An input, sent in two orders.

    Attributes:
        cached: percent of the input that came from the cache: as it came, by prefix, and the most possible, if known.
        usd: what it cost, as it came and by prefix; nothing where there is no price.
    """

    input: str
    cached: tuple[float, ...]
    usd: tuple[float, ...]


class Row(NamedTuple):
    """A group of bars: what it is, and the length of each with the words behind it."""

    name: str
    bars: Sequence[tuple[float, str]]


def orders() -> list[Order]:
    """Each input that was measured."""
    found = json.loads(FIGURES.read_text(encoding="utf-8"))
    ways = ("as_it_came", "by_prefix", "at_most")
    return [
        Order(
            one["input"],
            tuple(one[way]["cached"] for way in ways if way in one),
            tuple(one[way]["usd"] for way in ways[:2] if "usd" in one[way]),
        )
        for one in (*found["orders"], *found["live"])
    ]


def throughput() -> dict[int, float]:
    """Rows a second, by how many were under way at once."""
    found = json.loads(FIGURES.read_text(encoding="utf-8"))
    return {one["at_once"]: one["rows_per_second"] for one in found["throughput"]}


def seconds_per_answer() -> float:
    """How long the host took for an answer when that was measured."""
    return float(json.loads(FIGURES.read_text(encoding="utf-8"))["seconds_per_answer"])


def draw_cached() -> str:
    """SVG."""
    rows = [Row(one.input, [(share, f"{share:.1f} %") for share in one.cached[:2]]) for one in orders()]
    return _chart("Input from the cache, in percent of all input", rows, ("as it came", "by prefix"), most=100)


def draw_cost() -> str:
    """SVG."""
    rows = [Row(one.input, [(usd, f"{usd:.3f} USD") for usd in one.usd]) for one in orders() if one.usd]
    return _chart("Cost of the batch, in US dollars", rows, ("as it came", "by prefix"))


def draw_throughput() -> str:
    """SVG."""
    rows = [Row(f"{number} at once", [(rate, f"{rate:g}")]) for number, rate in throughput().items()]
    title = f"Rows per second, of a host that takes {seconds_per_answer():g} seconds for each answer"
    return _chart(title, rows, ())


def _chart(title: str, rows: Sequence[Row], names: Sequence[str], most: float | None = None) -> str:
    """Groups of bars below each other, the longest as long as there is room, or as the share that it is of `most`."""
    most = most or max(length for row in rows for length, _ in row.bars)
    height = 18 + BAR * max(len(row.bars) for row in rows)
    return picture(title, WIDTH, TOP + height * len(rows) + 10, _parts(title, rows, names, most, height))


def _parts(title: str, rows: Sequence[Row], names: Sequence[str], most: float, height: int) -> Iterator[str]:
    yield text(20, 29, title, bold=True)
    for number, (words, colour) in enumerate(zip(names, (ORANGE, BLUE), strict=False)):
        yield bar(LEFT + 130 * number, 18, 14, 14, colour)
        yield text(LEFT + 130 * number + 22, 30, words)
    for number, row in enumerate(rows):
        y = TOP + height * number
        yield text(LEFT - 14, y + BAR * len(row.bars) / 2 + 4, row.name, anchor="end")
        colours = (ORANGE, BLUE) if len(row.bars) > 1 else (BLUE,)
        for place, ((length, words), colour) in enumerate(zip(row.bars, colours, strict=True)):
            yield bar(LEFT, y + BAR * place, FULL * length / most, 18, colour)
            yield text(LEFT + FULL * length / most + 6, y + BAR * place + 14, words)
    yield f'<line x1="{LEFT}" x2="{LEFT}" y1="{TOP - 8}" y2="{TOP + height * len(rows) - 8}" stroke="{LINE}"/>'
