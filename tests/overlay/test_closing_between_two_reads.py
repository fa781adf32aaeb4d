"""A thread may close a stream at any moment of another that reads it; the reader only sees the end."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh_transport.blocking.connection import Connection
from tensormesh_transport.core.exchange import Exchange
from tests.overlay.calls import ask_for_stream, piece, works_again
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import STALL, ScriptedHost, events, streamed

STREAM = events(piece("Hel"), end=b"")


@pytest.mark.parametrize(
    ("owner", "step"),
    [
        pytest.param(Connection, "pull", id="before it waits"),
        pytest.param(Exchange, "take", id="before what came is handed out"),
    ],
)
def test_a_stream_closed_between_two_reads_ends(
    synchronous: Runner, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch, owner: Any, step: str
) -> None:
    client = synchronous.client(**surfaces_of(host))
    host.plays((*streamed(STREAM, STREAM, last=False), STALL))
    stream = ask_for_stream(client)
    next(stream)
    work = getattr(owner, step)

    def close_and_work(*arguments: Any) -> Any:
        stream.close()  # as another thread does, just now
        return work(*arguments)

    monkeypatch.setattr(owner, step, close_and_work)

    assert len(list(stream)) <= 1  # what had already come
    monkeypatch.undo()
    works_again(synchronous, client, host)
