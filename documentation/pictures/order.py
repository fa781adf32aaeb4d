"""What the order of a batch saves: the table of the guide as bars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from documentation.pictures.svg import LINE, bar, picture, text

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "batch.md"
ROW = re.compile(r"^\| (?P<input>[^|]+) \| (?P<came>[\d.]+) % \| (?P<prefix>[\d.]+) % \|", re.MULTILINE)
COLOURS = {"as it came": "#e69f00", "by prefix": "#0072b2"}
WIDTH, HEIGHT, LEFT, TOP = 900, 62, 420, 60
FULL = WIDTH - LEFT - 70


class Measured(NamedTuple):
    """A row of the table: percent of the input that came from the cache."""

    input: str
    as_it_came: float
    by_prefix: float


def measured() -> list[Measured]:
    """The rows of the table."""
    found = ROW.finditer(PAGE.read_text(encoding="utf-8"))
    return [Measured(row["input"], float(row["came"]), float(row["prefix"])) for row in found]


def draw() -> str:
    """SVG."""
    rows = measured()
    return picture("Share of input that came from the cache", WIDTH, TOP + HEIGHT * len(rows) + 10, _parts(rows))


def _parts(rows: list[Measured]) -> Iterator[str]:
    yield text(20, 29, "Input from the cache, in percent of all input", bold=True)
    for number, (words, colour) in enumerate(COLOURS.items()):
        yield bar(LEFT + 130 * number, 18, 14, 14, colour)
        yield text(LEFT + 130 * number + 22, 30, words)
    for number, row in enumerate(rows):
        y = TOP + HEIGHT * number
        yield text(LEFT - 14, y + 26, row.input, anchor="end")
        for place, (share, colour) in enumerate(zip(row[1:], COLOURS.values(), strict=True)):
            assert isinstance(share, float)
            yield bar(LEFT, y + 22 * place, FULL * share / 100, 18, colour)
            yield text(LEFT + FULL * share / 100 + 6, y + 22 * place + 14, f"{share:.1f}")
    yield f'<line x1="{LEFT}" x2="{LEFT}" y1="{TOP - 8}" y2="{TOP + HEIGHT * len(rows) - 8}" stroke="{LINE}"/>'
