"""The host in a process of its own, as those see it who started it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.clean_room import ROOT


class Host:
    """
    Where it listens.

    Args:
        ports: the plain one, and the one that speaks TLS if there is a certificate.
        certificate: what it shows there.
    """

    def __init__(self, ports: list[int], certificate: Path | None = None) -> None:
        self.ports = ports
        self.certificate = certificate

    def url(self, *, tls: bool = False) -> str:
        return f"https://127.0.0.1:{self.ports[1]}" if tls else f"http://127.0.0.1:{self.ports[0]}"

    def account(self) -> tuple[float, int]:
        """CPU seconds so far, and the most answers under way at once since it was last asked."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=10)
        connection.request("GET", "/account")
        content = json.loads(connection.getresponse().read())
        connection.close()
        return content["cpu"], content["most"]


@contextmanager
def running(certificate: Path | None = None, processor: int | None = None) -> Iterator[Host]:
    """Run it while the block runs, on one processor where that is given; with a certificate it speaks TLS, too."""
    command = [sys.executable, "-m", "benchmarks.peers.host"]
    command += [] if certificate is None else ["--certificate", str(certificate)]
    command += [] if processor is None else ["--processor", str(processor)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Host([int(port) for port in process.stdout.readline().split()], certificate)
        finally:
            process.stdin.close()
