"""A real engine answers in place of the built-in one: here, a second local host, or a socket with nothing behind it."""

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from tensormesh_local import LocalHost, Options
from tensormesh_local.inference.upstream import Upstream
from tests.plain_http import NO_TLS

CHAT = "/v1/chat/completions"
HELLO = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}]}
STREAM = {**HELLO, "stream": True}
PATIENCE = 10.0


@pytest.fixture(scope="module")
def running_pair() -> Iterator[tuple[LocalHost, LocalHost]]:
    with LocalHost() as engine:
        options = Options(upstream=f"{engine.serverless_base_url}/v1", upstream_key=engine.inference_api_key)
        with LocalHost(options) as relay:
            yield engine, relay


@pytest.fixture
def engine(running_pair: tuple[LocalHost, LocalHost]) -> LocalHost:
    running_pair[0].reset()
    return running_pair[0]


@pytest.fixture
def relay(running_pair: tuple[LocalHost, LocalHost]) -> LocalHost:
    running_pair[1].reset()
    return running_pair[1]


def _client(host: LocalHost, **options: Any) -> httpx.Client:
    headers = {"Authorization": f"Bearer {host.inference_api_key}", "X-User-Id": host.on_demand_user_id}
    return httpx.Client(base_url=host.serverless_base_url, headers=headers, trust_env=False, verify=NO_TLS, **options)


@pytest.fixture
def relayed(engine: LocalHost, relay: LocalHost) -> Iterator[httpx.Client]:
    """A client of the relaying host."""
    assert engine is not relay
    with _client(relay) as client:
        yield client


def test_a_whole_answer_comes_from_the_engine(engine: LocalHost, relayed: httpx.Client) -> None:
    answer = relayed.post(CHAT, json=HELLO)

    assert answer.json()["object"] == "chat.completion"
    assert answer.headers["content-type"] == "application/json"
    assert [(record.path, record.body) for record in engine.requests] == [(f"/serverless{CHAT}", HELLO)]


@pytest.mark.parametrize("path", ["/v1/models", "/health", "/version"])
def test_reads_come_from_the_engine_too(engine: LocalHost, relayed: httpx.Client, path: str) -> None:
    assert relayed.get(path).status_code == 200
    assert [record.path for record in engine.requests] == [f"/serverless{path}"]


def test_the_other_surface_asks_the_same_engine(engine: LocalHost, relay: LocalHost, relayed: httpx.Client) -> None:
    answer = relayed.post(f"{relay.on_demand_base_url}/tokenize", json={"model": HELLO["model"], "prompt": "x"})

    assert answer.json()["count"] == 1
    assert [record.path for record in engine.requests] == ["/serverless/tokenize"]


def test_neither_the_key_nor_the_user_goes_further_than_this_host(
    engine: LocalHost, relay: LocalHost, relayed: httpx.Client
) -> None:
    options = Options(upstream=engine.serverless_base_url)
    with LocalHost(options) as keyless, _client(keyless) as client:
        assert client.post(CHAT, json=HELLO).json() == {"error": "Unauthorized"}
    relayed.get("/health")

    assert "authorization" not in engine.requests[0].headers
    assert "x-user-id" not in engine.requests[1].headers


def test_the_key_is_asked_for_before_the_engine_is(engine: LocalHost, relay: LocalHost) -> None:
    answer = httpx.post(f"{relay.serverless_base_url}{CHAT}", json=HELLO, trust_env=False, verify=NO_TLS)

    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})
    assert list(engine.requests) == []


def test_the_request_id_goes_through(engine: LocalHost, relayed: httpx.Client) -> None:
    answer = relayed.post(CHAT, json=HELLO, headers={"X-Request-Id": "mine"})

    assert (answer.headers["x-request-id"], answer.json()["id"]) == ("mine", "chatcmpl-mine")
    assert answer.headers.get_list("x-request-id") == ["mine"]


def test_a_stream_comes_as_the_engine_sends_it(engine: LocalHost, relayed: httpx.Client) -> None:
    with _client(engine) as client:
        direct = client.post(CHAT, json={**STREAM, "request_id": "same"})
    through = relayed.post(CHAT, json={**STREAM, "request_id": "same"})
    created = re.compile(r'"created":\d+')

    assert through.headers["content-type"] == direct.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert created.sub("", through.text) == created.sub("", direct.text)


def test_events_do_not_wait_for_the_next_one(engine: LocalHost, relayed: httpx.Client) -> None:
    engine.faults.add(stall_after_events=2)
    with relayed.stream("POST", CHAT, json=STREAM) as answer:
        text, pieces = "", answer.iter_text()
        while text.count("\n\n") < 2:
            text += next(pieces)

    assert text.count("\n\n") == 2


def test_an_error_of_the_engine_goes_through(relayed: httpx.Client) -> None:
    answer = relayed.post(CHAT, json={**HELLO, "model": "nope"})

    assert (answer.status_code, answer.json()["error"]["param"]) == (404, "model")


def test_an_overloaded_engine_says_when_to_try_again(engine: LocalHost, relayed: httpx.Client) -> None:
    engine.faults.add(status=429, headers={"Retry-After": "7"})
    answer = relayed.post(CHAT, json=HELLO)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_an_engine_that_breaks_off_breaks_the_answer_off(engine: LocalHost, relayed: httpx.Client) -> None:
    engine.faults.add(cut_after_events=3)
    with relayed.stream("POST", CHAT, json=STREAM) as answer, pytest.raises(httpx.RemoteProtocolError):
        answer.read()

    assert relayed.post(CHAT, json=HELLO).status_code == 200


def test_an_engine_that_resets_is_a_bad_gateway(engine: LocalHost, relayed: httpx.Client) -> None:
    engine.faults.add(reset=True)
    answer = relayed.post(CHAT, json=HELLO)

    assert answer.status_code == 502
    assert answer.json()["error"]["message"].startswith(
        f"The upstream engine at {engine.serverless_base_url} did not answer: ReadError"
    )


def test_faults_befall_relayed_answers_too(engine: LocalHost, relay: LocalHost, relayed: httpx.Client) -> None:
    relay.faults.add(cut_after_events=1)
    relay.faults.add(omit=["usage"])
    with relayed.stream("POST", CHAT, json=STREAM) as answer, pytest.raises(httpx.RemoteProtocolError):
        answer.read()

    assert "usage" not in relayed.post(CHAT, json=HELLO).json()


def test_a_hundred_open_streams_leave_room_for_more(engine: LocalHost, relay: LocalHost) -> None:
    engine.faults.add(stall_after_events=1, times=None, match={"path": CHAT})

    async def ask() -> int:
        headers = {"Authorization": f"Bearer {relay.inference_api_key}"}
        limits, timeout = httpx.Limits(), httpx.Timeout(PATIENCE)
        async with httpx.AsyncClient(
            base_url=relay.serverless_base_url, headers=headers, limits=limits, timeout=timeout, trust_env=False
        ) as client:
            stalled = [client.build_request("POST", CHAT, json=STREAM) for _ in range(110)]
            answers = await asyncio.gather(*(client.send(request, stream=True) for request in stalled))
            try:
                return (await client.get("/health")).status_code
            finally:
                await asyncio.gather(*(answer.aclose() for answer in answers))

    assert asyncio.run(ask()) == 200


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://[::1", "http://no.such.host.invalid"])
def test_an_engine_that_is_not_there_is_a_bad_gateway(url: str) -> None:
    with LocalHost(Options(upstream=url)) as host, _client(host) as client:
        answer = client.post(CHAT, json=HELLO)

    assert answer.status_code == 502
    assert answer.json()["error"]["message"].startswith(f"The upstream engine at {url} did not answer: ")


class Silence:
    """An engine of one connection: it says what it was told to say, and notes how the other side ends."""

    def __init__(self, said: bytes) -> None:
        self._said = said
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.asked, self.hung_up = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _run(self) -> None:
        with self._listener, self._listener.accept()[0] as connection:
            connection.settimeout(PATIENCE)
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(65_536)
            connection.sendall(self._said)
            self.asked.set()
            while connection.recv(65_536):
                pass
            self.hung_up.set()

    def close(self) -> None:
        self._thread.join(PATIENCE)


@pytest.fixture
def silence() -> Iterator[Callable[[bytes], Silence]]:
    made: list[Silence] = []

    def make(said: bytes) -> Silence:
        made.append(Silence(said))
        return made[-1]

    yield make
    for one in made:
        one.close()


STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("said", [b"", STREAM_HEAD, STREAM_HEAD + b"9\r\ndata: 1\n\n\r\n"])
def test_a_caller_who_hangs_up_ends_the_work_of_the_engine(silence: Callable[[bytes], Silence], said: bytes) -> None:
    engine = silence(said)
    with LocalHost(Options(upstream=engine.url)) as host:
        with socket.create_connection(("127.0.0.1", host.port)) as caller:
            caller.sendall(
                f"POST /serverless{CHAT} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {host.inference_api_key}\r\nContent-Length: 2\r\n\r\n{{}}".encode()
            )
            assert engine.asked.wait(PATIENCE)

        assert engine.hung_up.wait(PATIENCE)


def test_a_caller_who_hangs_up_among_many_pieces_is_noticed_at_the_first(silence: Callable[[bytes], Silence]) -> None:
    engine = silence(STREAM_HEAD + b"9\r\ndata: 1\n\n\r\n" * 300)
    scope = {"type": "http", "method": "POST", "path": CHAT, "query_string": b"", "headers": []}
    bodies: list[bytes] = []

    async def relayed() -> None:
        asked, left = iter([{"type": "http.request", "body": b"{}"}]), asyncio.Event()

        async def receive() -> Any:
            if (message := next(asked, None)) is not None:
                return message
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message.get("body"):
                bodies.append(message["body"])
                left.set()

        upstream = Upstream(engine.url, None)
        request = Request(scope, receive)
        answer = await upstream.relay(request, CHAT)
        assert engine.asked.wait(PATIENCE)
        await answer(scope, receive, send)
        await upstream.close()

    asyncio.run(relayed())

    assert 0 < len(bodies) < 10
    assert engine.hung_up.wait(PATIENCE)


def test_stopping_the_host_ends_the_work_of_the_engine(silence: Callable[[bytes], Silence]) -> None:
    engine = silence(STREAM_HEAD)
    host = LocalHost(Options(upstream=engine.url))
    host.start()
    with _client(host) as client, client.stream("POST", CHAT, json=STREAM):
        host.stop()

    assert engine.hung_up.wait(PATIENCE)


def test_the_empty_health_of_an_engine_goes_through(silence: Callable[[bytes], Silence]) -> None:
    engine = silence(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    with LocalHost(Options(upstream=engine.url)) as host, _client(host) as client:
        answer = client.get("/health")

    assert (answer.status_code, answer.content) == (200, b"")
