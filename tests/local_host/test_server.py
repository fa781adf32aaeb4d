"""The host as an object: it starts, has addresses, and stops without leaving anything behind."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tensormesh_local import LocalHost, Options, StartError
from tests.cases import cases
from tests.plain_http import NO_TLS

HELLO = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
DESCRIPTORS = Path("/proc/self/fd")
PATIENCE = 10.0
SOON = PATIENCE / 2
"""On a busy machine. What hangs is given up after all of it."""


@pytest.fixture
def private() -> Iterator[LocalHost]:
    """A host that a test may stop itself."""
    host = LocalHost()
    host.start()
    yield host
    host.stop()


def _client(host: LocalHost) -> httpx.Client:
    headers = {"Authorization": f"Bearer {host.inference_api_key}"}
    return httpx.Client(
        base_url=host.serverless_base_url, headers=headers, trust_env=False, verify=NO_TLS, timeout=PATIENCE
    )


def _soon(condition: Callable[[], bool]) -> bool:
    """Ask again and again until it holds; False when it never does."""
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        threading.Event().wait(0.005)
    return condition()


def test_it_answers_between_start_and_stop(private: LocalHost) -> None:
    url = f"{private.serverless_base_url}/health"
    running = httpx.get(url, trust_env=False, verify=NO_TLS).json()
    private.stop()

    assert running == {"status": "ok"}
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False, verify=NO_TLS)


def test_it_has_no_address_while_it_does_not_run(private: LocalHost) -> None:
    private.stop()

    with pytest.raises(StartError, match="This host does not run"):
        _ = private.base_url


def test_it_starts_again_with_the_same_credentials(private: LocalHost) -> None:
    key = private.inference_api_key
    private.stop()
    private.start()

    with _client(private) as client:
        assert client.post("/tokenize", json={"model": "openai/gpt-oss-20b", "prompt": "x"}).status_code == 200
    assert private.inference_api_key == key


def test_it_does_not_start_twice(private: LocalHost) -> None:
    with pytest.raises(StartError, match="This host runs already"):
        private.start()

    assert httpx.get(f"{private.serverless_base_url}/health", trust_env=False, verify=NO_TLS).status_code == 200


def test_it_may_be_stopped_twice_or_before_it_starts(private: LocalHost) -> None:
    private.stop()
    private.stop()
    LocalHost().stop()

    assert not [thread for thread in threading.enumerate() if thread.name == "tensormesh-local" and not thread.daemon]


def test_an_error_inside_the_block_stops_it() -> None:
    host = LocalHost()
    with pytest.raises(KeyError), host:
        raise KeyError

    with pytest.raises(StartError):
        _ = host.port


def test_a_port_that_is_taken_is_told_in_one_sentence(private: LocalHost) -> None:
    with pytest.raises(StartError) as caught:
        LocalHost(Options(port=private.port)).start()

    assert str(caught.value) == (
        f"Cannot listen on 127.0.0.1, port {private.port}: Address already in use. "
        "Choose another port; 0 takes any free one."
    )


def test_an_address_that_is_not_ours_is_told_too() -> None:
    with pytest.raises(StartError, match=r"^Cannot listen on 203\.0\.113\.1, port 0: "):
        LocalHost(Options(host="203.0.113.1")).start()


def test_a_port_can_be_chosen_and_is_free_again_after_the_stop(private: LocalHost) -> None:
    port = private.port
    private.stop()

    with LocalHost(Options(port=port)) as again:
        assert again.port == port
    with socket.create_server(("127.0.0.1", port)):
        pass


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_an_address_of_version_six_is_written_in_brackets() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    with LocalHost(Options(host="::1")) as host:
        assert host.base_url == f"http://[::1]:{host.port}"
        assert httpx.get(f"{host.serverless_base_url}/health", trust_env=False, verify=NO_TLS).status_code == 200


def test_a_host_on_every_address_is_reached_on_this_machine() -> None:
    with LocalHost(Options(host="0.0.0.0")) as host:  # noqa: S104 - what is tested
        assert host.base_url == f"http://127.0.0.1:{host.port}"


def test_many_run_in_one_process_and_share_nothing() -> None:
    hosts = [LocalHost() for _ in range(8)]
    try:
        for host in hosts:
            host.start()
        hosts[0].faults.add(status=500)
        statuses = [
            httpx.get(f"{host.serverless_base_url}/health", trust_env=False, verify=NO_TLS).status_code
            for host in hosts
        ]
    finally:
        threads = [threading.Thread(target=host.stop) for host in hosts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)

    assert statuses == [500] + [200] * 7
    assert [len(host.requests) for host in hosts] == [1] * 8


@cases(
    ("options", "fault"),
    [
        (Options(pace_seconds=60), {}),
        (Options(), {"stall_after_events": 3}),
        (Options(), {"stall_after_events": 3, "stall_seconds": 3_600}),
        (Options(), {"big_event_after": 0, "big_event_bytes": 50_000_000}),
    ],
    ids=["paced", "stalled", "stalled for an hour", "more than the caller reads"],
)
def test_it_stops_in_time_with_an_open_stream(options: Options, fault: dict[str, object]) -> None:
    host = LocalHost(options)
    host.start()
    if fault:
        host.faults.add(**fault)  # type: ignore[arg-type]
    with _client(host) as client, client.stream("POST", "/v1/chat/completions", json=HELLO) as answer:
        begun = time.monotonic()
        host.stop()
        took = time.monotonic() - begun
        with pytest.raises(httpx.HTTPError):
            answer.read()

    assert took < SOON


def test_it_stops_in_time_with_a_request_that_waits_for_its_headers(private: LocalHost) -> None:
    private.faults.add(delay_seconds=3_600)
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            httpx.get(f"{private.serverless_base_url}/health", trust_env=False, verify=NO_TLS, timeout=PATIENCE)
        except httpx.HTTPError as exc:
            failed.append(exc)

    caller = threading.Thread(target=ask)
    caller.start()
    assert _soon(lambda: len(private.requests) == 1)
    begun = time.monotonic()
    private.stop()
    took = time.monotonic() - begun
    caller.join(PATIENCE)

    assert took < SOON
    assert [type(exc) for exc in failed] == [httpx.RemoteProtocolError]


def test_it_stops_with_idle_and_half_sent_requests(private: LocalHost) -> None:
    with socket.create_connection(("127.0.0.1", private.port)) as half, _client(private) as idle:
        half.sendall(b"POST /serverless/tokenize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{")
        idle.get("/health")
        begun = time.monotonic()
        private.stop()

        assert time.monotonic() - begun < SOON


@pytest.mark.skipif(not DESCRIPTORS.is_dir(), reason="descriptors cannot be counted here")
def test_it_leaves_neither_threads_nor_sockets_behind() -> None:
    def left() -> tuple[int, int]:
        return threading.active_count(), len(list(DESCRIPTORS.iterdir()))

    before = left()
    for _ in range(3):
        with LocalHost(Options(pace_seconds=60)) as host, _client(host) as client:
            client.get("/health")
            with client.stream("POST", "/v1/chat/completions", json=HELLO) as answer:
                next(answer.iter_bytes())

    assert _soon(lambda: left() == before), (before, left())


@pytest.mark.skipif(not DESCRIPTORS.is_dir(), reason="descriptors cannot be counted here")
def test_abandoned_streams_are_let_go(private: LocalHost) -> None:
    before = len(list(DESCRIPTORS.iterdir()))
    private.faults.add(stall_after_events=2, times=None)
    for _ in range(20):
        with _client(private) as client, client.stream("POST", "/v1/chat/completions", json=HELLO) as answer:
            next(answer.iter_bytes())

    assert _soon(lambda: len(list(DESCRIPTORS.iterdir())) == before)


def test_it_says_nothing_on_the_terminal(private: LocalHost, capfd: pytest.CaptureFixture[str]) -> None:
    private.faults.add(cut_after_bytes=5)
    private.faults.add(reset=True)
    private.faults.add(status=500)
    with _client(private) as client:
        for _ in range(4):
            with suppress(httpx.HTTPError):
                client.post("/v1/chat/completions", json=HELLO)
    private.stop()

    assert capfd.readouterr() == ("", "")


def test_a_reset_forgets_what_was_asked_scripted_and_cached(private: LocalHost) -> None:
    body = {"model": HELLO["model"], "messages": [{"role": "user", "content": "one two three four five six " * 20}]}
    with _client(private) as client:
        for _ in range(2):
            client.post("/v1/chat/completions", json=body)
        private.faults.add(status=500)
        private.reset()
        usage = client.post("/v1/chat/completions", json=body).json()["usage"]

    assert usage["prompt_tokens_details"]["cached_tokens"] == 0
    assert len(private.requests) == 1


def test_it_does_not_show_its_secrets(private: LocalHost) -> None:
    shown = f"{private!r} {private.options!r} {vars(private)!r}"

    assert private.inference_api_key not in shown
    assert private.control_plane_token not in shown


def test_it_does_not_show_the_secrets_that_it_was_given() -> None:
    host = LocalHost(Options(inference_api_key="s3cret-1", control_plane_token="s3cret-2", upstream_key="s3cret-3"))

    assert "s3cret" not in f"{host!r} {host.options!r} {vars(host)!r}"


def test_an_engine_is_not_named_with_a_password() -> None:
    with pytest.raises(ValueError, match="upstream must hold no user name and no password") as caught:
        Options(upstream="http://user:s3cret@127.0.0.1:1")

    assert "s3cret" not in str(caught.value)
