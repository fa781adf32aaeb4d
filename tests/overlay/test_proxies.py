"""Which proxy a call goes through, and what it tells it."""

from __future__ import annotations

import base64
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from tensormesh import Timeout
from tensormesh.errors import APIConnectionError, APITimeoutError, ConfigurationError
from tensormesh_transport.proxies import Proxy, proxy
from tests.cases import cases
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, fails, piece
from tests.overlay.conftest import KEY, Runner, surfaces_of
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed
from tests.overlay.tunnel import Tunnel

ELSEWHERE = "api.example.test"
"""A name that nobody can resolve: only a proxy gets there."""


def client_of(runner: Runner, scheme: str, **settings: Any) -> Any:
    return runner.client(inference_api_key=KEY, serverless_base_url=f"{scheme}://{ELSEWHERE}", **settings)


@cases("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_the_environment_names_the_proxy(
    runner: Runner, host: ScriptedHost, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, host.url)
    host.plays(answer(200, COMPLETION), streamed(events(piece("Hello.", "stop"))), answer(200, COMPLETION))
    client = client_of(runner, "http")

    runner.run(ask(client))
    stream = runner.run(ask_for_stream(client))
    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."
    runner.run(ask(client))

    assert {asked.path for asked in host.asked} == {f"http://{ELSEWHERE}/v1/chat/completions"}
    assert host.asked[0].headers["host"] == ELSEWHERE
    assert host.connections == 1


def test_a_proxy_may_be_named_without_http(runner: Runner, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{host.port}")
    host.plays(answer(200, COMPLETION))

    runner.run(ask(client_of(runner, "http")))


@pytest.mark.parametrize("exceptions", ["127.0.0.1", "example.test,127.0.0.1", "*"])
def test_no_proxy_names_exceptions(
    runner: Runner, host: ScriptedHost, exceptions: str, closed_port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", closed_port)
    monkeypatch.setenv("NO_PROXY", exceptions)
    host.plays(answer(200, COMPLETION))

    runner.run(ask(runner.client(**surfaces_of(host))))

    assert host.asked[0].path == "/v1/chat/completions"


@pytest.mark.parametrize("exceptions", ["::1", "[::1]", "localhost,127.0.0.1,::1"])
def test_no_proxy_may_name_an_address_of_ipv6(exceptions: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", exceptions)

    assert proxy("http://[::1]:8000") is None
    assert proxy("http://[::2]:8000") == Proxy("http://proxy.test:3128")


@pytest.mark.parametrize("user", ["user:pass%3Aword", "user"])
def test_a_proxy_gets_its_own_password_and_nobody_else_does(
    runner: Runner, host: ScriptedHost, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{user}@127.0.0.1:{host.port}")
    host.plays(answer(200, COMPLETION))

    runner.run(ask(client_of(runner, "http")))

    expected = base64.b64encode(b"user:pass:word" if ":" in user else b"user:").decode()
    assert host.asked[0].headers["proxy-authorization"] == f"Basic {expected}"
    assert host.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_secure_call_goes_through_a_tunnel_and_the_proxy_sees_no_key(
    runner: Runner, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    host = ScriptedHost(context).start().plays(answer(200, COMPLETION), streamed(events(piece("Hello.", "stop"))))
    with Tunnel(host.port) as tunnel:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:word@{tunnel.address}")
        client = client_of(runner, "https", ca_bundle=certificate)

        runner.run(ask(client))
        stream = runner.run(ask_for_stream(client))
        assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."
        runner.run(client.close())
    host.stop()

    assert [head.partition("\r\n")[0] for head in tunnel.asked] == [f"CONNECT {ELSEWHERE}:443 HTTP/1.1"]
    assert f"proxy-authorization: basic {base64.b64encode(b'user:word').decode()}".lower() in tunnel.asked[0].lower()
    assert KEY not in tunnel.asked[0]
    assert host.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert "proxy-authorization" not in host.asked[0].headers


@pytest.mark.parametrize("status", [407, 502])
def test_a_proxy_that_refuses_a_tunnel_was_sent_nothing(
    runner: Runner, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Tunnel(0, status) as tunnel:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:SENTINEL@{tunnel.address}")
        client = client_of(runner, "https")

        error = fails(
            runner,
            lambda: ask(client),
            APIConnectionError,
            f"^POST https://{ELSEWHERE}/v1/.*: the proxy http://{tunnel.address} cannot be used .*{status}",
        )

    assert not error.sent
    assert "SENTINEL" not in str(error)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_was_sent_nothing(
    runner: Runner, scheme: str, closed_port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", closed_port.replace("//", "//user:SENTINEL@"))
    client = client_of(runner, scheme)

    error = fails(
        runner, lambda: ask(client), APIConnectionError, f"the proxy {closed_port} cannot be used .*HTTPS_PROXY"
    )

    assert not error.sent
    assert "SENTINEL" not in str(error)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_whose_name_is_not_found_is_named(runner: Runner, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("ALL_PROXY", "http://proxy.invalid:3128")

    error = fails(
        runner,
        lambda: ask(client_of(runner, scheme)),
        APIConnectionError,
        r"the proxy http://proxy\.invalid:3128 cannot be used .*not known",
    )

    assert not error.sent


@cases("begin", ["HTTP://", "http://u:SEN://TINEL@", "u:SEN://TINEL@", " http://"])
def test_a_proxy_is_found_however_its_address_is_written(
    runner: Runner, begin: str, closed_port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", closed_port.replace("http://", begin) + "\n")

    error = fails(
        runner,
        lambda: ask(client_of(runner, "http")),
        APIConnectionError,
        f"the proxy {closed_port} cannot be used",
    )

    assert "SEN" not in str(error)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_says_nothing_is_a_timeout(runner: Runner, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{silent.getsockname()[1]}")
        client = client_of(runner, scheme, timeout=Timeout(connect=0.1, first_byte=0.1))

        error = fails(runner, lambda: ask(client), APITimeoutError, r"within 0\.1 s")

    assert error.sent == (scheme == "http")


@cases("address", ["http://", "http://p..q:1", "http://p:abc", "http://[::1", "http://u:SENTINEL@:1", '"http://p:1"'])
def test_a_proxy_that_is_no_address_is_refused(runner: Runner, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", address)
    client = client_of(runner, "https")

    error = fails(runner, lambda: ask(client), ConfigurationError, "names a proxy that is no address")

    assert "SENTINEL" not in str(error)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "ftp"])
def test_a_proxy_of_another_kind_is_refused(runner: Runner, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://user:SENTINEL@127.0.0.1:1080")
    client = client_of(runner, "https")

    error = fails(
        runner,
        lambda: ask(client),
        ConfigurationError,
        f"a proxy of the kind '{scheme}', which needs a client of your own",
    )

    assert "SENTINEL" not in str(error)
