"""Proxies of either kind, to hosts of either kind: what each of them is told, and what may go wrong on the way."""

from __future__ import annotations

import base64
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tensormesh_transport.errors import (
    ConnectError,
    ConnectTimeoutError,
    ProxyError,
    ReadError,
    TLSError,
    UsageError,
)
from tests.overlay.scripted_host import head
from tests.transport.hosts import Host, Line, request
from tests.transport.names import leads_to
from tests.transport.pump import Pump, outcome, wait_until
from tests.transport.tunnels import Tunnels

KINDS = ["http", "https"]
PASSWORD = base64.b64encode(b"user:pass:word").decode()
ESTABLISHED = b"HTTP/1.1 200 Established\r\n\r\n"


@pytest.fixture(params=KINDS, ids=["plain proxy", "secure proxy"])
def proxy_tls(request: pytest.FixtureRequest, tls: ssl.SSLContext) -> ssl.SSLContext | None:
    """What is spoken to the proxy itself."""
    return tls if request.param == "https" else None


class Origin:
    """A host that says what it was asked for, and keeps it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def play(self, line: Line) -> None:
        while asked := line.head():
            self.asked.append(asked)
            line.answer(b"by the host")


def use(monkeypatch: pytest.MonkeyPatch, proxy: Host, name: str = "localhost") -> None:
    """From now on all go through the proxy, which wants a password."""
    address = proxy.url.replace("127.0.0.1", name)
    monkeypatch.setenv("ALL_PROXY", address.replace("//", "//user:pass%3Aword@"))


def test_a_request_to_a_plain_host_is_told_to_the_proxy(
    pump: Pump, proxy_tls: ssl.SSLContext | None, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tunnels = Tunnels()
    transport = pump.transport(ca_bundle=str(certificate))
    with Host(tunnels.play, proxy_tls) as proxy:
        use(monkeypatch, proxy)

        for _ in range(2):
            asked = request("http://host.example.test", "/path?query", headers={"x-key": "k"})
            assert pump.run(transport.send, asked).content == b"by the proxy"

        assert proxy.connections == 1
    lines = tunnels.asked[0].split("\r\n")
    assert lines[0] == "GET http://host.example.test/path?query HTTP/1.1"
    assert "host: host.example.test" in lines
    assert f"proxy-authorization: Basic {PASSWORD}" in lines


def test_a_request_to_a_secure_host_goes_through_a_tunnel(
    pump: Pump,
    proxy_tls: ssl.SSLContext | None,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Through the layers of both, the proxy's and the host's, where the proxy is a secure one."""
    origin = Origin()
    transport = pump.transport(ca_bundle=str(certificate))
    with Host(origin.play, tls) as host:
        tunnels = Tunnels(host.port)
        with Host(tunnels.play, proxy_tls) as proxy:
            use(monkeypatch, proxy)

            for _ in range(2):
                asked = request("https://host.example.test", "/path", headers={"x-key": "k"})
                assert pump.run(transport.send, asked).content == b"by the host"
            body = pump.run(transport.open, request("https://host.example.test", "/stream"))
            assert pump.rest(body) == (b"by the host", None)

            assert (proxy.connections, host.connections) == (1, 1)
            pump.run(transport.close)
    assert [asked.split("\r\n") for asked in tunnels.asked] == [
        [
            "CONNECT host.example.test:443 HTTP/1.1",
            "host: host.example.test:443",
            f"proxy-authorization: Basic {PASSWORD}",
        ]
    ]
    assert [asked.partition(" HTTP")[0] for asked in origin.asked] == ["GET /path", "GET /path", "GET /stream"]
    assert "x-key: k" in origin.asked[0]
    assert "proxy-authorization" not in origin.asked[0]


def test_much_goes_through_a_tunnel_both_ways(
    pump: Pump,
    proxy_tls: ssl.SSLContext | None,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upload = bytes(range(256)) * 8_000
    counts = []

    def play(line: Line) -> None:
        line.head()
        counts.append(line.read(len(upload)))
        line.answer(upload)

    transport = pump.transport(ca_bundle=str(certificate))
    with Host(play, tls) as host, Host(Tunnels(host.port).play, proxy_tls) as proxy:
        use(monkeypatch, proxy)

        answered = pump.run(transport.send, request("https://host.example.test", method="POST", content=upload))

        pump.run(transport.close)
    assert counts == [len(upload)]
    assert answered.content == upload


def test_addresses_of_ipv6_are_told_in_brackets(
    pump: Pump, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = Origin()
    transport = pump.transport(ca_bundle=str(certificate))
    with Host(origin.play, tls) as host:
        tunnels = Tunnels(host.port)
        with Host(tunnels.play, address="::1") as proxy:
            monkeypatch.setenv("ALL_PROXY", proxy.url)

            assert pump.run(transport.send, request("https://[fd00::7]:7")).content == b"by the host"
            assert pump.run(transport.send, request("http://[fd00::7]:7")).content == b"by the proxy"

            pump.run(transport.close)
    assert [asked.split("\r\n")[:2] for asked in tunnels.asked] == [
        ["CONNECT [fd00::7]:7 HTTP/1.1", "host: [fd00::7]:7"],
        ["GET http://[fd00::7]:7/ HTTP/1.1", "host: [fd00::7]:7"],
    ]
    assert "host: [fd00::7]:7" in origin.asked[0]


def test_a_host_of_ipv6_is_called_without_a_proxy(pump: Pump, tls: ssl.SSLContext, certificate: Path) -> None:
    origin = Origin()
    transport = pump.transport(ca_bundle=str(certificate))
    with Host(origin.play, address="::1") as plain, Host(origin.play, tls, address="::1") as secure:
        for host in (plain, secure):
            assert pump.run(transport.send, request(host.url)).content == b"by the host"

        assert [f"host: {host.authority}" in asked for host, asked in zip((plain, secure), origin.asked, strict=True)]
        pump.run(transport.close)


@pytest.mark.parametrize("exceptions", ["direct.test", "other.test;\n*.test", "10.0.0.0/8 direct.test:{port}", "x, *"])
def test_what_no_proxy_names_is_called_directly(pump: Pump, exceptions: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tunnels, origin, transport = Tunnels(), Origin(), pump.transport()
    leads_to(monkeypatch, "127.0.0.1")
    with Host(origin.play) as host, Host(tunnels.play) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", exceptions.format(port=host.port))

        assert pump.run(transport.send, request(f"http://direct.test:{host.port}")).content == b"by the host"

        assert proxy.connections == 0


def test_what_no_proxy_does_not_name_goes_through_the_proxy(pump: Pump, monkeypatch: pytest.MonkeyPatch) -> None:
    tunnels, transport = Tunnels(), pump.transport()
    with Host(tunnels.play) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "10.0.0.0/8, other.test")

        assert pump.run(transport.send, request("http://11.0.0.1:7")).content == b"by the proxy"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_this_machine_is_called_directly_and_no_proxy_sees_its_key(
    pump: Pump, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tunnels, origin, transport = Tunnels(), Origin(), pump.transport()
    with Host(origin.play) as host, Host(tunnels.play) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url)

        assert pump.run(transport.send, request(host.url.replace("127.0.0.1", name))).content == b"by the host"

        assert proxy.connections == 0


def test_one_transport_keeps_the_ways_to_two_hosts_apart(
    pump: Pump, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tunnel is for the host that it was asked for."""
    origin, transport = Origin(), pump.transport(ca_bundle=str(certificate))
    with Host(origin.play, tls) as host:
        tunnels = Tunnels(host.port)
        with Host(tunnels.play) as proxy:
            monkeypatch.setenv("ALL_PROXY", proxy.url)

            for name in ("host", "proxy", "host"):
                pump.run(transport.send, request(f"https://{name}.example.test"))

            pump.run(transport.close)
    assert [asked.split()[1] for asked in tunnels.asked] == ["host.example.test:443", "proxy.example.test:443"]


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


@pytest.mark.parametrize("refusal", REFUSALS)
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("how", ["closed", "reset"])
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


@pytest.mark.parametrize("step", STEPS)
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize("scheme", KINDS)
def test_a_proxy_that_is_not_there_is_named(
    pump: Pump, closed_port: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", closed_port)

    error = outcome(pump.begin(pump.transport().send, request(f"{scheme}://host.example.test")))

    assert type(error) is ProxyError
    assert closed_port in str(error)
    assert isinstance(error, ConnectError)
    assert not isinstance(error, UsageError)
