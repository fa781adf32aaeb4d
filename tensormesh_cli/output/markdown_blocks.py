"""Cuts Markdown that is still being written into blocks that are finished, and one that is not. Pure."""

from __future__ import annotations

import re

_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_GOES_ON = re.compile(r"\s+\S|[-*+] |\d+[.)] |\||>")
"""How a line begins that belongs to the list, the table or the quotation before an empty line."""


class Blocks:
    """Takes pieces of text as they come."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._begun_line = ""
        self._fence = ""
        self._goes_on = False
        self._empty = False

    @property
    def rest(self) -> str:
        """What is not finished."""
        return "".join(f"{line}\n" for line in self._lines) + self._begun_line

    def feed(self, piece: str) -> list[str]:
        """The blocks that are finished now."""
        *lines, self._begun_line = (self._begun_line + piece).split("\n")
        return [block for line in lines for block in self._take(line) if block]

    def flush(self) -> str:
        """What is left at the end."""
        self._lines.append(self._begun_line)
        self._begun_line = ""
        return self._cut()

    def _take(self, line: str) -> list[str]:
        """A whole line; what was finished before it, or with it."""
        mark = _FENCE.match(line)
        if self._fence:
            self._lines.append(line)
            if mark and mark[1].startswith(self._fence) and not line.strip().strip(self._fence[0]):
                self._fence = ""
                return [] if self._goes_on else [self._cut()]
            return []
        if not line.strip():
            if self._lines and self._goes_on:
                self._lines.append(line)
                self._empty = True
                return []
            return [self._cut()]
        ended = self._empty and not _GOES_ON.match(line)
        opened = mark is not None and not self._goes_on and not line[0].isspace()
        found = [self._cut()] if ended or opened else []
        if not self._lines:
            self._goes_on = mark is None and _GOES_ON.match(line) is not None
        self._lines.append(line)
        self._empty = False
        self._fence = mark[1] if mark else ""
        return found

    def _cut(self) -> str:
        block = "\n".join(self._lines).strip("\n")
        self._lines.clear()
        self._fence, self._goes_on, self._empty = "", False, False
        return block
