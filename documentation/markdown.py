"""Markdown that is made: tables, and marked sections of pages that people write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

MADE = "<!-- Made by `python -m documentation`. Change what it is made of instead. -->"
"""What a page begins with that is made as a whole."""

_SECTION = re.compile(r"(<!-- made: (?P<name>[\w -]+) -->\n).*?(<!-- end of (?P=name) -->)", re.DOTALL)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells lose their line breaks, and what would end them."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Text as code, nothing as nothing."""
    return f"`{text}`" if text else ""


def sections(text: str) -> list[str]:
    """The names of the marked sections of a page."""
    return [found["name"] for found in _SECTION.finditer(text)]


def filled(text: str, made: Mapping[str, str]) -> str:
    """
    A page with its marked sections made anew.

    Raises:
        KeyError: it marks a section that nobody makes.
    """
    return _SECTION.sub(lambda found: f"{found[1]}\n{made[found['name']].strip()}\n\n{found[3]}", text)
