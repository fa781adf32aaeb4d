"""
What the host answers, every byte of it made before it is asked for.

The first part of the path says what happens, `/chunks=1000,pace=0.005/v1/chat/completions` for instance:

| setting | meaning |
|---|---|
| delay=SECONDS | silence before the first byte |
| chunks=N | a stream of N events rather than one answer |
| batch=N | how many events go into one HTTP chunk and one write |
| pace=SECONDS | silence between two writes |
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from itertools import batched
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Script:
    """An answer: its writes, and the seconds before the first and between any two."""

    writes: tuple[bytes, ...]
    delay: float = 0.0
    pace: float = 0.0


@cache
def script(text: str) -> Script:
    """What a path asks for."""
    settings = {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", text)}
    delay = settings.get("delay", 0.0)
    if "chunks" not in settings:
        return whole((SAMPLES / "completion.json").read_bytes().strip(), delay)
    events = sample_events(int(settings["chunks"]))
    return stream(events, int(settings.get("batch", 1)), delay, settings.get("pace", 0.0))


def whole(content: bytes, delay: float = 0.0) -> Script:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return Script((head.encode() + content,), delay)


def stream(events: list[bytes], batch: int, delay: float, pace: float) -> Script:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = [_http_chunk(b"".join(group)) for group in batched(events, batch)]
    return Script((head + pieces[0], *pieces[1:], _http_chunk(DONE) + _http_chunk(b"")), delay, pace)


def sample_events(number: int) -> list[bytes]:
    """The role, the words, the reason why it ended: `number` events, of which all but two say something."""
    word = (SAMPLES / "chunk.json").read_bytes().strip()
    first, last = json.loads(word), json.loads(word)
    first["choices"][0]["delta"] = {"role": "assistant", "content": ""}
    last["choices"][0] |= {"delta": {}, "finish_reason": "stop"}
    ends = [json.dumps(event, separators=(",", ":")).encode() for event in (first, last)]
    return [b"data: %b\n\n" % event for event in (ends[0], *[word] * (number - 2), ends[1])]


def _http_chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)
