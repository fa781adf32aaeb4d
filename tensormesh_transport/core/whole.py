"""The content of a whole answer, which must not be longer than its reader allows. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

from tensormesh_transport.errors import TooLongError
from tensormesh_transport.messages import BEGINNING_BYTES


class Whole:
    """
    The pieces of one content, up to a limit; a block in which they are gathered.

    Raises (where one is added, or where there is no memory for it):
        TooLongError: there is more than that.
    """

    def __init__(self, status_code: int, headers: Mapping[str, str], limit: int | None) -> None:
        self._status_code, self._headers, self._limit = status_code, headers, limit
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        """One more piece."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._limit is not None and self._size > self._limit:
            raise self._too_long(f"the answer is longer than {self._limit} bytes")

    def content(self) -> bytes:
        """All of them."""
        return b"".join(self._pieces)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, MemoryError):
            del self._pieces[1:]
            raise self._too_long(f"there is no memory for an answer of {self._size} bytes and more") from None

    def _too_long(self, what: str) -> TooLongError:
        return TooLongError(what, self._status_code, self._headers, beginning(self._pieces, self._limit))


def beginning(pieces: Iterable[bytes], limit: int | None) -> bytes:
    """How a content begins: as much of it as is kept where it is too long."""
    most = BEGINNING_BYTES if limit is None else min(limit, BEGINNING_BYTES)
    kept = bytearray()
    for piece in pieces:
        kept += piece[: most - len(kept)]
        if len(kept) == most:
            break
    return bytes(kept)
