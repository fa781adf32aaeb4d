"""
Damage to what is said: events and fields, not connections.

Knows how to cut bytes into events and what to do to each; refuses sockets.
"""

import json

from tensormesh_local.errors import error_body
from tensormesh_local.fault_script import Fault
from tensormesh_local.sse import DONE, data_event
from tensormesh_local.wire import Json, dump

END = b"\n\n"
NO_JSON = b'data: {"id": "chatcmpl-broken", "choices": [{"index": 0, "delta": {"content": "\n\n'
ERROR = error_body(
    "EngineCore encountered an issue. See stack trace (above) for the root cause.",
    "InternalServerError",
    None,
    500,
)


def omit(value: Json, paths: tuple[str, ...]) -> Json:
    """Leave fields out of a JSON value, in place."""
    for path in paths:
        _omit(value, path.split("."))
    return value


def _omit(value: Json, path: list[str]) -> None:
    key, rest = path[0], path[1:]
    if isinstance(value, list):
        chosen = value if key == "*" else value[int(key) : int(key) + 1] if key.isdecimal() else []
        for item in chosen:
            if rest:
                _omit(item, rest)
    elif isinstance(value, dict):
        for name in list(value) if key == "*" else [key] if key in value else []:
            if rest:
                _omit(value[name], rest)
            else:
                del value[name]


def damaged_json(body: bytes, fault: Fault) -> bytes:
    """Leave fields out of a whole JSON body; another body stays as it is."""
    try:
        return dump(omit(json.loads(body), fault.omit))
    except ValueError:
        return body


class EventDamage:
    """Bytes of a stream in, damaged bytes out, one event at a time."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self._held = b""
        self._seen = 0
        self._garbled = False
        self.over = False

    def feed(self, data: bytes, *, last: bool = False) -> bytes:
        """Take some bytes; give those that may go out now."""
        self._held += data
        out = self._planned()
        while not self.over and END in self._held:
            event, _, self._held = self._held.partition(END)
            out += self._one(event + END) + self._after_one()
        if last and not self.over:
            out, self._held = out + self._held, b""
        return out

    def _after_one(self) -> bytes:
        self._seen += 1
        return self._planned()

    def _planned(self) -> bytes:
        """Slip in what was asked for at this point of the stream."""
        if self.over:
            return b""
        if self._fault.error_event_after == self._seen:
            self.over = True
            return data_event(ERROR) + (b"" if self._fault.drop_done else DONE)
        if self._fault.invalid_json_event_after == self._seen and not self._garbled:
            self._garbled = True
            return NO_JSON
        return b""

    def _one(self, event: bytes) -> bytes:
        if event == DONE:
            return b"" if self._fault.drop_done else event
        if not self._fault.omit:
            return event
        lines: list[bytes] = []
        for line in event.removesuffix(END).split(b"\n"):
            name, colon, data = line.partition(b": ")
            if name == b"data" and colon:
                data = damaged_json(data, self._fault)
            lines.append(name + colon + data)
        return b"\n".join(lines) + END
