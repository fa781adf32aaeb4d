"""JSON objects that arrive in pieces. No piece is changed, and adding one costs the same however much there is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

_SAID_ONCE = frozenset({"id", "name", "role", "type"})


class Text:
    """A text that arrives in pieces, none of them empty."""

    __slots__ = ("_length", "pieces")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._length = 0

    def append(self, piece: str) -> None:
        if piece:
            self.pieces.append(piece)
            self._length += len(piece)

    def __bool__(self) -> bool:
        return self._length > 0

    def is_same(self, other: str) -> bool:
        """Whether the pieces together are `other`; looks at no more than is there of that."""
        if len(other) != self._length:
            return False
        at = 0
        for piece in self.pieces:
            if not other.startswith(piece, at):
                return False
            at += len(piece)
        return True

    def is_like(self, other: str) -> bool:
        """Whether the pieces together are the JSON of `other`, with other white space; read where lengths are near."""
        if not len(other) <= 4 * self._length <= 16 * len(other):
            return False
        try:
            return bool(json.loads(self.joined()) == json.loads(other))
        except (ValueError, RecursionError):
            return False

    def joined(self) -> str:
        return joined(self.pieces)


def grow(whole: dict[str, Any], key: str, value: Any, *, texts: bool = False) -> None:
    """Add a field of a piece: lists, objects and `texts` arrive in pieces too, anything else is said once or again."""
    have = whole.get(key)
    if texts and isinstance(value, str) and key not in _SAID_ONCE:
        if type(have) is not Text:
            have = whole[key] = Text()
        have.append(value)
    elif isinstance(value, dict):
        inner = whole[key] = have if isinstance(have, dict) else {}
        for name, item in value.items():
            grow(inner, name, item, texts=texts)
    elif isinstance(value, list):
        if type(have) is list:
            have += value
        else:
            whole[key] = value.copy()
    elif value not in (None, "") or key not in whole:
        whole[key] = value


def grown(value: Any) -> Any:
    """What has come so far, as a value of its own that does not grow with it."""
    if isinstance(value, dict):
        return {key: grown(item) for key, item in value.items()}
    if type(value) is Text:
        return value.joined()
    return value.copy() if isinstance(value, list) else value


def whole_number(value: Any) -> int:
    """The number of a place, which some hosts write as text or with a point; 0 where it is none."""
    if type(value) is float and value.is_integer():
        return int(value)
    if type(value) is str and len(value) < 10 and value.isascii() and value.isdigit():
        return int(value)
    return value if type(value) is int else 0


def joined(pieces: Iterable[str]) -> str:
    """One text of its pieces. A host that counts in UTF-16 may have cut a character in two."""
    text = "".join(pieces)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text
