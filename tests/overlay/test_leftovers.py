"""
No caller gets what was meant for another: whatever a host says beyond the one answer that it owes, the next call over
the same client gets its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tensormesh.errors import APIConnectionError, APIStatusError, ProtocolError
from tests.cases import cases
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, fails, piece, serves_the_next_call
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.marks import Mark
from tests.overlay.scripted_host import STALL, ScriptedHost, chunk, events, head


def whole(**fields: Any) -> bytes:
    """A whole answer."""
    body = json.dumps({**COMPLETION, **fields}).encode()
    return head(200, content_length=str(len(body))) + body


BODY = json.dumps(COMPLETION).encode()
STRAY = whole(id="of-another")
"""An answer that nobody asked for."""
HINTS = head(103, link="</a>; rel=preload")


@pytest.fixture(params=["plain", "TLS"])
def any_host(request: pytest.FixtureRequest, certificate: Path) -> Iterator[ScriptedHost]:
    """A host with and without TLS, whose layers hold bytes back in places of their own."""
    tls = None
    if request.param == "TLS":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
    host = ScriptedHost(tls).start()
    yield host
    host.stop()
    assert (host.faults, host.leftovers) == ([], 0)


def client_of(runner: Runner, host: ScriptedHost, certificate: Path) -> Any:
    return runner.client(**surfaces_of(host), ca_bundle=certificate)


@cases(
    "interim",
    [
        pytest.param((head(100),), id="100"),
        pytest.param((head(102),), id="102"),
        pytest.param((HINTS,), id="103"),
        pytest.param((head(100), head(102) + HINTS, HINTS), id="several"),
        pytest.param((HINTS[:20], HINTS[20:]), id="in pieces"),
    ],
)
@cases("apart", [True, False], ids=["apart", "in one packet"])
def test_an_interim_answer_is_not_the_answer(
    runner: Runner, any_client: Any, host: ScriptedHost, interim: tuple[bytes, ...], apart: bool
) -> None:
    asked_for = whole(id="asked-for")
    go_on = threading.Event()
    host.plays((*interim, go_on, asked_for) if apart else (b"".join(interim) + asked_for,))
    threading.Timer(0.05, go_on.set).start()

    assert runner.run(ask(any_client)).id == "asked-for"

    serves_the_next_call(runner, any_client, host)
    assert host.connections == 1


def test_a_host_that_changes_the_protocol_unasked_is_left(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays((head(101, upgrade="websocket", connection="upgrade") + STRAY, STALL))

    fails(runner, lambda: ask(client), APIStatusError, "HTTP 101")

    serves_the_next_call(runner, client, host)
    assert host.connections == 2


def outcome(runner: Runner, client: Any) -> None:
    """One call, whatever comes of it."""
    with contextlib.suppress(APIStatusError, ProtocolError, APIConnectionError):
        runner.run(ask(client))


BEYOND = [
    pytest.param(whole(), b"\0\0", id="bytes after a length"),
    pytest.param(whole(), STRAY, id="two answers"),
    pytest.param(whole(), HINTS, id="an interim answer too many"),
    pytest.param(head(200, transfer_encoding="chunked") + chunk(BODY) + chunk(b""), STRAY, id="after the last chunk"),
    pytest.param(head(404, content_length="0"), STRAY, id="after an empty body"),
    pytest.param(head(204), b"body", id="204 with a body"),
    pytest.param(head(204, content_length=str(len(STRAY))), STRAY, id="204 with a length and a body"),
    pytest.param(head(304, content_length="4"), b"body", id="304 with a body"),
]


@pytest.mark.parametrize(("owed", "beyond"), BEYOND)
def test_bytes_that_come_with_an_answer_and_beyond_it_go_to_nobody(
    runner: Runner, any_host: ScriptedHost, certificate: Path, owed: bytes, beyond: bytes
) -> None:
    client = client_of(runner, any_host, certificate)
    any_host.plays((owed + beyond,))

    outcome(runner, client)

    serves_the_next_call(runner, client, any_host)
    assert any_host.connections == 2


@pytest.mark.parametrize("loop", ["runs", "rests"])
@pytest.mark.parametrize(("owed", "beyond"), BEYOND)
def test_bytes_that_come_between_two_calls_go_to_nobody(
    runner: Runner, any_host: ScriptedHost, certificate: Path, owed: bytes, beyond: bytes, loop: str
) -> None:
    client, go_on, sent = client_of(runner, any_host, certificate), threading.Event(), Mark()
    any_host.plays((owed, go_on, beyond, sent))
    outcome(runner, client)

    go_on.set()
    assert sent.reached()
    if loop == "runs" and runner.is_async:
        runner.run(asyncio.sleep(0.001))

    serves_the_next_call(runner, client, any_host)
    assert any_host.connections == 2


def test_a_stream_takes_no_more_than_its_own(runner: Runner, any_host: ScriptedHost, certificate: Path) -> None:
    client = client_of(runner, any_host, certificate)
    begin = head(200, content_type="text/event-stream", transfer_encoding="chunked")
    any_host.plays((begin + chunk(events(piece("Hello.", "stop"))) + chunk(b"") + STRAY,))

    stream = runner.run(ask_for_stream(client))

    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."
    serves_the_next_call(runner, client, any_host)
    assert any_host.connections == 2
