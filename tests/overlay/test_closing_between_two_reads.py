"""A thread may close a stream at any moment of another that reads it; the reader only sees the end."""

from __future__ import annotations

import http.client
from typing import Any

import pytest
import urllib3

from tests.overlay.calls import ask_for_stream, piece, works_again
from tests.overlay.conftest import Colour, surfaces_of
from tests.overlay.scripted_host import STALL, ScriptedHost, events, streamed

STREAM = events(piece("Hel"), end=b"")


@pytest.mark.parametrize(
    ("owner", "step"),
    [
        pytest.param(urllib3.HTTPResponse, "_update_chunk_length", id="before the length of a chunk"),
        pytest.param(http.client.HTTPResponse, "_safe_read", id="before its content"),
    ],
)
def test_a_stream_closed_between_two_reads_ends(
    synchronous: Colour, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch, owner: Any, step: str
) -> None:
    client = synchronous.client(**surfaces_of(host))
    host.plays((*streamed(STREAM, STREAM, last=False), STALL))
    stream = ask_for_stream(client)
    next(stream)
    read = getattr(owner, step)

    def close_and_read(*arguments: Any) -> Any:
        stream.close()  # as another thread does, just now
        return read(*arguments)

    monkeypatch.setattr(owner, step, close_and_read)

    assert list(stream) == []
    monkeypatch.undo()
    works_again(synchronous, client, host)
