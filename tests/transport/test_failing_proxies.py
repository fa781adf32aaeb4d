"""Proxies that refuse, go away, fall silent, or are none."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tensormesh_transport.errors import ConnectError, ConnectTimeoutError, ProxyError, ReadError, TLSError, UsageError
from tests.cases import cases
from tests.overlay.scripted_host import head
from tests.transport.hosts import Host, Line, request
from tests.transport.pump import Pump, outcome, wait_until
from tests.transport.tunnels import KINDS, Origin, Tunnels, use

ESTABLISHED = b"HTTP/1.1 200 Established\r\n\r\n"


def through(
    pump: Pump,
    monkeypatch: pytest.MonkeyPatch,
    certificate: Path | None,
    play: Callable[[Line], None],
    proxy_tls: ssl.SSLContext | None,
    **limits: float,
) -> BaseException | None:
    """The error of a call to a secure host through a proxy that does this."""
    transport = pump.transport(ca_bundle=None if certificate is None else str(certificate), max_connections=1)
    with Host(play, proxy_tls) as proxy:
        use(monkeypatch, proxy)
        error = outcome(pump.begin(transport.send, request("https://host.example.test", **limits)))
        wait_until(lambda: proxy.open == 0)
    return error


REFUSALS = [
    pytest.param(head(407, content_length="0"), id="407"),
    pytest.param(head(403, content_length="2") + b"no", id="with a body"),
    pytest.param(head(502, transfer_encoding="chunked") + b"2\r\nno\r\n0\r\n\r\n", id="with chunks"),
    pytest.param(head(502, content_length="99") + b"no", id="with half a body"),
    pytest.param(head(502) + b"no", id="with a body without end"),
    pytest.param(head(103) + head(503, content_length="0"), id="after hints"),
    pytest.param(head(302, location="/", content_length="0"), id="a redirect"),
]


@cases("refusal", REFUSALS)
def test_a_tunnel_that_is_refused_is_an_error_of_the_proxy(
    pump: Pump,
    proxy_tls: ssl.SSLContext | None,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    refusal: bytes,
) -> None:
    def play(line: Line) -> None:
        line.head()
        line.send(refusal)
        line.wait_for_goodbye()

    error = through(pump, monkeypatch, certificate, play, proxy_tls, connect=5)

    assert type(error) is ProxyError
    assert not error.sent
    assert f"it answered HTTP {refusal.rpartition(b'HTTP/1.1 ')[2][:3].decode()}" in str(error)
    assert "user" not in str(error)


@cases(
    "opened",
    [
        pytest.param(head(200, content_length="99"), id="with a length"),
        pytest.param(head(200, transfer_encoding="chunked"), id="with chunks"),
        pytest.param(head(103) + head(200), id="after hints"),
        pytest.param(b"HTTP/1.0 200 Connection established\r\n\r\n", id="HTTP/1.0"),
        pytest.param(head(204), id="204"),
    ],
)
def test_a_tunnel_has_no_body_whatever_its_proxy_says(
    pump: Pump,
    proxy_tls: ssl.SSLContext | None,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    opened: bytes,
) -> None:
    origin, transport = Origin(), pump.transport(ca_bundle=str(certificate))
    with Host(origin.play, tls) as host, Host(Tunnels(host.port, opened).play, proxy_tls) as proxy:
        use(monkeypatch, proxy)

        assert pump.run(transport.send, request("https://host.example.test")).content == b"by the host"
        pump.run(transport.close)


def at_once(line: Line) -> None:
    """Nothing was read."""


def after_the_request(line: Line) -> None:
    line.head()


def within_the_answer(line: Line) -> None:
    line.head()
    line.send(ESTABLISHED[:12])


def within_the_fields(line: Line) -> None:
    line.head()
    line.send(ESTABLISHED[:-2])


def before_the_handshake(line: Line) -> None:
    line.head()
    line.send(ESTABLISHED)


def within_the_handshake(line: Line) -> None:
    line.head()
    line.send(ESTABLISHED)
    line.sock.recv(1)
    line.send(b"\x16\x03\x03\x00\x7a\x02")


STEPS = [
    at_once,
    after_the_request,
    within_the_answer,
    within_the_fields,
    before_the_handshake,
    within_the_handshake,
]


@cases("step", STEPS)
@cases("how", ["closed", "reset"])
def test_a_proxy_that_goes_away_has_sent_nothing_on(
    pump: Pump,
    proxy_tls: ssl.SSLContext | None,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: Callable[[Line], None],
    how: str,
) -> None:
    def play(line: Line) -> None:
        step(line)
        if how == "reset":
            line.reset()

    error = through(pump, monkeypatch, certificate, play, proxy_tls)

    # From the tunnel on it may be the host that went away.
    expected = TLSError if step in (before_the_handshake, within_the_handshake) else ProxyError
    assert type(error) is expected
    assert not error.sent


@cases("step", STEPS)
def test_a_proxy_that_falls_silent_is_a_timeout(
    pump: Pump,
    proxy_tls: ssl.SSLContext | None,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: Callable[[Line], None],
) -> None:
    def play(line: Line) -> None:
        step(line)
        line.wait_for_goodbye()

    begin = time.monotonic()
    error = through(pump, monkeypatch, certificate, play, proxy_tls, connect=0.1)

    assert type(error) is ConnectTimeoutError
    assert not error.sent
    assert time.monotonic() - begin < 5


def test_a_proxy_that_does_not_shake_hands_is_a_timeout(
    pump: Pump, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = pump.transport(ca_bundle=str(certificate), max_connections=1)
    with Host(Line.wait_for_goodbye) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url.replace("http:", "https:"))

        for scheme in KINDS:
            error = outcome(pump.begin(transport.send, request(f"{scheme}://host.example.test", connect=0.1)))
            assert type(error) is ConnectTimeoutError
            assert not error.sent


@cases(
    "garbage", [b"SSH-2.0-OpenSSH_9.6\r\n", b"\x15\x03\x01\x00\x02\x02\x16", b"HTTP/1.1 abc\r\n\r\n", b"\r\n" * 99_000]
)
def test_a_proxy_that_speaks_something_else_is_an_error_of_the_proxy(
    pump: Pump,
    proxy_tls: ssl.SSLContext | None,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    garbage: bytes,
) -> None:
    def play(line: Line) -> None:
        line.head()
        line.send(garbage)
        line.wait_for_goodbye()

    error = through(pump, monkeypatch, certificate, play, proxy_tls, connect=5)

    assert type(error) is ProxyError
    assert not error.sent


def test_a_host_in_a_tunnel_that_speaks_no_tls_is_an_error_of_its_own(
    pump: Pump, proxy_tls: ssl.SSLContext | None, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def play(line: Line) -> None:
        line.head()
        line.send(ESTABLISHED)
        line.sock.recv(1)
        line.send(head(400))
        line.wait_for_goodbye()

    error = through(pump, monkeypatch, certificate, play, proxy_tls)

    assert type(error) is TLSError
    assert not error.sent


def test_a_secure_proxy_that_nobody_vouches_for_is_told_nothing(
    pump: Pump, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    tunnels = Tunnels()

    error = through(pump, monkeypatch, None, tunnels.play, tls)

    assert type(error) is ProxyError
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert not error.sent
    assert tunnels.asked == []


def test_a_plain_request_that_its_proxy_lets_fall_may_have_been_sent(
    pump: Pump, proxy_tls: ssl.SSLContext | None, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = pump.transport(ca_bundle=str(certificate))
    with Host(after_the_request, proxy_tls) as proxy:
        use(monkeypatch, proxy)

        error = outcome(pump.begin(transport.send, request("http://host.example.test")))

    assert isinstance(error, ReadError)
    assert error.sent


@cases("scheme", KINDS)
def test_a_proxy_that_is_not_there_is_named(
    pump: Pump, closed_port: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", closed_port)

    error = outcome(pump.begin(pump.transport().send, request(f"{scheme}://host.example.test")))

    assert type(error) is ProxyError
    assert closed_port in str(error)
    assert isinstance(error, ConnectError)
    assert not isinstance(error, UsageError)
