"""
Events that are like one before them but for their piece of text, which is all that is decoded of them. No I/O.

Most events of a stream are of that kind, and to decode a text costs a quarter of what it costs to decode an event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Self

from tensormesh_overlay.json_values import from_json
from tensormesh_overlay.streaming.assembly import JsonObject, Plain

MARK = "a piece of text"

_HARD = re.compile(rb'\\(?:"|u[dD]|$)')
"""What may lead out of a text, or be half a character."""


class EventTemplate:
    """The JSON of an event, before and after its piece of text."""

    __slots__ = ("_begin", "_end", "_like")

    def __init__(self, begin: bytes, end: bytes, like: Callable[[str], JsonObject]) -> None:
        self._begin, self._end, self._like = begin, end, like

    @classmethod
    def of(cls, content: bytes, event: Plain) -> Self | None:
        """
        The template of an event; None where it cannot be told where its text stands.

        Args:
            content: its JSON.
            event: what that is.
        """
        places = list(re.finditer(rb'"%b"\s*+:\s*+"((?:[^"\\]++|\\.)*+)"' % re.escape(event.key.encode()), content))
        if not places or event.text == MARK:
            return None
        begin, end = content[: places[-1].start(1)], content[places[-1].end(1) :]
        # If the mark comes out as the whole of the text, then there any other would.
        try:
            told = from_json(b"%b%b%b" % (begin, MARK.encode(), end))
        except (ValueError, RecursionError, MemoryError):
            return None
        return cls(begin, end, event.like) if told == event.like(MARK) else None

    def events(self, contents: Iterable[bytes]) -> list[JsonObject] | None:
        """The events of some JSON; None where one is not like the template, or not told quickly."""
        begin, end = self._begin, self._end
        start, stop, least = len(begin), -len(end), len(begin) + len(end)
        texts = []
        for content in contents:
            if not (content.startswith(begin) and content.endswith(end) and len(content) >= least):
                return None
            texts.append(content[start:stop])
        together = b'","'.join(texts)
        # A text without a quotation mark, and without a backslash before the one that is to follow, ends there.
        if together.count(b'"') != 2 * len(texts) - 2 or (b"\\" in together and _HARD.search(together)):
            return None
        try:
            return [self._like(text) for text in from_json(b'["%b"]' % together)]
        except (ValueError, RecursionError, MemoryError):
            return None
