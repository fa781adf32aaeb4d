"""Hosts that break off, turn away, hide, or are hard to trust: the run goes on, and the report says what it saw."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.evaluation.findings import Kind, Level
from tensormesh_contract.exchanges.exchange import Exchange
from tensormesh_contract.hosts.credentials import Credentials
from tensormesh_contract.hosts.target import Target, TargetError
from tensormesh_contract.requests.pace import MOST_RESTS, Pace
from tensormesh_contract.requests.plan import Plan
from tensormesh_contract.requests.sender import Sender
from tensormesh_contract.requests.walk import MOST_SILENCES, Walk
from tensormesh_contract.run import Run
from tensormesh_local import LocalHost
from tests.contract.conftest import Find, Sent, Surfaces, drifting, main
from tests.contract.test_drifts import CHAT, Drifted, failing

type Handler = Callable[[httpx.Request], httpx.Response]
type Asked = Callable[[Handler], tuple[Walk, list[Exchange]]]

MODELS = {"object": "list", "data": [{"id": "m", "object": "model"}]}


class Broken(httpx.SyncByteStream):
    """A body that begins, and does not end as it should."""

    def __init__(self, *pieces: bytes, forever: bool = False) -> None:
        self._pieces = pieces
        self._forever = forever

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        while self._forever:
            yield self._pieces[-1]
        raise httpx.RemoteProtocolError("peer closed connection")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds slept; nobody waits for them."""
    slept: list[float] = []
    now = [0.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(
        "tensormesh_contract.requests.pace.time", SimpleNamespace(sleep=sleep, monotonic=lambda: now[0])
    )
    return slept


@pytest.fixture
def asked(surfaces: Surfaces, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Walk gently through a serverless host that is a function."""

    def walk(handler: Handler) -> tuple[Walk, list[Exchange]]:
        target = Target(SurfaceName.SERVERLESS, "http://host", Credentials("ak-secret"))
        with Sender(target, Pace(None)) as sender:
            monkeypatch.setattr(sender, "_client", httpx.Client(transport=httpx.MockTransport(handler)))
            way = Walk(surfaces[SurfaceName.SERVERLESS], sender, gentle=True)
            return way, [seen for seen in way.seen() if isinstance(seen, Exchange)]

    return walk


def answers(body: httpx.SyncByteStream, kind: str = "application/json") -> Handler:
    """Give one answer to everything; it can be read only once."""
    return lambda _: httpx.Response(200, headers={"content-type": kind}, stream=body)


def test_an_answer_that_breaks_off_is_kept_as_far_as_it_came(asked: Asked, find: Find) -> None:
    _, seen = asked(answers(Broken(b'{"object": "li')))
    (found,) = find(seen[0])

    assert seen[0].answer is not None
    assert (seen[0].answer.status, seen[0].answer.body) == (200, b'{"object": "li')
    assert (found.kind, found.operation, found.subject) == (Kind.BODY, "GET /v1/models", "200")
    assert found.detail == "breaks off after 14 bytes: RemoteProtocolError: peer closed connection"


def test_of_a_stream_that_breaks_off_the_events_are_looked_at(asked: Asked, find: Find) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=MODELS)
        body = Broken(b'data: {"id": "1", "created": 1, "model": "m"}\n\ndata: {"id')
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=body)

    _, seen = asked(handler)
    streamed = next(one for one in seen if one.request.path == CHAT and "stream" in str(one.request.json))
    found = find(streamed)

    assert [(one.kind, one.subject) for one in found] == [
        (Kind.MISSING_FIELD, "200 event choices"),
        (Kind.BODY, "200"),
    ]


def test_an_answer_without_end_is_left_at_a_limit(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensormesh_contract.requests.sender.MOST_BYTES", 10_000)
    _, seen = asked(answers(Broken(b"x" * 1_000, forever=True)))

    assert seen[0].answer is not None
    assert len(seen[0].answer.body) == 11_000
    assert "it was not over after" in seen[0].problem


def test_a_host_that_wants_a_rest_gets_it_and_is_asked_again(asked: Asked, clock: list[float]) -> None:
    waits = iter(["7", "2"])

    def handler(request: httpx.Request) -> httpx.Response:
        wait = next(waits, None) if request.url.path == "/version" else None
        if wait is not None:
            return httpx.Response(429, headers={"retry-after": wait}, json={"error": {"message": "wait"}})
        return httpx.Response(200, json={})

    _, seen = asked(handler)

    assert [one.answer and one.answer.status for one in seen if one.request.path == "/version"] == [429, 429, 200]
    assert clock == [7.0, 2.0]


@pytest.mark.parametrize(("wait", "times"), [("1", MOST_RESTS + 1), ("3600", 1), ("soon", 1), (None, 1)])
def test_a_host_that_never_has_time_is_left_in_peace(
    asked: Asked, clock: list[float], wait: str | None, times: int
) -> None:
    headers = {} if wait is None else {"retry-after": wait}
    _, seen = asked(lambda _: httpx.Response(429, headers=headers))

    assert [one.request.path for one in seen].count("/version") == times


HANGS = "it hangs: nothing came for 60 seconds (ReadTimeout: timed out)"


def test_a_host_that_keeps_silent_is_not_asked_for_ever(asked: Asked) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/models":
            return httpx.Response(200, json=MODELS)
        raise httpx.ReadTimeout("timed out")

    _, seen = asked(handler)

    assert [one.problem for one in seen] == ["", *[HANGS] * MOST_SILENCES]


def test_what_is_created_with_201_leads_on(drifted: Drifted) -> None:
    """To what was made, and to its deletion; and the status is told."""
    deleted: list[str] = []

    def drift(sent: Sent) -> None:
        if sent.path.endswith("/v1/users/api-keys"):
            if sent.method == "POST" and sent.status == 200:
                sent.status = 201
            if sent.method == "DELETE":
                deleted.append(sent.path)

    found = failing(drifted("control-plane", drift))

    assert deleted
    assert {(one.kind, one.name) for one in found} == {(Kind.STATUS, "201")}
    assert "$ref: '#/components/schemas/CreateUserApiKeyResponse'" in found[0].snippet


def test_what_was_deleted_with_204_must_be_gone_as_well(drifted: Drifted) -> None:
    path = "/v1/users/api-keys"
    kept = [b""]

    def drift(sent: Sent) -> None:
        if sent.path.endswith(path) and sent.method == "GET" and sent.status == 200:
            kept[0] = sent.body = max(kept[0], sent.body, key=len)
        if sent.method == "DELETE" and sent.status == 200:
            sent.status, sent.body = 204, b""

    found = failing(drifted("control-plane", drift))

    assert ("GET " + path, "deleted, and still there") in [(one.operation, one.name) for one in found]
    # No body belongs to 204, and nobody misses it.
    assert {one.kind for one in found} == {Kind.BEHAVIOUR, Kind.STATUS}


@pytest.mark.parametrize(
    "own",
    [
        '{"paths": {"/version": {"$ref": "#/a"}}, "a": {"$ref": "#/a"}}',
        '{"paths": {"/version": {"$ref": "#/nope"}}}',
        '{"paths": {"/version": {"$ref": "inference.yaml#/components"}}}',
    ],
)
def test_a_host_whose_own_document_is_broken_is_evaluated_by_its_answers(
    host: LocalHost, surfaces: Surfaces, own: str
) -> None:
    def drift(sent: Sent) -> None:
        if sent.path.endswith("/openapi.json"):
            sent.status, sent.body = 200, own.encode()

    with drifting(host.base_url, drift) as url:
        target = Target(SurfaceName.SERVERLESS, f"{url}/serverless", Credentials(host.inference_api_key))
        outcome = Run(surfaces, Plan(phases=())).over([target])

    (found,) = (one for one in outcome.findings if one.level is Level.APART)
    assert (found.kind, found.operation) == (Kind.THEIR_DOCUMENT, "GET /openapi.json")
    assert not outcome.failed


def stopping_after(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who presses Ctrl-C after some requests."""
    calls = Sender.send
    left = [count]

    def send(self: Sender, *arguments: Any, **options: Any) -> Exchange:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return calls(self, *arguments, **options)

    monkeypatch.setattr(Sender, "send", send)


def test_ctrl_c_ends_a_run_with_a_report_of_what_was_seen(
    host: LocalHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEY", host.inference_api_key)
    stopping_after(3, monkeypatch)
    data, page, seen = tmp_path / "report.json", tmp_path / "report.html", tmp_path / "seen.jsonl"
    files = ["--json", str(data), "--html", str(page), "--save", str(seen)]

    assert main(["--host", host.serverless_base_url, "--gentle", "--rate", "1000", "--quiet", *files]) == 130

    assert "Not done (stopped): what came after Ctrl-C was not asked" in capsys.readouterr().out
    report = json.loads(data.read_text(encoding="utf-8"))
    assert (len(report["operations"]), report["failed"]) == (3, True)
    assert "what came after Ctrl-C was not asked" in page.read_text(encoding="utf-8")
    # What the run is about, what was seen, and that it was stopped.
    assert len(seen.read_text(encoding="utf-8").splitlines()) == 1 + 3 + 1


def test_ctrl_c_in_a_fuzz_run_is_no_agreement(
    host: LocalHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Schemathesis takes it for itself, and ends as if it were through."""
    monkeypatch.setenv("KEY", host.inference_api_key)

    def pressed(*arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("tensormesh_contract.requests.fuzz_run.fixed_up", pressed)

    assert main(["--host", host.serverless_base_url, "--quiet", "--phases", "fuzzing", "--cases", "1"]) == 130
    assert "Host and documents agree" not in capsys.readouterr().out


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1, in one file, signed by nobody but itself."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("there is no openssl to make a certificate with")
    file = tmp_path_factory.mktemp("certificate") / "both.pem"
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=127.0.0.1"]
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(file), "-out", f"{file}.crt"]
    subprocess.run([program, "req", *options, *more], check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


@pytest.fixture
def secure_url(certificate: Path) -> Iterator[str]:
    """A host behind that certificate, which knows one version."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"version": "1"}')

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is overridden
            """Say nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def version(url: str, surfaces: Surfaces, certificates: str | None = None) -> Exchange:
    with Sender(Target(SurfaceName.SERVERLESS, url, Credentials(), certificates=certificates), Pace(None)) as sender:
        return sender.call(surfaces[SurfaceName.SERVERLESS].by_id("get_version"), {}, None, "test")


def test_a_certificate_that_was_named_is_trusted_on_this_machine_too(
    surfaces: Surfaces, secure_url: str, certificate: Path
) -> None:
    problem = version(secure_url, surfaces).problem
    assert "CERTIFICATE_VERIFY_FAILED" in problem
    assert "let SSL_CERT_FILE name the file to trust" in problem
    assert version(secure_url, surfaces, str(certificate)).problem == ""


def test_a_file_of_certificates_that_is_none_is_told(surfaces: Surfaces) -> None:
    with pytest.raises(TargetError, match=r"/nowhere\.pem is no file of certificates: "):
        version("https://127.0.0.1:9", surfaces, "/nowhere.pem")
