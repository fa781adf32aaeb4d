"""Lines of text from bytes, however the bytes are cut. No I/O."""

from __future__ import annotations


class Lines:
    """Bytes in, lines of text out; lines end with LF or CRLF."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def feed(self, piece: bytes) -> list[str]:
        """The lines that `piece` completes."""
        first, *others = piece.split(b"\n")
        self._held.append(first)
        if not others:
            return []
        lines = [b"".join(self._held), *others]
        self._held = [lines.pop()]
        return [line.removesuffix(b"\r").decode("utf-8", errors="replace") for line in lines]

    def flush(self) -> list[str]:
        """The last line, where nothing ends it."""
        rest, self._held = b"".join(self._held), []
        return [rest.decode("utf-8", errors="replace")] if rest else []
