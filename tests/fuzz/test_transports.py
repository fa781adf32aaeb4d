"""Bytes that are nearly HTTP, over real connections: each transport makes an answer of them, or an error of ours."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tensormesh import Timeout
from tensormesh.errors import TensormeshError
from tests.fuzz.spoiling import is_ours, scribbled
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, piece
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import CLOSE, HALF_CLOSE, RESET, ScriptedHost, answer, cut_up, events, streamed

(WHOLE,) = answer(200, COMPLETION, content_type="application/json")
STREAM = b"".join(step for step in streamed(events(piece("Hel"), piece("lo.", "stop"))) if isinstance(step, bytes))
assert isinstance(WHOLE, bytes)
NOISE = (
    b"\r\n", b"\n", b"\r", b"\x00", b"\xff", b" ", b":", b"0\r\n\r\n", b"ffffffffffffffffff\r\n",
    b"7fffffffffffffff\r\n", b"-1\r\n", b"5;x\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 101 X\r\n\r\n",
    b"HTTP/0.9", b"HTTP/2 200\r\n", b"HTTP/1.1 999 \r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n",
    b"Content-Length: x\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n",
    b"Content-Encoding: gzip\r\n", b"Content-Encoding: br, deflate\r\n", b" folded\r\n", b"Set-Cookie: a=b\r\n",
    b"Connection: close\r\n", b"Connection: upgrade\r\n", b"Retry-After: x\r\n", b"x" * 70_000,
    b"Location: http://[\r\n", b"Content-Type: text/html; charset=x\r\n", b": nameless\r\n", b"Trailer: x\r\n",
)  # fmt: skip
QUICK = Timeout(connect=5, first_byte=5, idle=5, total=5)
"""The host always ends what it says; nothing should come near this."""


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.sampled_from([WHOLE, STREAM]).flatmap(lambda content: scribbled(content, NOISE))
    | st.binary(max_size=80),
    borders=st.lists(st.integers(0, 1500), max_size=16),
    end=st.sampled_from([CLOSE, RESET, HALF_CLOSE]),
    call=st.sampled_from([ask, ask_for_stream]),
)
@pytest.mark.parametrize("transport_name", ["own", "httpx"])
def test_whatever_bytes_come(
    runner: Runner, host: ScriptedHost, transport_name: str, content: bytes, borders: list[int], end: Any, call: Any
) -> None:
    client = runner.client(**surfaces_of(host), **runner.transport(transport_name), timeout=QUICK)
    host.always_plays((*cut_up(content, borders), end))
    try:
        got = runner.run(call(client))
        if hasattr(got, "get_final"):
            runner.run(got.get_final())
    except TensormeshError as error:
        is_ours(error)
    finally:
        runner.run(client.close())
