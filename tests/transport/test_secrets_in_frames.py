"""Tools that print the local variables of every frame of an error (Sentry, rich, `traceback`) print no secret."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tensormesh_transport import errors
from tensormesh_transport.messages import Request
from tests.cases import cases
from tests.overlay.scripted_host import CLOSE, RESET, STALL, ScriptedHost, answer, chunk, head
from tests.overlay.sockets import full_queue
from tests.transport.hosts import Host, Line, request
from tests.transport.names import leads_to
from tests.transport.pump import Pump, outcome, wait_until
from tests.transport.strikes import MOST_STRIKES, InterruptError, Strike, raise_an_interrupt, struck

SECRET = "SENTINEL"
PASSWORD = base64.b64encode(f"user:{SECRET}".encode()).decode()
SEALED = head(200, transfer_encoding="chunked") + chunk(b"begun")

WRITES_THEM_DOWN = {"_head", "_head_without_length", "header_lines", "tunnel", "proxy"}
"""Where the bytes that are sent are made; whoever is interrupted just there shows them."""


def with_a_key(url: str, path: str = "/", **options: Any) -> Request:
    return request(url, path, headers={"authorization": f"Bearer {SECRET}"}, **options)


def shown(error: BaseException) -> str:
    """The local variables of every frame of the transport that the error, or one behind it, came through."""
    texts, waiting, seen = [], [error], set()
    while waiting:
        one = waiting.pop()
        seen.add(id(one))
        texts.append(repr(one))
        texts += [
            f"{frame.f_code.co_name}: {frame.f_locals!r}"
            for frame, _ in traceback.walk_tb(one.__traceback__)
            if "tensormesh_transport" in frame.f_code.co_filename
        ]
        waiting += [other for other in (one.__cause__, one.__context__) if other is not None and id(other) not in seen]
    return "\n".join(texts)


def shows_nothing(error: BaseException | None, kind: type[BaseException]) -> None:
    assert type(error) is kind, repr(error)
    assert error is not None
    text = shown(error)
    assert SECRET not in text
    assert PASSWORD not in text
    assert SECRET not in "".join(traceback.format_exception(error))


KINDS = {
    "nobody listens": errors.ConnectError,
    "nobody answers": errors.ConnectTimeoutError,
    "no such name": errors.ConnectError,
    "no host": errors.UsageError,
    "no path": errors.UsageError,
    "no ascii": errors.UsageError,
    "no header": errors.UsageError,
    "no certificates": errors.UsageError,
    "no TLS": errors.TLSError,
    "no trust": errors.CertificateError,
}


def speaks_plainly(line: Line) -> None:
    line.sock.recv(1)
    line.answer(b"no TLS", 400)


@pytest.mark.parametrize("fault", KINDS)
@pytest.mark.parametrize("how", ["send", "open"])
def test_where_no_connection_comes_about(
    pump: Pump,
    tls: ssl.SSLContext,
    closed_port: str,
    tmp_path: Path,
    fault: str,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    transport = pump.transport(ca_bundle=str(tmp_path / "none.pem") if fault == "no certificates" else None)
    with full_queue("127.0.0.1") as port, Host(speaks_plainly) as plain, Host(Line.head, tls) as secure:
        asked = {
            "nobody listens": with_a_key(closed_port),
            "nobody answers": with_a_key(f"http://127.0.0.1:{port}", connect=0.05),
            "no such name": with_a_key("http://many.test"),
            "no host": with_a_key("http://a..b"),
            "no path": with_a_key(closed_port, "/a b"),
            "no ascii": with_a_key(closed_port)._replace(headers={"x-key": f"{SECRET}\u20ac"}),
            "no header": with_a_key(closed_port)._replace(headers={"x-key": f"{SECRET}\r\nx-more: 1"}),
            "no certificates": with_a_key("https://127.0.0.1"),
            "no TLS": with_a_key(plain.url.replace("http:", "https:")),
            "no trust": with_a_key(secure.url),
        }[fault]
        if fault == "no such name":
            leads_to(monkeypatch)

        shows_nothing(outcome(pump.begin(getattr(transport, how), asked)), KINDS[fault])


@cases("secure", [False, True], ids=["plain proxy", "secure proxy"])
@cases("scheme", ["http", "https"])
@cases("fault", ["gone", "refused", "closed", "silent"])
def test_of_a_proxy_with_a_password(
    pump: Pump,
    tls: ssl.SSLContext,
    certificate: Path,
    closed_port: str,
    monkeypatch: pytest.MonkeyPatch,
    secure: bool,
    scheme: str,
    fault: str,
) -> None:
    def play(line: Line) -> None:
        if PASSWORD not in line.head():
            return
        if fault == "refused":
            line.answer(b"no", 407)
        if fault in ("refused", "silent"):
            line.wait_for_goodbye()

    transport = pump.transport(ca_bundle=str(certificate))
    with Host(play, tls if secure else None) as proxy:
        there = closed_port if fault == "gone" else proxy.url
        monkeypatch.setenv("ALL_PROXY", there.replace("//", f"//user:{SECRET}@"))
        asked = with_a_key(f"{scheme}://host.example.test", connect=0.2, first_byte=0.2)

        call = pump.begin(transport.send, asked)

        if (fault, scheme) == ("refused", "http"):
            assert call.result(9).status_code == 407
            return
        kind: type[BaseException] = errors.ProxyError
        if fault == "silent":
            kind = errors.ConnectTimeoutError if scheme == "https" else errors.ReadTimeoutError
        if (fault, scheme) == ("closed", "http"):
            kind = errors.RemoteProtocolError
        shows_nothing(outcome(call), kind)


BROKEN = {
    "reset": ((RESET,), errors.ReadError),
    "closed": ((CLOSE,), errors.RemoteProtocolError),
    "silent": ((STALL,), errors.ReadTimeoutError),
    "garbage": ((b"220 smtp\r\n", CLOSE), errors.RemoteProtocolError),
    "no gzip": (answer(200, b"no gzip", content_encoding="gzip"), errors.RemoteProtocolError),
    "reset in the midst": ((SEALED, RESET), errors.ReadError),
    "closed in the midst": ((SEALED, CLOSE), errors.RemoteProtocolError),
    "silent in the midst": ((SEALED, STALL), errors.ReadTimeoutError),
    "garbage in the midst": ((SEALED, b"zz\r\n", CLOSE), errors.RemoteProtocolError),
}


@cases("fault", BROKEN)
@cases("streamed", [False, True], ids=["whole", "stream"])
def test_of_a_connection_that_breaks(pump: Pump, host: ScriptedHost, fault: str, streamed: bool) -> None:
    steps, kind = BROKEN[fault]
    transport = pump.transport()
    host.plays(steps)
    asked = with_a_key(host.url, first_byte=0.1 if fault == "silent" else 9, idle=0.1)

    call = pump.begin(transport.open if streamed else transport.send, asked)
    has_begun = streamed and ("midst" in fault or fault == "no gzip")

    shows_nothing(pump.rest(call.result(9))[1] if has_begun else outcome(call), kind)


def test_of_a_large_request_that_is_not_taken(pump: Pump) -> None:
    stop = threading.Event()

    def play(line: Line) -> None:
        line.head()
        stop.wait(9)
        line.reset()

    with Host(play, room=65_536) as host:
        transport = pump.transport()
        upload = with_a_key(host.url, method="POST", content=SECRET.encode() * 1_000_000, first_byte=0.1)

        shows_nothing(outcome(pump.begin(transport.send, upload)), errors.ReadTimeoutError)
        stop.set()


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_of_a_transport_that_is_closed(pump: Pump, host: ScriptedHost, streamed: bool) -> None:
    transport = pump.transport()
    host.plays((STALL,))
    call = pump.begin(transport.open if streamed else transport.send, with_a_key(host.url))
    wait_until(lambda: host.asked)

    pump.run(transport.close)

    shows_nothing(outcome(call), errors.ClosedError)


def test_of_a_cancelled_task(tasks: Pump, host: ScriptedHost) -> None:
    transport = tasks.transport()
    host.plays((STALL,))

    async def cancelled() -> BaseException:
        task = asyncio.create_task(transport.send(with_a_key(host.url)))
        while not host.asked:  # noqa: ASYNC110  (the host knows no event of this loop)
            await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError as error:
            return error
        raise AssertionError("it was not cancelled")

    shows_nothing(tasks.run(cancelled), asyncio.CancelledError)


@pytest.fixture(params=["plain", "proxied", "tunnelled"])
def way(
    request: pytest.FixtureRequest, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Request]:
    """A request that goes directly, through a proxy, or through a tunnel of a secure one that is refused."""

    def play(line: Line) -> None:
        while line.head():
            line.answer(b"no", 407)

    secure = request.param == "tunnelled"
    with Host(play, tls if secure else None) as host:
        if request.param != "plain":
            monkeypatch.setenv("ALL_PROXY", host.url.replace("//", f"//user:{SECRET}@"))
        yield with_a_key({"plain": host.url, "proxied": "http://h.test", "tunnelled": "https://h.test"}[request.param])


@pytest.mark.usefixtures("_tidied")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of a socket that was just being made
def test_of_an_interrupt_at_any_moment(threads: Pump, certificate: Path, way: Request) -> None:
    """But for those in which the secret is written down."""
    depths = []
    for number in range(MOST_STRIKES):
        transport = threads.own_transport(ca_bundle=str(certificate))
        strike = Strike(number, raise_an_interrupt)

        error = outcome(threads.begin(struck, strike, transport.send, way))

        transport.close()
        if not strike.where:
            break
        if WRITES_THEM_DOWN.isdisjoint(strike.functions):
            assert isinstance(error, InterruptError), strike.where
            shows_nothing(error, InterruptError)
            depths.append(shown(error).count(": {"))

    assert 50 < number < MOST_STRIKES - 1
    assert max(depths) > 3, "there was something to look at"
