"""Compressed content, decompressed piece by piece, so that a small answer cannot fill the memory. No I/O."""

from __future__ import annotations

import zlib
from bisect import bisect_left
from typing import Any

MAX_PIECE_BYTES = 1024 * 1024
"""How much is made of compressed content in one go."""

CODINGS = ("gzip", "x-gzip", "deflate")

_GZIP, _ZLIB, _RAW = 31, 15, -15
_MAGIC = b"\x1f\x8b"


class Decoder:
    """
    The coding of one content, one of `CODINGS`.

    Raises (where it is read):
        zlib.error: the content is not what its header says. What stands before the fault was read by then.
    """

    def __init__(self, name: str) -> None:
        self._gzip = name.endswith("gzip")
        self._unpack: Any = None  # zlib gives its objects no public type
        self._waiting = b""
        self._one_ended = self._padded = False

    @property
    def over(self) -> bool:
        """Whether the content may end here: nothing has come, or all of it."""
        return self._unpack is None and not self._waiting

    def feed(self, data: bytes) -> None:
        """More of the compressed content, once `read` has no more to give."""
        if not self._padded:
            self._waiting += data

    def read(self) -> bytes:
        """The next piece of what it stands for; empty where more of the compressed content is needed."""
        while self._waiting and (self._unpack is not None or self._begin()):
            if made := self._unpacked():
                return made
        return b""

    def _begin(self) -> bool:
        """Whether something begins here, and enough has come to tell what."""
        start = self._waiting[:2]
        if self._one_ended and not (self._gzip and _MAGIC.startswith(start)):
            # Several members may follow each other; anything else that follows is padding.
            self._waiting, self._padded = b"", True
        elif len(start) == 2:
            # `deflate` means zlib, and some hosts send it without its header.
            has_header = start[0] & 0x0F == zlib.DEFLATED and (start[0] << 8 | start[1]) % 31 == 0
            self._unpack = zlib.decompressobj(_GZIP if self._gzip else _ZLIB if has_header else _RAW)
        return self._unpack is not None

    def _unpacked(self) -> bytes:
        unpack, data, rest = self._unpack, self._waiting, b""
        before = unpack.copy()
        try:
            made: bytes = unpack.decompress(data, MAX_PIECE_BYTES)
        except zlib.error:
            # zlib keeps what it made up to the fault to itself.
            sound = bisect_left(range(1, len(data) + 1), True, key=lambda size: _is_faulty(before, data[:size]))
            if not sound:
                raise
            unpack, data, rest = before, data[:sound], data[sound:]
            made = unpack.decompress(data, MAX_PIECE_BYTES)
        self._waiting = unpack.unused_data or unpack.unconsumed_tail + rest
        self._unpack = None if unpack.eof else unpack
        self._one_ended = self._one_ended or unpack.eof
        return made


def _is_faulty(before: Any, data: bytes) -> bool:
    try:
        before.copy().decompress(data, MAX_PIECE_BYTES)
    except zlib.error:
        return True
    return False
