"""Lines of text from bytes, however the bytes are cut. No I/O."""

from __future__ import annotations

from tensormesh_overlay.errors import StreamError
from tensormesh_overlay.streaming.sse import MAX_EVENT_BYTES


class Lines:
    """Bytes in, lines of text out; lines end with LF or CRLF."""

    def __init__(self, max_line_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max = max_line_bytes
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[str]:
        """
        The lines that `piece` completes.

        Raises:
            StreamError: a line is longer than any host should send.
        """
        if self._size > self._max:
            raise StreamError(f"a line of the stream is longer than {self._max} bytes")
        first, *others = piece.split(b"\n")
        self._held.append(first)
        self._size += len(first)
        if not others:
            return []
        lines = [b"".join(self._held), *others]
        self._held = [lines.pop()]
        self._size = len(self._held[0])
        return [line.removesuffix(b"\r").decode("utf-8", errors="replace") for line in lines]

    def flush(self) -> list[str]:
        """The last line, where nothing ends it."""
        rest, self._held = b"".join(self._held), []
        return [rest.decode("utf-8", errors="replace")] if rest else []
