"""
Damage to a stream: events, not connections.

Knows how to cut bytes into events, what to do to each, and where the stream
breaks, but no sockets.
"""

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.errors import error_body
from tensormesh_local.faults.json_damage import damaged, padded
from tensormesh_local.faults.script import Fault
from tensormesh_local.sse import DONE, data_event, named_event

END = b"\n\n"
NO_JSON = b'data: {"id": "chatcmpl-broken", "choices": [{"index": 0, "delta": {"content": "\n\n'
MESSAGE = "EngineCore encountered an issue. See stack trace (above) for the root cause."


class EventDamage:
    """
    Bytes of a stream in, damaged bytes out, one event at a time.

    `halted` means a break: nothing comes out until `resume`. `over` means the
    stream has ended before its time.

    Args:
        fault: what is done to them.
        found: takes the keys of the fault that had something to do.
    """

    def __init__(self, fault: Fault, found: set[str] | None = None) -> None:
        self._fault = fault
        self._found = set() if found is None else found
        self._held = bytearray()
        self._searched = 0
        self._last = False
        self._named = False
        self._seen = 0
        self._garbled = False
        self._break_after = fault.break_after_events
        self.halted = False
        self.over = False

    def feed(self, data: bytes, *, last: bool = False) -> bytes:
        """Take some bytes; give those that may go out now."""
        self._held += data
        self._last = self._last or last
        self._named = self._named or self._held.startswith(b"event: ")
        return self._run()

    def resume(self) -> bytes:
        """Go on after a break; give the bytes that waited."""
        self.halted, self._break_after = False, None
        return self._run()

    def _run(self) -> bytes:
        out = bytearray()
        while not self.over:
            if self._seen == self._break_after:
                self.halted = True
                return bytes(out)
            out += self._planned()
            event = None if self.over else self._next()
            if event is None:
                break
            out += self._one(event)
            self._seen += 1
        if self._last and not self.over:
            out += self._held
            self._held.clear()
        return bytes(out)

    def _next(self) -> bytes | None:
        """Take the first event out of what is held, if it has come whole; nothing is looked at twice."""
        end = self._held.find(END, self._searched)
        if end < 0:
            self._searched = max(0, len(self._held) - len(END) + 1)
            return None
        event = bytes(self._held[: end + len(END)])
        del self._held[: end + len(END)]
        self._searched = 0
        return event

    def _planned(self) -> bytes:
        """Slip in what was asked for at this point of the stream."""
        if self._fault.error_event_after == self._seen:
            self.over = True
            self._found.add("error_event_after")
            return self._error()
        if self._fault.invalid_json_event_after == self._seen and not self._garbled:
            self._garbled = True
            self._found.add("invalid_json_event_after")
            return NO_JSON
        return b""

    def _error(self) -> bytes:
        """Write the error event: after it [DONE] comes, in streams that have one."""
        if self._named:
            body: JsonObject = {"type": "error", "message": MESSAGE, "code": "500", "param": None}
            return named_event("error", {**body, "sequence_number": self._seen})
        event = data_event(error_body(MESSAGE, "InternalServerError", None, 500))
        return event + self._done()

    def _done(self) -> bytes:
        if not self._fault.drop_done:
            return DONE
        self._found.add("drop_done")
        return b""

    def _one(self, event: bytes) -> bytes:
        if event == DONE:
            return self._done()
        big = self._seen == self._fault.big_event_after
        if not (big or self._fault.omit or self._fault.set):
            return event
        lines: list[bytes] = []
        for line in event.removesuffix(END).split(b"\n"):
            name, colon, data = line.partition(b": ")
            if name == b"data" and colon:
                data = damaged(data, self._fault, self._found) if self._fault.omit or self._fault.set else data
                if big:
                    self._found.add("big_event_after")
                    data = padded(data, self._fault.big_event_bytes)
            lines.append(name + colon + data)
        return b"\n".join(lines) + END
