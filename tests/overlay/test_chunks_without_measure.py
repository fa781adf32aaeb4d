"""A host may claim any length for a chunk; nothing is set aside for it before it comes."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tensormesh.errors import APIConnectionError, StreamTruncatedError
from tests.cases import cases
from tests.overlay.calls import ask, ask_for_stream, fails, works_again
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import CLOSE, STALL, ScriptedHost, head


@cases("length", ["ffffffffffffffffff", "7fffffffffffffff", "ffffffffff"])
@cases("call", [ask, ask_for_stream], ids=["whole", "stream"])
def test_a_chunk_that_never_comes_is_a_broken_connection(
    runner: Runner, any_client: Any, host: ScriptedHost, length: str, call: Any
) -> None:
    start = head(200, content_type="text/event-stream", transfer_encoding="chunked")
    host.plays((start, f"{length}\r\n".encode() + b"data: 1", CLOSE))

    def read() -> None:
        runner.run(runner.run(call(any_client)).get_final())

    with pytest.raises(APIConnectionError):
        read()

    works_again(runner, any_client, host)


def test_a_length_that_cannot_be_counted_breaks_the_stream_when_it_comes(
    runner: Runner, client: Any, host: ScriptedHost
) -> None:
    """The stream has begun by then, and the host neither goes on nor closes: no limit is waited for."""
    start, go_on = head(200, content_type="text/event-stream", transfer_encoding="chunked"), threading.Event()
    host.plays((start, go_on, b"ffffffffffffffffff\r\n", STALL))
    stream = runner.run(ask_for_stream(client))

    go_on.set()

    fails(runner, lambda: runner.run(stream.get_final()), StreamTruncatedError, "Chunk size overflow")
    works_again(runner, client, host)
