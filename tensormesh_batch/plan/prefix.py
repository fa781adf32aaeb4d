"""
What requests share from their beginning on, which is what a host with a prefix cache computes once.

A request is a text, in the order in which a chat template puts it: model, tools, messages. Marks are set along it, each
a hash of all before it; two requests share what their equal marks reach. Sorted by their marks, rows that share a
beginning of any depth stand together.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Any, NamedTuple
from zlib import crc32

FINE, FINE_UNTIL = 64, 4096
"""Up to so many characters, a mark each 64: about the 16 tokens of a block of vLLM's cache."""

GROWTH = 16
"""Then each mark stands one part in sixteen further on than the last."""

LEAST_SHARED = 256
"""Characters that are worth waiting for: about 64 tokens."""

_MARK = Struct(">II")


def marks(url: str, body: Mapping[str, Any]) -> bytes:
    """The marks of a request, eight bytes each: a hash, and how many characters it reaches."""
    found = bytearray()
    hashed, reached = 0, 0
    for part in _parts(body):
        at = 0
        while at < len(part):
            step = FINE - reached % FINE if reached < FINE_UNTIL else max(FINE, reached // GROWTH)
            piece = part[at : at + step]
            hashed = crc32(piece.encode("utf-8", "surrogatepass"), hashed)
            at += len(piece)
            reached += len(piece)
            found += _MARK.pack(hashed, reached & 0xFFFFFFFF)
    return bytes(found)


def _parts(body: Mapping[str, Any]) -> Iterator[str]:
    yield str(body.get("model"))
    for name in ("tools", "instructions"):
        if body.get(name):
            yield _text(body[name])
    for name in ("messages", "input", "prompt"):
        value = body.get(name)
        if isinstance(value, list):
            for item in value:
                yield from _message(item)
        elif value is not None:
            yield _text(value)


def _message(item: Any) -> Iterator[str]:
    if not isinstance(item, Mapping):
        yield _text(item)
        return
    yield f"\0{item.get('role')}\0"
    content = item.get("content")
    if isinstance(content, list):
        for part in content:
            yield _text(part.get("text") if isinstance(part, Mapping) and isinstance(part.get("text"), str) else part)
    else:
        yield _text(content)
    rest = {name: value for name, value in item.items() if name not in ("role", "content")}
    if rest:
        yield _text(rest)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def length(found: bytes) -> int:
    """How many characters some marks reach."""
    return int(_MARK.unpack_from(found, len(found) - _MARK.size)[1]) if found else 0


def shared(one: bytes, other: bytes) -> int:
    """How many characters two requests have in common at their beginning, as far as their marks tell."""
    size = _MARK.size
    low, high = 0, min(len(one), len(other)) // size
    while low < high:  # marks hash all before them, so equal ones come first
        middle = (low + high + 1) // 2
        if one[(middle - 1) * size : middle * size] == other[(middle - 1) * size : middle * size]:
            low = middle
        else:
            high = middle - 1
    return length(one[: low * size])


class Leader(NamedTuple):
    """
    Whom a row waits for.

    Attributes:
        distance: how many rows before it the first one stands that has the same beginning; 0 where it waits for none.
        shared: the characters that both begin with.
    """

    distance: int
    shared: int


class Leaders:
    """Finds whom each row waits for. Rows come in the order of their marks."""

    def __init__(self) -> None:
        self._last = b""
        self._position = -1
        self._groups: list[tuple[int, int]] = []
        """What rows up to here share, and who of them came first; the longest last."""

    def of(self, found: bytes) -> Leader:
        """Whom the next row waits for, given its marks."""
        common = shared(self._last, found)
        first = self._position
        self._last = found
        self._position += 1
        while self._groups and self._groups[-1][0] > common:
            first = self._groups.pop()[1]
        if common < LEAST_SHARED:
            return Leader(0, 0)
        if not self._groups or self._groups[-1][0] < common:
            self._groups.append((common, first))
        return Leader(self._position - self._groups[-1][1], common)
