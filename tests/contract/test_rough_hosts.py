"""Hosts that are rough in how they send: what can be read is, and what is wrong is told as the one thing that it is."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tensormesh_contract.evaluation.findings import Kind
from tensormesh_local import LocalHost
from tests.contract.conftest import Sent, Surfaces, drifting, main
from tests.contract.drifts import CHAT

type Answering = Callable[[BaseHTTPRequestHandler, str], None]
type Asked = Callable[..., tuple[int, str, Any]]

MODELS = {"object": "list", "data": [{"id": "m", "object": "model"}]}
EVENT = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []}


@pytest.fixture
def serve() -> Iterator[Callable[[Answering], str]]:
    """Start a host that answers `GET /v1/models` and gives the rest to a function."""
    servers: list[ThreadingHTTPServer] = []

    def start(answering: Answering) -> str:
        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                if self.path.endswith("/v1/models"):
                    plainly(self, MODELS)
                else:
                    answering(self, body.decode())

            do_GET = do_POST = _answer  # noqa: N815 - the names that the server looks for

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is overridden
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def plainly(handler: BaseHTTPRequestHandler, value: Any, status: int = 200, **headers: str) -> None:
    """Send JSON, or bytes as they are."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    handler.send_response(status)
    given = {"content-type": "application/json", "content-length": str(len(content))}
    for name, text in {**given, **{name.replace("_", "-"): text for name, text in headers.items()}}.items():
        handler.send_header(name, text)
    handler.end_headers()
    handler.wfile.write(content)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any) -> Asked:
    """Ask a host gently; gives the exit status, what was said, and the report as data."""
    monkeypatch.setenv("KEY", "sk-of-a-rough-host-5b1f")

    def ask(url: str, *options: str) -> tuple[int, str, Any]:
        data = tmp_path / "report.json"
        arguments = ["--host", url, "--surface", "serverless", "--gentle", "--rate", "1000", "--quiet"]
        status = main([*arguments, "--json", str(data), *options])
        said = capsys.readouterr()
        text = " ".join((said.out + said.err).split())
        assert "Traceback" not in text
        assert "sk-of-a-rough-host" not in text
        return status, text, json.loads(data.read_text(encoding="utf-8")) if data.exists() else None

    return ask


def failing(report: Any) -> list[tuple[str, str, str]]:
    return [
        (one["kind"], one["operation"], one["detail"])
        for one in report["findings"]
        if one["level"] in ("broken", "unknown") and not one["accepted"]
    ]


def test_what_is_packed_or_comes_in_pieces_is_read(asked: Asked, host: LocalHost, monkeypatch: Any) -> None:
    def drift(sent: Sent) -> None:
        sent.headers["content-encoding"], sent.body = "gzip", gzip.compress(sent.body)
        sent.headers["connection"] = "close"

    monkeypatch.setenv("KEY", host.inference_api_key)
    with drifting(host.base_url, drift) as url:
        status, said, report = asked(f"{url}/serverless")

    assert (status, failing(report)) == (0, []), said


def test_what_says_that_it_is_packed_and_is_not_is_told(serve: Any, asked: Asked) -> None:
    status, _, report = asked(serve(lambda handler, _: plainly(handler, {"version": "1"}, content_encoding="gzip")))

    assert status == 1
    assert {kind for kind, _, _ in failing(report)} == {Kind.BODY}
    assert all("DecodingError" in detail for _, _, detail in failing(report))


def test_a_stream_that_hangs_is_told_as_one_that_hangs(serve: Any, asked: Asked, monkeypatch: Any) -> None:
    monkeypatch.setattr("tensormesh_contract.requests.sender.TIMEOUT_SECONDS", 0.3)
    over = threading.Event()

    def answering(handler: BaseHTTPRequestHandler, body: str) -> None:
        if '"stream": true' not in body:
            plainly(handler, {"error": {"message": "not here"}}, 404)
            return
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.end_headers()
        handler.wfile.write(f"data: {json.dumps(EVENT)}\n\n".encode())
        handler.wfile.flush()
        over.wait(10)

    try:
        status, _, report = asked(serve(answering), "--at-least", "0")
    finally:
        over.set()

    assert status == 1
    hanging = [one for one in failing(report) if "hangs after" in one[2]]
    assert [(kind, operation) for kind, operation, _ in hanging][:1] == [(Kind.BODY, f"POST {CHAT}")]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("", 403, "It says: A User-Agent of ours is needed."),
        ("", 302, "302 leads to https://login.example/in, and redirects are not followed"),
        ("/api", 404, "Nothing succeeded"),
    ],
)
def test_a_host_that_lets_nobody_in_is_said_so(serve: Any, asked: Asked, path: str, status: int, words: str) -> None:
    def answering(handler: BaseHTTPRequestHandler, body: str) -> None:
        text = {"error": {"message": "A User-Agent of ours is needed."}}
        plainly(handler, text, status, location="https://login.example/in?state=secret")

    url = serve(answering)
    ended, said, _ = asked(f"{url}{path}/not-the-models", "--at-least", "10")

    assert ended == 2
    assert words in said
    assert "state=secret" not in said


def test_a_host_that_is_slow_is_waited_for(serve: Any, asked: Asked) -> None:
    began = time.monotonic()

    def answering(handler: BaseHTTPRequestHandler, body: str) -> None:
        time.sleep(0.02)
        plainly(handler, {"version": "1"})

    status, _, report = asked(serve(answering))

    assert status == 1
    assert time.monotonic() - began >= 0.02
    assert not any(kind == Kind.NO_ANSWER for kind, _, _ in failing(report))


def test_a_parameter_that_is_refused_for_its_value_is_told(
    host: LocalHost, surfaces: Surfaces, drifted: Callable[..., Any]
) -> None:
    def drift(sent: Sent) -> None:
        if sent.path.endswith(CHAT) and isinstance(sent.asked, dict) and "temperature" in sent.asked:
            sent.refuse(400, "temperature is not taken here")

    found = [one for one in drifted("serverless", drift) if one.fails]

    assert [(one.kind, one.name) for one in found] == [(Kind.PARAMETER_REFUSED, "temperature")]
