"""Whose certificates are trusted, and for which names."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

from tensormesh_transport.errors import CertificateError, UsageError
from tests.cases import cases
from tests.transport.hosts import Host, Line, request
from tests.transport.names import leads_to
from tests.transport.pump import Pump, outcome


def play(line: Line) -> None:
    while line.head():
        line.answer(b"good")


def trusts(pump: Pump, tls: ssl.SSLContext, ca_bundle: Path | None = None) -> bool:
    """Whether the host is trusted, or else was told nothing."""
    heads: list[str] = []

    def listen(line: Line) -> None:
        heads.append(line.head())
        line.answer(b"good")

    with Host(listen, tls) as host:
        transport = pump.transport(ca_bundle=None if ca_bundle is None else str(ca_bundle))
        error = outcome(pump.begin(transport.send, request(host.url)))
    if error is None:
        return True
    assert type(error) is CertificateError
    assert not error.sent
    assert heads == []
    return False


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    """A machine where the host is trusted by default."""
    monkeypatch.setattr("certifi.where", lambda: str(certificate))


@pytest.mark.usefixtures("system")
def test_the_authorities_of_the_machine_are_trusted(pump: Pump, tls: ssl.SSLContext) -> None:
    assert trusts(pump, tls)


@pytest.mark.usefixtures("system")
def test_a_bundle_is_trusted_alone(
    pump: Pump, tls: ssl.SSLContext, certificate: Path, other_certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the machine's authorities nor those of the environment count beside it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    assert not trusts(pump, tls, ca_bundle=other_certificate)
    assert trusts(pump, tls, ca_bundle=certificate)


@pytest.mark.usefixtures("system")
def test_the_file_that_the_environment_names_is_trusted_instead_of_the_machines(
    pump: Pump, tls: ssl.SSLContext, certificate: Path, other_certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(other_certificate))
    assert not trusts(pump, tls)

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert trusts(pump, tls)


@pytest.mark.usefixtures("system")
def test_the_folder_that_the_environment_names_is_trusted_instead_of_the_machines(
    pump: Pump, tls: ssl.SSLContext, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files bear the hashes of the authorities' names, as `c_rehash` gives them."""
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert not trusts(pump, tls)

    command = ["openssl", "x509", "-noout", "-hash", "-in", str(certificate)]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    (tmp_path / f"{name}.0").write_text(certificate.read_text())
    assert trusts(pump, tls)


def test_a_bundle_that_is_not_there_is_refused(pump: Pump, tmp_path: Path) -> None:
    transport = pump.transport(ca_bundle=str(tmp_path / "none.pem"))

    error = outcome(pump.begin(transport.send, request("https://host.example.test")))

    assert type(error) is UsageError
    assert not error.sent
    assert "none.pem" in str(error)


@cases(
    ("name", "shown"),
    [
        ("host.example.test", "host.example.test"),
        ("host.example.test.", "host.example.test"),
        ("HOST.Example.test", "host.example.test"),
        ("b\u00fccher.example.test", "xn--bcher-kva.example.test"),
        ("127.0.0.1", None),
    ],
)
def test_the_host_is_asked_for_by_the_name_that_stands_in_its_certificate(
    pump: Pump,
    tls: ssl.SSLContext,
    certificate: Path,
    name: str,
    shown: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str | None] = []
    tls.sni_callback = lambda _, server_name, __: asked.append(server_name)
    leads_to(monkeypatch, "127.0.0.1")
    with Host(play, tls) as host:
        transport = pump.transport(ca_bundle=str(certificate))

        answered = pump.run(transport.send, request(f"https://{name}:{host.port}"))

        pump.run(transport.close)
    assert answered.content == b"good"
    assert asked == [shown]


@pytest.mark.parametrize("name", ["other.example.test", "other.example.test.", "127.0.0.2"])
def test_a_certificate_for_another_name_is_not_trusted(
    pump: Pump, tls: ssl.SSLContext, certificate: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, "127.0.0.1")
    with Host(play, tls, address="127.0.0.2" if name == "127.0.0.2" else "127.0.0.1") as host:
        transport = pump.transport(ca_bundle=str(certificate))

        error = outcome(pump.begin(transport.send, request(f"https://{name}:{host.port}")))

    assert type(error) is CertificateError
    assert not error.sent


def test_the_host_is_told_which_protocol_is_spoken(pump: Pump, tls: ssl.SSLContext, certificate: Path) -> None:
    tls.set_alpn_protocols(["h2", "http/1.1"])
    agreed: list[str | None] = []

    def listen(line: Line) -> None:
        assert isinstance(line.sock, ssl.SSLSocket)
        agreed.append(line.sock.selected_alpn_protocol())
        play(line)

    with Host(listen, tls) as host:
        pump.run(pump.transport(ca_bundle=str(certificate)).send, request(host.url))

    assert agreed == ["http/1.1"]
