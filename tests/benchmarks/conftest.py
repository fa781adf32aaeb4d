"""The benchmark host, running."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from benchmarks.peers.host import certificate
from benchmarks.peers.host.process import Host, running


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """It speaks TLS as well, where there is an openssl to make a certificate with."""
    made = certificate.make(tmp_path_factory.mktemp("certificate")) if shutil.which("openssl") else None
    with running(made) as host:
        yield host
