"""What has arrived is handed out at once, wherever the host sets the borders of its chunks."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tensormesh import AsyncTensormesh, Tensormesh
from tensormesh.errors import StreamTruncatedError
from tensormesh_transport.errors import RemoteProtocolError
from tests.overlay.calls import ask_for_stream, piece
from tests.overlay.scripted_host import CLOSE, ScriptedHost, Step, events, head
from tests.transport.hosts import request
from tests.transport.pump import Pump

EVENTS = [events(piece(str(number)), end=b"") for number in range(5)]
HEAD = head(200, content_type="text/event-stream", transfer_encoding="chunked")


def one_chunk(*pieces: bytes) -> tuple[list[threading.Event], list[Step]]:
    """The pieces within one chunk, each sent when its event is set."""
    turns = [threading.Event() for _ in pieces]
    steps: list[Step] = [HEAD + b"%x\r\n" % sum(map(len, EVENTS))]
    for turn, one in zip(turns, pieces, strict=True):
        steps += [turn, one]
    return turns, steps


def test_an_event_is_handed_out_before_its_chunk_ends(pump: Pump, host: ScriptedHost) -> None:
    turns, steps = one_chunk(*EVENTS)
    host.plays((*steps, b"\r\n0\r\n\r\n"))
    body = pump.run(pump.transport().open, request(host.url))

    for turn, event in zip(turns, EVENTS, strict=True):
        turn.set()
        assert pump.next(body) == event

    assert pump.rest(body) == (b"", None)


def test_the_pieces_of_an_event_are_handed_out_as_they_come(pump: Pump, host: ScriptedHost) -> None:
    turns, steps = one_chunk(*(bytes([byte]) for byte in EVENTS[0]))
    host.plays((*steps, CLOSE))
    body = pump.run(pump.transport().open, request(host.url))

    for turn, byte in zip(turns, EVENTS[0], strict=True):
        turn.set()
        assert pump.next(body) == bytes([byte])

    assert isinstance(pump.rest(body)[1], RemoteProtocolError)


def test_what_came_of_a_chunk_that_is_cut_off_comes_before_the_error(pump: Pump, host: ScriptedHost) -> None:
    arrived = b"".join(EVENTS)[:-9]
    host.plays((HEAD + b"%x\r\n" % len(b"".join(EVENTS)) + arrived, CLOSE))
    body = pump.run(pump.transport().open, request(host.url))

    got, error = pump.rest(body)

    assert got == arrived
    assert isinstance(error, RemoteProtocolError)
    assert error.sent


def stream_of(pump: Pump, host: ScriptedHost) -> tuple[Tensormesh | AsyncTensormesh, object]:
    """A client, and a stream of it."""
    settings: dict[str, Any] = {"env": {}, "inference_api_key": "k", "serverless_base_url": host.url}
    client = AsyncTensormesh(**settings) if pump.is_async else Tensormesh(**settings)
    return client, pump.run(ask_for_stream, client)


@pytest.mark.parametrize("cut", [False, True], ids=["to its end", "cut off"])
def test_a_client_hands_out_each_event_as_it_comes(pump: Pump, host: ScriptedHost, cut: bool) -> None:
    turns, steps = one_chunk(*EVENTS[:4], EVENTS[4][:-9] if cut else EVENTS[4])
    host.plays((*steps, *((CLOSE,) if cut else (b"\r\n0\r\n\r\n",))))
    client, stream = stream_of(pump, host)

    texts = []
    for turn in turns[:4]:
        turn.set()
        texts.append(pump.step(stream).choices[0].delta.content)
    turns[4].set()
    if cut:
        with pytest.raises(StreamTruncatedError):
            pump.step(stream)
    else:
        texts.append(pump.step(stream).choices[0].delta.content)

    assert texts == ["0", "1", "2", "3", "4"][: len(texts)]
    assert len(texts) == (4 if cut else 5)
    pump.run(client.close)
