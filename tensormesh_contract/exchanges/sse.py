"""
Server-sent events, out of the bytes of a whole stream.

Knows the framing of the HTML standard, but not what events say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Event:
    """
    One event.

    Args:
        name: its name; empty for none.
        data: its data, lines joined by a newline.
        complete: whether the empty line that ends it came, too.
    """

    name: str
    data: str
    complete: bool = True


def read_events(body: bytes) -> Iterator[Event]:
    """Read the events of a stream. Comments and events without data are passed over."""
    name, data = "", list[str]()
    lines = _LINE_END.split(body.decode("utf-8", "replace").removeprefix("\ufeff"))
    for line in lines:
        if not line:
            if data:
                yield Event(name, "\n".join(data))
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value
    if data:
        yield Event(name, "\n".join(data), complete=False)
