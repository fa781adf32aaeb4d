"""
Server-sent events from bytes, however the bytes are cut. Knows no JSON beyond whether a text is whole, and no I/O.

The standard is https://html.spec.whatwg.org/multipage/server-sent-events.html: lines end with CR, LF or CRLF and
with nothing else, one BOM may come first, lines that begin with a colon are comments, data may span lines.
Beyond it, an event ends where the next one visibly begins, since some gateways lose the blank line between.
"""

from __future__ import annotations

from tensormesh_overlay.streaming.brackets import Brackets

BOM = b"\xef\xbb\xbf"
CR, LF = b"\r\n"
"""As numbers, which are found in bytes ten times as fast as bytes are."""
MAX_EVENT_BYTES = 64 * 1024 * 1024
"""No honest event is longer; a host that never ends one must not eat all memory."""


Event = tuple[str, bytes]
"""One event: its name (`message` where it has none) and its data as UTF-8."""


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
        self._brackets: Brackets | None = None
        self._looked_at = 0
        self._max = max_event_bytes
        self._stray_size = 0
        self.stray: list[bytes] = []
        """Lines of JSON that stand in no event: hosts that fail within a stream may write plain errors."""
        self.too_long = False
        """Whether an event is longer than any host should send: nothing more is read."""

    def feed(self, piece: bytes) -> list[Event]:
        """The events that `piece` completes."""
        if self.too_long:
            return []
        if self._after_cr and piece:
            # The line ended with the CR; an LF now is the other half of a CRLF.
            self._after_cr = False
            piece = piece.removeprefix(b"\n")
        if not piece:
            return []
        if LF not in piece and CR not in piece:
            self._hold(piece)
            return []
        text = piece
        if self._pieces:
            text = b"".join((*self._pieces, piece))
            self._pieces, self._held = [], 0
        if self._start:
            text = text.removeprefix(BOM)
            self._start = False
        if CR in text:
            self._after_cr = text.endswith(b"\r")
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        events, text = self._usual(text)
        if text:
            *lines, rest = text.split(b"\n")
            self._take(lines, events)
            self._hold(rest)
        return events

    def flush(self) -> list[Event]:
        """The event that the end of the stream completes; the standard drops it, a host may have meant it."""
        text = b"".join(self._pieces)
        self._pieces, self._held = [], 0
        if self._start:
            text = text.removeprefix(BOM)
        events: list[Event] = []
        self._take([text, b""], events)
        return events

    def _hold(self, piece: bytes) -> None:
        if piece:
            self._pieces.append(piece)
            self._held += len(piece)
            self.too_long = self.too_long or self._held > self._max

    def _usual(self, text: bytes) -> tuple[list[Event], bytes]:
        """The events of a text that is made of the usual ones, a line of data each, and what comes after them."""
        if text.startswith(b"data: ") and not (self._data or self._name):
            head, end, rest = text.rpartition(b"\n\n")
            blocks = head[6:].split(b"\n\ndata: ") if LF in head else [head[6:]]
            if end and len(head) <= self._max and head.count(b"\n") == 2 * len(blocks) - 2:
                return [("message", block) for block in blocks], rest
        return [], text

    def _take(self, lines: list[bytes], events: list[Event]) -> None:
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
                if self._size > self._max:
                    self.too_long = True
                    return
            elif field == b"event":
                name = value.decode("utf-8", errors="replace")
                if self._data:
                    # This event's name, by the standard, unless more data shows that it is the next one's.
                    self._renamed = name
                else:
                    self._name = name
            elif (self.stray and field not in (b"", b"id", b"retry")) or line.lstrip().startswith(b"{"):
                self.stray.append(line)
                self._stray_size += len(line)
                if self._stray_size > self._max:
                    self.too_long = True
                    return

    def _begins_anew(self, value: bytes) -> bool:
        """Whether `value` starts another event, though no blank line came before it."""
        if not (value.startswith((b"{", b"[DONE]")) and self._data[-1].rstrip().endswith(b"}")):
            return False
        brackets = self._brackets = self._brackets or Brackets()
        for line in self._data[self._looked_at :]:
            brackets.feed(line.decode("latin-1"))  # no byte of another character looks like a bracket
        self._looked_at = len(self._data)
        return brackets.hold(lambda: b"\n".join(self._data))

    def _end(self, events: list[Event]) -> None:
        if self._data:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            events.append((self._name or "message", data))
        self._data, self._size, self._name, self._renamed = [], 0, "", None
        if self._brackets is not None:
            self._brackets, self._looked_at = None, 0
