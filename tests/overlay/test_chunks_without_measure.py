"""A host may claim any length for a chunk; nothing is set aside for it before it comes."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh.errors import APIConnectionError
from tests.overlay.calls import ask, ask_for_stream, works_again
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import CLOSE, ScriptedHost, head


@pytest.mark.parametrize("length", ["ffffffffffffffffff", "7fffffffffffffff", "ffffffffff"])
@pytest.mark.parametrize("call", [ask, ask_for_stream], ids=["whole", "stream"])
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
