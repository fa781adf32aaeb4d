"""
Server-sent events from bytes, however the bytes are cut. Knows no JSON beyond whether a text is whole, and no I/O.

The standard is https://html.spec.whatwg.org/multipage/server-sent-events.html: lines end with CR, LF or CRLF and
with nothing else, one BOM may come first, lines that begin with a colon are comments, data may span lines.
Beyond it, an event ends where the next one visibly begins, since some gateways lose the blank line between.
"""

from __future__ import annotations

import json

BOM = b"\xef\xbb\xbf"
MAX_EVENT_BYTES = 64 * 1024 * 1024
"""No honest event is longer; a host that never ends one must not eat all memory."""


Event = tuple[str, bytes]
"""One event: its name (`message` where it has none) and its data as UTF-8."""


class EventTooLongError(ValueError):
    """An event passed `MAX_EVENT_BYTES`."""


class SSEDecoder:
    """Bytes in, events out."""

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._pieces: list[bytes] = []
        self._held = 0
        self._start = True
        self._after_cr = False
        self._name = ""
        self._renamed: str | None = None
        self._data: list[bytes] = []
        self._size = 0
        self._max = max_event_bytes

    def feed(self, piece: bytes) -> list[Event]:
        """
        The events that `piece` completes.

        Raises:
            EventTooLongError: an event is longer than any host should send.
        """
        if self._after_cr and piece:
            # The line ended with the CR; an LF now is the other half of a CRLF.
            self._after_cr = False
            piece = piece.removeprefix(b"\n")
        if not piece:
            return []
        if piece.startswith(b"data: ") and piece.endswith(b"\n\n") and not (self._pieces or self._data or self._name):
            # The usual case: whole events of one line of data each.
            line_ends = piece.count(b"\n")
            if b"\r" not in piece and len(piece) <= self._max:
                blocks = [piece[6:-2]] if line_ends == 2 else piece[6:-2].split(b"\n\ndata: ")
                if line_ends == 2 * len(blocks):
                    self._start = False
                    return [("message", block) for block in blocks]
        if b"\n" not in piece and b"\r" not in piece:
            self._hold(piece)
            return []
        text = b"".join((*self._pieces, piece)) if self._pieces else piece
        if self._start:
            text = text.removeprefix(BOM)
            self._start = False
        if b"\r" in text:
            self._after_cr = text.endswith(b"\r")
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = text.split(b"\n")
        self._pieces, self._held = [], 0
        self._hold(rest)
        return self._take(lines)

    def flush(self) -> list[Event]:
        """The event that the end of the stream completes; the standard drops it, a host may have meant it."""
        text = b"".join(self._pieces)
        self._pieces, self._held = [], 0
        if self._start:
            text = text.removeprefix(BOM)
        return self._take([text, b""])

    def _hold(self, piece: bytes) -> None:
        if piece:
            self._pieces.append(piece)
            self._held += len(piece)
            self._check(self._held)

    def _take(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if not line:
                if self._renamed is not None:
                    self._name = self._renamed
                self._end(events)
                continue
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                if self._data and self._begins_anew(value):
                    name = self._renamed or ""
                    self._end(events)
                    self._name = name
                self._data.append(value)
                self._size += len(value) + 1  # with the newline that joins it to the next
                self._check(self._size)
            elif field == b"event":
                name = value.decode("utf-8", errors="replace")
                if self._data:
                    # This event's name, by the standard, unless more data shows that it is the next one's.
                    self._renamed = name
                else:
                    self._name = name
        return events

    def _begins_anew(self, value: bytes) -> bool:
        """Whether `value` starts another event, though no blank line came before it."""
        if not value.startswith((b"{", b"[DONE]")):
            return False
        try:
            json.loads(b"\n".join(self._data))
        except (ValueError, RecursionError):
            return False
        return True

    def _end(self, events: list[Event]) -> None:
        if self._data:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            events.append((self._name or "message", data))
        self._data, self._size, self._name, self._renamed = [], 0, "", None

    def _check(self, size: int) -> None:
        if size > self._max:
            raise EventTooLongError(f"an event is longer than {self._max} bytes")
