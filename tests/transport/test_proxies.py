"""Requests by way of a proxy, and those that go without."""

from __future__ import annotations

import base64
import ssl
from pathlib import Path

import pytest

from tests.cases import cases
from tests.transport.hosts import Host, Line, request
from tests.transport.names import leads_to
from tests.transport.pump import Pump
from tests.transport.tunnels import Origin, Tunnels, use

PASSWORD = base64.b64encode(b"user:pass:word").decode()


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


@cases("exceptions", ["direct.test", "other.test;\n*.test", "10.0.0.0/8 direct.test:{port}", "x, *"])
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
