"""The sync or async transport, hosts to call, and certificates for them."""

from __future__ import annotations

import gc
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tensormesh_transport.sockets import new_socket
from tests.overlay.scripted_host import ScriptedHost
from tests.transport.pump import Pump
from tests.transport.tunnels import KINDS

NAMES = (
    "IP:127.0.0.1",
    "IP:::1",
    "IP:fd00::7",
    "DNS:localhost",
    "DNS:host.example.test",
    "DNS:proxy.example.test",
    "DNS:xn--bcher-kva.example.test",
)


@pytest.fixture(params=["sync", "async"])
def pump(request: pytest.FixtureRequest) -> Iterator[Pump]:
    with Pump(request.param) as pump:
        yield pump


@pytest.fixture
def threads() -> Iterator[Pump]:
    """For what threads, signals and forks do."""
    with Pump("sync") as pump:
        yield pump


@pytest.fixture
def tasks() -> Iterator[Pump]:
    """For what tasks and event loops do."""
    with Pump("async") as pump:
        yield pump


@pytest.fixture
def host() -> Iterator[ScriptedHost]:
    """A host; a script that is not played to its end, or too short, fails the test."""
    host = ScriptedHost().start()
    yield host
    host.stop()
    host.check()


@pytest.fixture
def closed_port() -> Iterator[str]:
    """The address of a port where nobody listens, and nobody else can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for `NAMES`, in one file, signed by nobody but itself."""
    return _self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def other_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another one for the same names."""
    return _self_signed(tmp_path_factory.mktemp("other_certificate"))


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """What a host speaks that has the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(params=["plain", "TLS"])
def any_tls(request: pytest.FixtureRequest, certificate: Path) -> ssl.SSLContext | None:
    """What a host speaks: nothing, or TLS."""
    if request.param == "plain":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[socket.socket]:
    """The sockets that were made to connect, in that order."""
    sockets = []

    def remembered(*kind: int) -> socket.socket:
        sockets.append(new_socket(*kind))
        return sockets[-1]

    monkeypatch.setattr("tensormesh_transport.blocking.connection.new_socket", remembered)
    monkeypatch.setattr("tensormesh_transport.asynchronous.dialling.new_socket", remembered)
    return sockets


@pytest.fixture(params=KINDS, ids=["plain proxy", "secure proxy"])
def proxy_tls(request: pytest.FixtureRequest, tls: ssl.SSLContext) -> ssl.SSLContext | None:
    """What is spoken to the proxy itself."""
    return tls if request.param == "https" else None


@pytest.fixture
def _tidied() -> Iterator[None]:
    """What was struck while it was being made is collected before the next test."""
    yield
    gc.collect()


def _self_signed(folder: Path) -> Path:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    key, file = folder / "key.pem", folder / "certificate.pem"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={folder.name}", "-addext", f"subjectAltName={','.join(NAMES)}"]
    subprocess.run(
        [openssl, "req", "-x509", *kind, *names, "-keyout", key, "-out", file], check=True, capture_output=True
    )
    file.write_text(file.read_text() + key.read_text())
    return file
