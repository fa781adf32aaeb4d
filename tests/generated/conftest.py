"""Clients that answer from memory, and answers that were recorded."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tensormesh_runtime.types import Response

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Transcript:
    """One recorded exchange."""

    name: str
    method: str
    path: str
    body: dict[str, Any] | None
    status: int
    content_type: str
    text: str

    def __str__(self) -> str:
        return self.name

    @property
    def operation(self) -> str:
        """The operation it is an answer of; empty for a route that is none."""
        return ROUTES.get((self.method, self.path), "")

    @property
    def events(self) -> list[Any]:
        """The JSON of each event of a stream."""
        data = [line.removeprefix("data: ") for line in self.text.splitlines() if line.startswith("data: ")]
        return [json.loads(text) for text in data if text != "[DONE]"]


ROUTES = {
    ("POST", "/v1/chat/completions"): "chat.create_chat_completion",
    ("POST", "/v1/completions"): "completions.create_completion",
    ("POST", "/v1/responses"): "responses.create_response",
    ("GET", "/v1/models"): "models.list_models",
    ("POST", "/tokenize"): "tokenize.tokenize",
    ("POST", "/detokenize"): "detokenize.detokenize",
    ("GET", "/health"): "health.get_health",
    ("GET", "/version"): "version.get_version",
}


def _transcript(file: Path) -> Transcript:
    request, _, answer = file.read_text(encoding="utf-8").partition("\n")
    head, _, text = answer.partition("\n\n")
    status = int(head.split(" ", 2)[1])
    kind = re.search(r"(?im)^content-type: ([^;\n]+)", head)
    words = shlex.split(request.partition("   # ")[0])
    url = next(word for word in words if word.startswith("http://"))
    body = None
    if "--data-binary" in words:
        try:
            body = json.loads(words[words.index("--data-binary") + 1])
        except ValueError:
            body = None
    return Transcript(
        name=f"{file.parent.name}/{file.stem}",
        method=words[words.index("-X") + 1],
        path="/" + url.split("/", 3)[3],
        body=body,
        status=status,
        content_type=kind[1].strip() if kind else "",
        text=text,
    )


def _transcripts() -> list[Transcript]:
    return [_transcript(file) for file in sorted((ROOT / "tests" / "transcripts").rglob("*.txt"))]


SETS = {
    "answer": lambda one: one.status == 200 and one.operation and one.content_type == "application/json",
    "stream": lambda one: one.status == 200 and one.operation and one.content_type == "text/event-stream",
    "failure": lambda one: one.status >= 400,
    "sent": lambda one: one.status == 200 and one.operation and one.body is not None,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, belongs in SETS.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, [one for one in _transcripts() if belongs(one)], ids=str)


@pytest.fixture(scope="session")
def operations() -> list[ModuleType]:
    """The modules of all operations."""
    folder = ROOT / "tensormesh_generated" / "api"
    files = sorted(file for file in folder.glob("*/*.py") if file.stem != "__init__")
    return [import_module(f"tensormesh_generated.api.{file.parent.name}.{file.stem}") for file in files]


@dataclass
class Recorder:
    """A client that keeps what it is sent and answers with what it was given."""

    answer: Any = field(default_factory=dict)
    sent: list[Any] = field(default_factory=list)

    def send(self, request: Any) -> Any:
        self.sent.append(request)
        return Response(200, {"x-request-id": "r-1"}, b"{}", request.parse(self.answer))

    def stream(self, request: Any) -> Any:
        self.sent.append(request)
        return iter([request.parse_event(self.answer)])


class AsyncRecorder(Recorder):
    """Its asynchronous version."""

    async def send(self, request: Any) -> Any:
        return super().send(request)

    async def stream(self, request: Any) -> Any:
        return super().stream(request)


@pytest.fixture
def client() -> Recorder:
    return Recorder()


@pytest.fixture
def async_client() -> AsyncRecorder:
    return AsyncRecorder()
