"""From the bytes of a stream to its events."""

from __future__ import annotations

from itertools import chain

from benchmarks.growth.cases.events import chunk, event, stream
from benchmarks.growth.measurement import Case, Work
from tensormesh_generated.api.chat.create_chat_completion import build_stream_request
from tensormesh_overlay.streaming.lines import Lines
from tensormesh_overlay.streaming.streams import Stream


def _in_pieces(whole: bytes, length: int) -> list[bytes]:
    return [whole[at : at + length] for at in range(0, len(whole), length)]


class _Given:
    """A body that has come already, in pieces."""

    status_code = 200
    resent = False

    def __init__(self, pieces: list[bytes]) -> None:
        self.headers: dict[str, str] = {}
        self._pieces = pieces

    def __iter__(self) -> chain[bytes]:
        return chain(self._pieces)

    def finish(self) -> None: ...
    def close(self) -> None: ...


def _usage(size: int) -> Work:
    pieces = [event(chunk({"content": "x"}, usage=None)) for _ in range(size)]
    request = build_stream_request(body={"model": "m", "messages": []})

    def work() -> None:
        stream = Stream(request, "split", _Given([*pieces, b"data: [DONE]\n\n"]), "")
        for _ in stream:
            _ = stream.usage

    return work


def _lines(size: int) -> Work:
    def work() -> None:
        lines = Lines()
        for piece in chain([b"x"] * size, [b"\n"] * size):
            lines.feed(piece)
        lines.flush()

    return work


CASES = [
    stream("lines that could begin an event, and do not", lambda n: [b"data: [{}\n" + b"data: {}\n" * n]),
    stream("the same, one by one", lambda n: [b"data: [{}\n", *[b"data: {}\n"] * n]),
    stream("the same, no JSON by then", lambda n: [b"data: {x}\n" + b"data: {}\n" * n]),
    stream("brackets that never close", lambda n: [b'data: {"a":{}\n' + b"data: {}\n" * n]),
    stream("quotation marks that never close", lambda n: [b"data: {}\n", b'data: {"}\n' * n]),
    stream("events that lost their blank lines", lambda n: [b'data: {"choices":[]}\n' * n]),
    stream("one event in many lines", lambda n: [b"data: [\n" + b"data: 1,\n" * n]),
    stream("one line in pieces of a byte", lambda n: _in_pieces(b'data: {"a": "' + b"x" * n + b'"}\n\n', 1)),
    stream("blank lines", lambda n: [b"\n" * n]),
    stream("carriage returns, one by one", lambda n: [b"\r"] * n),
    stream("lines that end with CR", lambda n: [b"data: {}\r\r" * n]),
    stream("comments", lambda n: [b": ping\n"] * n),
    stream("lines of JSON in no event", lambda n: [b"{\n"] * n),
    stream("names of events", lambda n: [b"event: " + b"x" * 9 + b"\n"] * n),
    stream("events that are no JSON", lambda n: [b"data: {\n\n" * n]),
    stream("heartbeats", lambda n: [b"data: null\n\n" * n]),
    stream("what is no stream", lambda n: [b"<p>" * 9] * n),
    stream("[DONE] again and again", lambda n: [b"data: [DONE]\n\n" * n]),
    Case("stream: its usage after each event", _usage),
    Case("stream: lines of bytes", _lines),
]
