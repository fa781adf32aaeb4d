"""Compressed contents as hosts write them, and how much of each can be read after each of their bytes."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15, "raw": -15}


@dataclass(frozen=True)
class Coded:
    """
    A content.

    Attributes:
        coding: what `content-encoding` says of it; empty for one that is not compressed.
        plain: what it stands for.
        data: how it travels.
        legible: how much of `plain` can be read of as many bytes of `data`.
        whole_at: after how many bytes of `data` it may end.
    """

    coding: str
    plain: bytes
    data: bytes
    legible: tuple[int, ...]
    whole_at: frozenset[int]


def uncoded(plain: bytes) -> Coded:
    places = range(len(plain) + 1)
    return Coded("", plain, plain, tuple(places), frozenset(places))


def coded(kind: str, members: list[list[bytes]], padding: bytes = b"", level: int = 6) -> Coded:
    """
    Compressed content.

    Args:
        kind: `gzip`, `x-gzip`, `deflate`, or `raw` for `deflate` without its header.
        members: each in pieces, after which it can be read so far.
        padding: what follows the last.
    """
    data, legible, whole_at = b"", [0], {0}
    for member in members:
        packed = _packed(kind, member, level)
        data += packed
        legible += [legible[-1] + count for count in _legible(kind, packed)]
        whole_at.add(len(data))
    ends = range(len(data) + 1, len(data) + len(padding) + 1)
    plain = b"".join(b"".join(member) for member in members)
    return Coded(
        "deflate" if kind == "raw" else kind,
        plain,
        data + padding,
        (*legible, *[len(plain)] * len(padding)),
        frozenset({*whole_at, *ends}),
    )


def _packed(kind: str, pieces: list[bytes], level: int) -> bytes:
    pack = zlib.compressobj(level, zlib.DEFLATED, _WINDOW[kind])
    written = [pack.compress(piece) + pack.flush(zlib.Z_SYNC_FLUSH) for piece in pieces]
    return b"".join([*written, pack.flush()])


def _legible(kind: str, packed: bytes) -> list[int]:
    """How much can be read after each byte, by reading byte after byte."""
    unpack: Any = zlib.decompressobj(_WINDOW[kind])
    count, counts = 0, []
    for position in range(len(packed)):
        count += len(unpack.decompress(packed[position : position + 1]))
        counts.append(count)
    assert unpack.eof
    return counts


PIECES = st.lists(st.binary(max_size=30) | st.binary(min_size=1, max_size=3).map(lambda part: part * 50), max_size=4)
_PADDING = st.sampled_from([b"", b"\0", b"\0" * 9, b"\0\x1f\x8b", b"junk"])

CODED = (
    st.builds(coded, st.sampled_from(["gzip", "x-gzip"]), st.lists(PIECES, min_size=1, max_size=3), _PADDING,
              st.integers(0, 9))
    | st.builds(coded, st.sampled_from(["deflate", "raw"]), st.lists(PIECES, min_size=1, max_size=1), _PADDING,
                st.integers(0, 9))
)  # fmt: skip
"""Contents that are compressed in one way or another."""
