"""What tests look at of a conversation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tensormesh_local import LocalHost
from tests.cli.conftest import Tm
from tests.cli.terminal import Terminal

MODEL = "openai/gpt-oss-20b"

Opens = Callable[..., Terminal]


def asked(host: LocalHost) -> list[Any]:
    """The bodies of all questions."""
    return [request.body for request in host.requests if request.path.endswith("/chat/completions")]


def said(body: Any) -> list[tuple[str, Any]]:
    return [(message["role"], message["content"]) for message in body["messages"]]


def conversations(tm: Tm) -> list[Path]:
    return sorted((tm.home / "conversations").glob("*.json"))
