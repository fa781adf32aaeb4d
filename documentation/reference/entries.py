"""One page of the reference: what it holds, as a table for readers of the repository, and in full for the site."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, NamedTuple

from documentation.markdown import MADE, code, table

FIELD_OPTIONS = {"show_attribute_values": "false", "members_order": "source"}
"""Options of mkdocstrings for a typed dictionary: its keys as they are written, without a value."""


class Entry(NamedTuple):
    """
    A documented object.

    Attributes:
        name: what a reader calls it.
        path: where mkdocstrings finds it, and its anchor on the site.
        summary: what it is, in a sentence.
        calls: the method and path of the operation that it calls, as Markdown; empty where it calls none.
        options: of mkdocstrings, beside those of the site.
    """

    name: str
    path: str
    summary: str = ""
    calls: str = ""
    options: Mapping[str, str] = {}

    @property
    def directive(self) -> str:
        """What mkdocstrings replaces with the docstring."""
        options = {"heading": f'"{self.name}"', "toc_label": f'"{self.name}"', **self.options}
        lines = "".join(f"      {key}: {value}\n" for key, value in options.items())
        return f"::: {self.path}\n    options:\n{lines}"


def summary_of(thing: Any) -> str:
    """The first paragraph of a docstring; of a constant, which has none, its value; of a marker nothing."""
    if isinstance(thing, Enum):
        return ""
    if isinstance(thing, str | int | float):
        return code(str(thing))
    return first_paragraph(inspect.getdoc(thing))


def first_paragraph(docstring: str | None) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join((docstring or "").partition("\n\n")[0].split())


def page(title: str, words: str, entries: Iterable[Entry]) -> str:
    """The text of a page."""
    listed = list(entries)
    calls = any(entry.calls for entry in listed)
    heads = ["name", "calls", "what it is"] if calls else ["name", "what it is"]
    rows = [[code(entry.name), *([entry.calls] if calls else []), entry.summary] for entry in listed]
    directives = "\n".join(entry.directive for entry in listed)
    return f"# {title}\n\n{MADE}\n\n{words.strip()}\n\n{table(heads, rows)}\n{directives}"
