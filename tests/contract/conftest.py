"""Hosts to check against the documents: one as it should be, and one that a proxy makes drift."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tensormesh_contract import session
from tensormesh_contract.command_line import contract
from tensormesh_contract.documents.operations import Surface, SurfaceName, read_surfaces
from tensormesh_contract.evaluation.acceptance import LOCAL_HOST, read_accepted
from tensormesh_contract.evaluation.evaluator import Evaluator
from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_contract.exchanges.about import About
from tensormesh_contract.exchanges.exchange import Answer, Exchange, Request
from tensormesh_contract.exchanges.record import Seen
from tensormesh_contract.hosts.credentials import Credentials
from tensormesh_contract.hosts.local import own_options, own_target
from tensormesh_contract.hosts.target import Target
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.requests.plan import Plan
from tensormesh_contract.run import Run
from tensormesh_documents.library import Library
from tensormesh_local import LocalHost

type Surfaces = Mapping[SurfaceName, Surface]
type Recorded = Mapping[str, Sequence[Exchange]]
type Find = Callable[..., list[Finding]]


@pytest.fixture(scope="session")
def surfaces() -> Surfaces:
    return read_surfaces()


@pytest.fixture(scope="session", autouse=True)
def _read_once(surfaces: Surfaces) -> Iterator[None]:
    """Commands in this process share what was read of the project's own documents."""

    def read(library: Library | None, names: Iterable[SurfaceName]) -> Surfaces:
        return surfaces if library is None else read_surfaces(library, names)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "read_surfaces", read)
        yield


@pytest.fixture(scope="session")
def running() -> Iterator[LocalHost]:
    with LocalHost(own_options()) as host:
        yield host


@pytest.fixture
def host(running: LocalHost) -> LocalHost:
    running.reset()
    return running


def main(arguments: Sequence[str]) -> int:
    """Run the command in this process; give its exit status."""
    with pytest.raises(SystemExit) as ended:
        contract.main([*arguments])
    return ended.value.code if isinstance(ended.value.code, int) else 0


@dataclass
class Sent:
    """One answer on its way through the proxy; what a drift changes here is what the caller gets."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes
    query: str = ""
    request: bytes = b""
    keyed: bool = True

    @property
    def asked(self) -> Any:
        """The body of the request, as JSON; an empty object for none."""
        try:
            return json.loads(self.request or b"{}")
        except ValueError:
            return {}

    @property
    def is_json(self) -> bool:
        return self.headers.get("content-type", "") == "application/json"

    @property
    def is_stream(self) -> bool:
        return self.headers.get("content-type", "").startswith("text/event-stream")

    def refuse(self, status: int, message: str) -> None:
        self.status, self.headers["content-type"] = status, "application/json"
        self.json = {"error": {"message": message, "type": "BadRequestError", "param": None, "code": status}}

    def copy(self) -> Sent:
        return replace(self, headers={**self.headers})

    def take(self, other: Sent) -> None:
        """Become another answer."""
        self.status, self.headers, self.body = other.status, {**other.headers}, other.body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @json.setter
    def json(self, value: Any) -> None:
        self.body = json.dumps(value).encode()


type Drift = Callable[[Sent], None]


@contextmanager
def drifting(base_url: str, drift: Drift) -> Iterator[str]:
    """A proxy before a host, which changes its answers."""

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one piece, or each answer waits for an acknowledgement.
        wbufsize = -1

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            answer = client.request(self.command, self.path, content=body, headers=headers)
            kept = {name: value for name, value in answer.headers.items() if name not in ("date", "content-length")}
            path, _, query = self.path.partition("?")
            keyed = "authorization" in self.headers
            sent = Sent(self.command, path, answer.status_code, kept, answer.content, query, body, keyed)
            drift(sent)
            self.send_response(sent.status)
            for name, value in {**sent.headers, "content-length": str(len(sent.body))}.items():
                if name != "transfer-encoding":
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent.body)

        do_GET = do_POST = do_PUT = do_DELETE = _forward  # noqa: N815 - the names that the server looks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is overridden
            """Say nothing."""

    with httpx.Client(base_url=base_url, trust_env=False, verify=False) as client:  # noqa: S501 - of plain HTTP
        server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def drifted(host: LocalHost, surfaces: Surfaces) -> Callable[..., list[Finding]]:
    """Walk through a surface whose answers drift; gives what was found and is not accepted."""

    def walk(surface: str, drift: Drift) -> list[Finding]:
        own = own_target(host, SurfaceName(surface))
        base, path = own.base_url.rsplit("/", 1)
        with drifting(base, drift) as url:
            target = Target(own.surface, f"{url}/{path}", own.credentials)
            run = Run(surfaces, Plan(phases=()), accepted=read_accepted(LOCAL_HOST))
            return [finding for finding in run.over([target]).findings if not finding.accepted]

    return walk


@pytest.fixture(scope="session")
def walked(surfaces: Surfaces) -> Outcome:
    """What a walk through a gentle host shows; the host is not shared, since a walk changes it."""
    with LocalHost(own_options()) as host:
        targets = [own_target(host, name) for name in SurfaceName]
        return Run(surfaces, Plan(phases=()), accepted=read_accepted(LOCAL_HOST)).over(targets)


@pytest.fixture(scope="session")
def recorded(surfaces: Surfaces) -> Recorded:
    """What a walk with all its trials asks and is answered, on a host that drifts in nothing."""
    found: dict[str, list[Exchange]] = {}
    for name in (SurfaceName.SERVERLESS, SurfaceName.CONTROL_PLANE):
        kept: list[Seen | About] = []
        with LocalHost(own_options()) as host:
            Run(surfaces, Plan(phases=()), keep=kept.append).over([own_target(host, name)])
        found[name] = [one for one in kept if isinstance(one, Exchange)]
    return found


@pytest.fixture
def find(surfaces: Surfaces) -> Find:
    """Evaluate made-up exchanges; gives what fails."""

    def evaluate(*exchanges: Exchange) -> list[Finding]:
        evaluator = Evaluator(surfaces)
        for exchange in exchanges:
            evaluator.add(exchange)
        return [finding for finding in evaluator.findings() if finding.fails]

    return evaluate


def exchange(
    path: str,
    body: Any = None,
    *,
    method: str = "GET",
    surface: str = "serverless",
    status: int = 200,
    sent: Any = None,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
    example: bool = False,
) -> Exchange:
    """One made-up exchange; a body that is no bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    given = {"content-type": media_type, **(headers or {})} if content else dict(headers or {})
    request = Request(method, path, body=b"" if sent is None else json.dumps(sent).encode())
    answer = Answer(status, tuple(given.items()), content)
    return Exchange(SurfaceName(surface), request, answer, example=example)


def kinds(findings: list[Finding]) -> list[tuple[Kind, str]]:
    """What findings are, and what they are about."""
    return [(finding.kind, finding.subject) for finding in findings]


def credentials(key: str = "ak-secret", user_id: str = "") -> Credentials:
    return Credentials(key, user_id)
