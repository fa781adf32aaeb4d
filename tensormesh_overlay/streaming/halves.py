"""Characters that a host cut in two: some count in UTF-16, and end a piece of text in the midst of an emoji."""

from __future__ import annotations

from typing import Any

LONE = "\ufffd"
"""Stands for half a character whose other half never comes: it can be printed."""

MOST_HELD = 1000

Place = tuple[Any, ...]


class Halves:
    """Texts that arrive in pieces, by their place, each piece made whole characters."""

    def __init__(self) -> None:
        self._held: dict[Place, str] = {}

    def whole(self, place: Place, piece: str) -> str:
        """A piece with the half that was held back before it, and without the one it ends with."""
        text = self._held.pop(place, "") + piece
        if "\ud800" <= text[-1:] <= "\udbff":
            self._held[place] = text[-1]
            text = text[:-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def let_go(self) -> None:
        """So much has come that no more may be kept; of an honest host, this is next to nothing."""
        if len(self._held) > MOST_HELD:
            self._held.clear()

    def flush(self) -> dict[Place, str]:
        """What stands for the halves that were held back, by place."""
        held, self._held = self._held, {}
        return dict.fromkeys(held, LONE)


def may_hold_halves(content: bytes) -> bool:
    """Whether JSON may hold half a character: only an escape can write one."""
    return b"\\u" in content and (b"\\ud" in content or b"\\uD" in content)
