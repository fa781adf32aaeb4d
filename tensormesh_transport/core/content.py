"""Compressed content, decompressed piece by piece, so that a small answer cannot fill the memory. No I/O."""

from __future__ import annotations

import zlib
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
        zlib.error: the content is not what its header says.
    """

    def __init__(self, name: str) -> None:
        self._gzip = name.endswith("gzip")
        self._unpack: Any = None  # zlib gives its objects no public type
        self._waiting = b""
        self.over = True
        """Whether the content may end here: nothing has come, or all of it."""

    def feed(self, data: bytes) -> None:
        """More of the compressed content, once `read` has no more to give."""
        self._waiting += data

    def read(self) -> bytes:
        """The next piece of what it stands for; empty where more of the compressed content is needed."""
        while self._waiting:
            unpack: Any = self._unpack or self._begin()
            if unpack is None:
                break
            made: bytes = unpack.decompress(self._waiting, MAX_PIECE_BYTES)
            self._waiting = unpack.unconsumed_tail
            if unpack.eof:
                # Several members may follow each other; anything else that follows is padding.
                self._waiting = unpack.unused_data if _MAGIC.startswith(unpack.unused_data[:2]) else b""
                self._unpack, self.over = None, True
            if made:
                return made
        return b""

    def _begin(self) -> Any:
        if len(self._waiting) < 2:
            return None
        first, second = self._waiting[:2]
        # `deflate` means zlib, and some hosts send it without its header.
        has_header = first & 0x0F == zlib.DEFLATED and (first << 8 | second) % 31 == 0
        self._unpack = zlib.decompressobj(_GZIP if self._gzip else _ZLIB if has_header else _RAW)
        self.over = False
        return self._unpack
