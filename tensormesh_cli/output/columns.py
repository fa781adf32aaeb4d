"""The columns of a table: which are worth their room, and how wide each may be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

CELL = 48
"""Columns of the screen that a cell takes at most, where not all of every cell fits."""

NARROW = 20
"""So much is left of a name where there is no room for more."""

LEAST = 12
"""So much of a sentence is worth showing."""

GAP = "  "

_NUMBER = re.compile(r"-?\d+(\.\d+)?( [A-Z]{3})?( per \w+ \w+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
_IDENTIFIER = re.compile(r"id|.*Id|.*_id|model")


@dataclass(frozen=True)
class Column:
    """
    One column.

    Attributes:
        chosen: it was said that it is worth showing; others are less so.
    """

    name: str
    heading: str
    cells: Sequence[str]
    chosen: bool = False

    @cached_property
    def width(self) -> int:
        return max(map(text_width, [self.heading, *self.cells]))

    @cached_property
    def numbers(self) -> bool:
        return all(_NUMBER.fullmatch(cell) for cell in self.cells if cell)

    @property
    def identifier(self) -> bool:
        """Whether it holds what other commands take. Half an id is none, and neither is an id that is not shown."""
        return is_identifier(self.name)

    @property
    def sentences(self) -> bool:
        return not self.numbers and not self._times and any(" " in cell for cell in self.cells)

    @property
    def constant(self) -> bool:
        """Whether it says the same of everything, which is nearly nothing."""
        return len(self.cells) > 1 and len(set(self.cells)) == 1

    @cached_property
    def _times(self) -> bool:
        return all(_TIME.fullmatch(cell) for cell in self.cells if cell)

    @cached_property
    def least(self) -> int:
        """The width below which it is not worth showing. Half a number or half a time says something else."""
        if self.numbers or self._times or self.identifier:
            return self.width
        if self.sentences:
            return min(self.width, LEAST)
        return min(self.width, NARROW if self.chosen else CELL)

    def shown(self, width: int) -> list[str]:
        """Heading and cells, each as wide as `width`; numbers stand to the right."""
        cut = [cut_to(cell, width) for cell in (self.heading, *self.cells)]
        return [padded(cell, width, right=self.numbers) for cell in cut]


def is_identifier(name: str) -> bool:
    """Whether a key names an id, or a model, which goes by its name."""
    return _IDENTIFIER.fullmatch(name) is not None


def fitting(columns: Sequence[Column], width: int | None) -> list[tuple[Column, int]] | None:
    """
    The columns that there is room for, each with its width; None where there is not even room for the ids.

    Args:
        width: columns of the screen; None is all the room that is needed.
    """
    if width is None or _total([column.width for column in columns]) <= width:
        return [(column, column.width) for column in columns]
    some_chosen = any(column.chosen for column in columns)
    first = next((column for column in columns if not column.identifier), None)
    kept = [column for column in columns if column.identifier and (column.chosen or not some_chosen)]
    found = {column.name: column.width for column in kept}
    for chosen in (True, False):
        for column in columns:
            if column.name in found or column.chosen is not chosen:
                continue
            room = width - _total([*found.values(), 0])
            least = column.least
            if column is first and not kept and 0 < room < least:
                least = room  # better half of what it is about than nothing of it
            if least <= room:
                found[column.name] = least
        _spread(columns, found, width)
    if not found or _total(list(found.values())) > width or (first and first.chosen and first.name not in found):
        return None
    return [(column, found[column.name]) for column in columns if column.name in found]


def _spread(columns: Sequence[Column], found: dict[str, int], width: int) -> None:
    """Give the room that is left to those that were cut, from the left."""
    for column in columns:
        if column.name in found:
            found[column.name] += min(column.width - found[column.name], max(0, width - _total(list(found.values()))))


def text_width(text: str) -> int:
    """Columns of the screen that a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def cut_to(text: str, room: int) -> str:
    """The text, or its beginning with a sign that there is more."""
    if text_width(text) <= room:
        return text
    kept, used = "", 0
    for character in text:
        used += text_width(character)
        if used > room - 1:
            break
        kept += character
    return f"{kept}…"


def padded(text: str, room: int, *, right: bool = False) -> str:
    """The text with what it lacks of a width."""
    gap = " " * (room - text_width(text))
    return f"{gap}{text}" if right else f"{text}{gap}"


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * max(0, len(widths) - 1)
