"""Where names lead, as a test wants it."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from tests.overlay.scripted_host import PATIENCE_SECONDS

type Found = tuple[int, int, int, str, Any]
"""What `getaddrinfo` finds."""


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Every name leads to these addresses, in this order; collects the names that were looked up."""
    asked = []

    def found(name: str, port: int, *_: Any, **__: Any) -> list[Found]:
        asked.append(name)
        return [_found(address, port) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    return asked


class Hanging:
    """A resolver that does not answer until it is released, and then does not know the name."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = threading.Event()
        self._released = threading.Event()
        self._answers: list[threading.Event] = []
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def release(self) -> None:
        self._released.set()
        for answer in self._answers:
            assert answer.wait(PATIENCE_SECONDS)

    def _look_up(self, *_: Any, **__: Any) -> Any:
        answer = threading.Event()
        self._answers.append(answer)
        self.asked.set()
        assert self._released.wait(PATIENCE_SECONDS)
        answer.set()
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def _found(address: str, port: int) -> Found:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))
