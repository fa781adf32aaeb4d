"""Whom the client trusts, and what it says where it does not."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest

from tensormesh import Timeout
from tensormesh.errors import APIConnectionError, APITimeoutError, ConfigurationError
from tests.cases import cases
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, fails, piece, serves_the_next_call
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed


@pytest.fixture
def secure_host(certificate: Path) -> Iterator[ScriptedHost]:
    """A host whose certificate nobody has signed but itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    host = ScriptedHost(context).start()
    yield host
    host.stop()


def test_a_host_that_nobody_vouches_for_gets_nothing(
    runner: Runner, secure_host: ScriptedHost, transport: dict[str, Any]
) -> None:
    client = runner.client(**surfaces_of(secure_host), **transport)

    error = fails(
        runner, lambda: ask(client), APIConnectionError, r"certificate is not trusted .*; ca_bundle= names the file"
    )

    assert not error.sent
    assert secure_host.asked == []
    runner.wait_until(lambda: secure_host.open == 0)


@pytest.mark.parametrize("given", ["argument", "variable", "path"])
def test_ca_bundle_names_whom_to_trust(
    runner: Runner, secure_host: ScriptedHost, certificate: Path, given: str
) -> None:
    settings: dict[str, Any] = {
        "argument": {"ca_bundle": str(certificate)},
        "path": {"ca_bundle": certificate},
        "variable": {"env": {"TENSORMESH_CA_BUNDLE": str(certificate)}},
    }[given]
    client = runner.client(**surfaces_of(secure_host), **settings)
    secure_host.plays(answer(200, COMPLETION), streamed(events(piece("Hello.", "stop"))))

    assert runner.run(ask(client)).choices[0].message.content == "Hello."
    stream = runner.run(ask_for_stream(client))
    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."
    serves_the_next_call(runner, client, secure_host)
    assert secure_host.connections == 1


def test_the_standard_variable_for_certificates_is_obeyed(
    runner: Runner, secure_host: ScriptedHost, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    serves_the_next_call(runner, runner.client(**surfaces_of(secure_host)), secure_host)


@cases(
    ("variables", "words"),
    [
        (
            {"SSL_CERT_FILE": "/no/such.pem"},
            "SSL_CERT_FILE names '/no/such.pem', which holds no certificates",
        ),
        ({"SSL_CERT_FILE": os.devnull}, f"SSL_CERT_FILE names '{os.devnull}', which holds no certificates"),
        ({"SSL_CERT_FILE": "/"}, "SSL_CERT_FILE names '/', which holds no certificates"),
    ],
)
@cases("call", [ask, ask_for_stream], ids=["whole", "streamed"])
def test_a_stale_variable_for_certificates_is_named(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, call: Any, variables: dict[str, str], words: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    client = runner.client(inference_api_key="k", serverless_base_url="https://127.0.0.1:9")

    error = fails(runner, lambda: call(client), ConfigurationError, words)

    assert "correct it, or unset it" in str(error)


@pytest.mark.parametrize("call", [ask, ask_for_stream], ids=["whole", "streamed"])
def test_where_the_environment_says_whom_to_trust_an_untrusted_host_is_told_with_it(
    runner: Runner, secure_host: ScriptedHost, monkeypatch: pytest.MonkeyPatch, call: Any
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    client = runner.client(**surfaces_of(secure_host))

    fails(runner, lambda: call(client), APIConnectionError, r"not trusted .*the environment says whom .*SSL_CERT_FILE")


def test_a_certificate_for_another_name_is_not_accepted(
    runner: Runner, secure_host: ScriptedHost, certificate: Path
) -> None:
    client = runner.client(
        inference_api_key="k", serverless_base_url=f"https://localhost:{secure_host.port}", ca_bundle=certificate
    )

    error = fails(runner, lambda: ask(client), APIConnectionError, "certificate is not trusted .*localhost")

    assert not error.sent
    assert secure_host.asked == []


def test_a_file_without_certificates_is_refused(runner: Runner, secure_host: ScriptedHost, tmp_path: Path) -> None:
    file = tmp_path / "empty.pem"
    file.write_text("no certificates here")
    client = runner.client(**surfaces_of(secure_host), ca_bundle=file)

    fails(runner, lambda: ask(client), ConfigurationError, r"ca_bundle '.*empty\.pem' holds no certificates")


def test_tls_to_a_host_that_does_not_speak_it_says_so(
    runner: Runner, host: ScriptedHost, transport: dict[str, Any]
) -> None:
    client = runner.client(inference_api_key="k", serverless_base_url=host.url.replace("http:", "https:"), **transport)

    error = fails(runner, lambda: ask(client), APIConnectionError, "does not speak TLS there .*begin with http://")

    assert not error.sent
    assert host.asked == []


@pytest.mark.parametrize("limit", [0.1, Timeout(connect=0.1, first_byte=20)], ids=["one number", "its own limit"])
def test_a_handshake_that_stalls_was_not_sent(runner: Runner, transport: dict[str, Any], limit: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        client = runner.client(inference_api_key="k", serverless_base_url=url, timeout=limit, **transport)

        error = fails(runner, lambda: ask(client), APITimeoutError, r"no connection within 0\.1 s")

    assert not error.sent


def test_plain_http_to_a_host_that_speaks_tls_is_a_connection_error(
    runner: Runner, secure_host: ScriptedHost, transport: dict[str, Any]
) -> None:
    client = runner.client(
        inference_api_key="k", serverless_base_url=secure_host.url.replace("https:", "http:"), **transport
    )

    error = fails(runner, lambda: ask(client), APIConnectionError, "the connection broke")

    assert error.sent


def test_a_client_of_ones_own_brings_its_own_trust(
    runner: Runner, library: Any, secure_host: ScriptedHost, certificate: Path
) -> None:
    trusting = runner.http_client(library, verify=ssl.create_default_context(cafile=certificate))

    serves_the_next_call(runner, runner.client(**surfaces_of(secure_host), http_client=trusting), secure_host)
    with pytest.raises(ConfigurationError, match="ca_bundle has no effect on an http_client"):
        runner.client(http_client=trusting, ca_bundle=certificate)


@pytest.mark.parametrize("name", ["localhost.", "127.0.0.1."])
def test_a_dot_at_the_end_of_a_name_is_told_to_nobody(
    runner: Runner, host: ScriptedHost, transport: dict[str, Any], name: str
) -> None:
    places = {key: value.replace("127.0.0.1", name) for key, value in surfaces_of(host).items()}
    client = runner.client(**places, **transport)
    host.plays(answer(200, COMPLETION))

    assert runner.run(ask(client)).choices[0].message.content == "Hello."
    assert host.asked[0].headers["host"] == f"{name.removesuffix('.')}:{host.port}"


def test_a_name_that_ends_in_a_dot_is_that_of_the_certificate(
    runner: Runner, secure_host: ScriptedHost, certificate: Path, transport_name: str
) -> None:
    trusted = ssl.create_default_context(cafile=certificate)
    settings: dict[str, Any] = {"ca_bundle": certificate}
    if transport_name != "own":
        settings = {"http_client": runner.http_client(pytest.importorskip(transport_name), verify=trusted)}
    places = {key: value.replace("127.0.0.1", "127.0.0.1.") for key, value in surfaces_of(secure_host).items()}
    client = runner.client(**places, **settings)
    secure_host.plays(answer(200, COMPLETION))

    assert runner.run(ask(client)).choices[0].message.content == "Hello."
