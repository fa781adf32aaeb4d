"""Certificates for those who play a host or a proxy."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

NAMES = ("proxy.test", "host.test", "other.test")


@dataclass(frozen=True)
class Trust:
    """Certificates by name, each signed by nobody but itself, and whoever trusts them all."""

    files: dict[str, Path]

    def client(self, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
        return _client(tuple(self.files.values()), newest)

    def server(self, name: str, oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> ssl.SSLContext:
        return _server(self.files[name], oldest)


# To read the certificates takes longer than to shake hands.
@cache
def _client(files: tuple[Path, ...], newest: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for file in files:
        context.load_verify_locations(file)
    context.maximum_version = newest
    return context


@cache
def _server(file: Path, oldest: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.minimum_version = oldest
    return context


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make certificates with")
    folder = tmp_path_factory.mktemp("certificates")
    files = {name: folder / f"{name}.pem" for name in NAMES}
    for name, file in files.items():
        key = file.with_suffix(".key")
        # A kind whose signatures are of one length, so that every handshake is.
        kind = ["-newkey", "ed25519", "-nodes", "-days", "2"]
        names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1"]
        subprocess.run(
            [openssl, "req", "-x509", *kind, *names, "-keyout", key, "-out", file], check=True, capture_output=True
        )
        file.write_text(file.read_text() + key.read_text())
    return Trust(files)
