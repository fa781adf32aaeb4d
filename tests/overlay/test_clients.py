"""What a client is made of, what its variations share, and how long it lasts."""

from __future__ import annotations

import asyncio
import copy
import gc
import os
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh import AsyncTensormesh, RetryPolicy, Tensormesh, Timeout
from tensormesh.errors import APIConnectionError, APITimeoutError, ConfigurationError
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, fails, piece, serves_the_next_call
from tests.overlay.conftest import KEY, TOKEN, USER_ID, Runner, surfaces_of
from tests.overlay.scripted_host import PATIENCE_SECONDS, STALL, ScriptedHost, answer, events, head, streamed

GOOD = answer(200, COMPLETION)


def test_every_argument_reaches_the_config(runner: Runner, certificate: Any) -> None:
    policy = RetryPolicy(posts=True)
    client = runner.client(
        control_plane_token=TOKEN,
        control_plane_base_url="https://cp.example.test/",
        inference_api_key=KEY,
        serverless_base_url="https://s.example.test/v1",
        on_demand_base_url="https://od.example.test/v1/",
        on_demand_user_id=USER_ID.upper(),
        timeout=Timeout(connect=1, total=9),
        max_retries=2,
        ca_bundle=certificate,
        default_headers={"X-Team": "search"},
        think="keep",
        retry=policy,
        allow_undescribed_tools=True,
        allow_json_schema=True,
    )
    config = client.config

    assert (config.control_plane_token, config.inference_api_key) == (TOKEN, KEY)
    assert config.control_plane_base_url == "https://cp.example.test"
    assert config.serverless_base_url == "https://s.example.test"
    assert (config.on_demand_base_url, config.on_demand_user_id) == ("https://od.example.test", USER_ID)
    assert (config.timeout, config.max_retries, config.ca_bundle) == (Timeout(connect=1, total=9), 2, str(certificate))
    assert dict(config.default_headers) == {"X-Team": "search"}
    assert (config.think, config.retry) == ("keep", policy)
    assert (config.allow_undescribed_tools, config.allow_json_schema) == (True, True)


def test_a_client_needs_nothing_to_be_made(runner: Runner) -> None:
    client = runner.client()

    assert (client.config.inference_api_key, client.config.timeout, client.config.max_retries) == (None, 30.0, 0)


def test_env_stands_for_the_environment(runner: Runner, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORMESH_INFERENCE_API_KEY", "of-the-process")
    monkeypatch.setenv("TENSORMESH_SERVERLESS_BASE_URL", host.url)
    host.plays(GOOD, GOOD)

    runner.run(ask(runner.client(env=None)))
    runner.run(
        ask(runner.client(env={"TENSORMESH_INFERENCE_API_KEY": KEY, "TENSORMESH_SERVERLESS_BASE_URL": host.url}))
    )

    assert [asked.headers["authorization"] for asked in host.asked] == ["Bearer of-the-process", f"Bearer {KEY}"]


def test_default_headers_go_with_every_call(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    client = any_client.with_options(default_headers={"X-Team": "search", "User-Agent": "mine/1"})
    host.plays(GOOD, answer(200, {}), answer(200, {"user": {}}))

    runner.run(ask(client))
    runner.run(client.inference.on_demand.health.get(extra_headers={"x-team": "other"}))
    runner.run(client.control_plane.users.get_auth_profile())

    assert [asked.headers["x-team"] for asked in host.asked] == ["search", "other", "search"]
    assert {asked.headers["user-agent"] for asked in host.asked} == {"mine/1"}


def test_a_variation_shares_the_connections(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    other = any_client.with_options(inference_api_key="another", timeout=5, think="keep")
    host.plays(GOOD, GOOD, GOOD)

    for client in (any_client, other, any_client):
        runner.run(ask(client))

    assert [asked.headers["authorization"] for asked in host.asked] == [
        f"Bearer {KEY}",
        "Bearer another",
        f"Bearer {KEY}",
    ]
    assert host.connections == 1
    assert (any_client.config.timeout, other.config.timeout) == (30.0, 5.0)


def test_a_variation_is_checked_as_a_client_is(runner: Runner, any_client: Any) -> None:
    with pytest.raises(ConfigurationError, match="timeout cannot be used"):
        any_client.with_options(timeout=0)
    with pytest.raises(TypeError, match=r"takes no argument 'tiemout'; did you mean timeout=\?"):
        any_client.with_options(tiemout=1)
    with pytest.raises(TypeError, match="ca_bundle belongs to the connections"):
        any_client.with_options(ca_bundle="x")


def test_a_misspelt_argument_is_a_type_error(runner: Runner) -> None:
    with pytest.raises(TypeError, match="tiemout"):
        runner.client(tiemout=3)


def test_a_closed_client_opens_again(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(GOOD, GOOD)
    runner.run(ask(client))

    runner.run(client.close())
    runner.run(client.close())
    runner.wait_until(lambda: host.open == 0)

    assert runner.run(ask(client)).choices[0].message.content == "Hello."


def test_a_block_closes_its_client(runner: Runner, host: ScriptedHost) -> None:
    host.plays(GOOD)

    async def within() -> None:
        async with AsyncTensormesh(env={}, **surfaces_of(host)) as client:
            await ask(client)

    if runner.is_async:
        runner.run(within())
    else:
        with Tensormesh(env={}, **surfaces_of(host)) as client:
            ask(client)

    runner.wait_until(lambda: host.open == 0)


def test_a_client_of_ones_own_stays_open(runner: Runner, host: ScriptedHost, library: Any) -> None:
    http_client = runner.http_client(library)
    client = runner.client(**surfaces_of(host), http_client=http_client)
    host.plays(GOOD, GOOD)
    runner.run(ask(client))

    runner.run(client.close())

    assert not http_client.is_closed
    assert runner.run(ask(client)).choices[0].message.content == "Hello."
    assert host.connections == 1


def test_a_client_of_ones_own_that_is_closed_says_so(runner: Runner, host: ScriptedHost, library: Any) -> None:
    http_client = runner.http_client(library)
    client = runner.client(**surfaces_of(host), http_client=http_client)
    runner.run(http_client.aclose() if runner.is_async else http_client.close())

    error = fails(runner, lambda: ask(client), APIConnectionError, "the http_client is closed")

    assert not error.sent


def test_a_transport_of_httpx_carries_the_calls(runner: Runner, library: Any) -> None:
    """The usual way to test a program that uses the client."""
    seen: list[Any] = []

    def handle(request: Any) -> Any:
        seen.append(request)
        if b'"stream":true' in request.content:
            return library.Response(200, content=events(piece("Hello.", "stop")))
        return library.Response(200, json=COMPLETION)

    client = runner.client(inference_api_key=KEY, transport=library.MockTransport(handle))

    assert runner.run(ask(client)).choices[0].message.content == "Hello."
    stream = runner.run(ask_for_stream(client))
    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."
    assert {str(request.url) for request in seen} == {"https://serverless.tensormesh.ai/v1/chat/completions"}
    assert {request.headers["authorization"] for request in seen} == {f"Bearer {KEY}"}


def test_a_transport_is_known_whoever_claims_its_class(
    runner: Runner, library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Libraries put their own name on classes that they hand on, and programs make transports of their own of them."""
    base = library.AsyncBaseTransport if runner.is_async else library.BaseTransport
    monkeypatch.setattr(base, "__module__", "elsewhere")

    def handle(self: Any, request: Any) -> Any:
        return library.Response(200, json=COMPLETION)

    async def handle_async(self: Any, request: Any) -> Any:
        return library.Response(200, json=COMPLETION)

    own = type("Own", (base,), {"handle_request": handle, "handle_async_request": handle_async})()

    assert runner.run(ask(runner.client(inference_api_key=KEY, transport=own))).choices


def test_what_is_no_client_of_httpx_is_refused(runner: Runner, library: Any) -> None:
    wrong = library.Client() if runner.is_async else library.AsyncClient()
    fitting = "AsyncClient" if runner.is_async else "Client"

    with pytest.raises(ConfigurationError, match=f"this is not a {fitting} of httpx but a {type(wrong).__name__}"):
        runner.client(http_client=wrong)
    with pytest.raises(ConfigurationError, match=r"this is not a .*BaseTransport of httpx but a str"):
        runner.client(transport="mock")
    with pytest.raises(ConfigurationError, match="give http_client or transport, not both"):
        runner.client(http_client=runner.http_client(library), transport=library.MockTransport(lambda _: None))


def test_a_client_is_neither_pickled_nor_copied(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(GOOD)
    runner.run(ask(client))

    actions: list[Callable[[Any], Any]] = [pickle.dumps, copy.copy, copy.deepcopy]
    for action in actions:
        with pytest.raises(TypeError, match=r"use with_options\(\)"):
            action(client)


def test_one_client_serves_one_event_loop_after_another(host: ScriptedHost) -> None:
    client = AsyncTensormesh(env={}, **surfaces_of(host))
    host.always_plays(GOOD)

    async def work() -> None:
        await asyncio.gather(*(ask(client) for _ in range(5)))
        await client.close()

    for _ in range(3):
        asyncio.run(work())

    assert len(host.asked) == 15


def test_a_stream_is_read_in_the_event_loop_that_asked_for_it(asynchronous: Runner, host: ScriptedHost) -> None:
    client = asynchronous.client(**surfaces_of(host))
    host.plays((*streamed(last=False), STALL))
    stream = asynchronous.run(ask_for_stream(client))

    async def read_on() -> None:
        await anext(stream)

    with pytest.raises(ConfigurationError, match="only the event loop that asked can read the answer"):
        asyncio.run(read_on())


@pytest.mark.usefixtures("_tidied")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_event_loops_of_other_threads_may_come_and_go_meanwhile(
    host: ScriptedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = AsyncTensormesh(env={}, **surfaces_of(host))
    host.always_plays(GOOD)

    async def work() -> None:
        await ask(client)
        await client.close()

    gone = asyncio.new_event_loop()
    gone.run_until_complete(ask(client))
    gone.close()

    def is_closed() -> bool:
        monkeypatch.undo()
        other = threading.Thread(target=asyncio.run, args=(work(),))
        other.start()
        other.join()
        return True

    monkeypatch.setattr(gone, "is_closed", is_closed)

    asyncio.run(work())

    assert len(host.asked) == 3


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_client_forgets_event_loops_that_are_gone(host: ScriptedHost) -> None:
    """Even if nobody closed it there: a program may call `asyncio.run` for every question."""
    client = AsyncTensormesh(env={}, **surfaces_of(host))
    host.always_plays(GOOD)

    loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []

    async def work() -> None:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        await ask(client)

    for _ in range(10):
        asyncio.run(work())
    asyncio.run(client.close())
    gc.collect()

    assert len(loops) == len(host.asked) == 10
    assert [loop() for loop in loops if loop() is not None] == []


FORGOTTEN = """
import asyncio, sys
from tensormesh import AsyncTensormesh

async def ask(client):
    await client.inference.serverless.request("GET", "/v1/models")

async def dropped():
    await ask(AsyncTensormesh())

async def read_in_part():
    async for _ in await AsyncTensormesh().inference.serverless.stream_request("POST", "/v1/completions", json_body={}):
        break

async def kept():
    global client
    client = AsyncTensormesh()
    await ask(client)

asyncio.run({"dropped": dropped, "read in part": read_in_part, "kept": kept}[sys.argv[1]]())
"""


@pytest.mark.parametrize(
    ("how", "steps"),
    [("dropped", GOOD), ("kept", GOOD), ("read in part", (*streamed(events(piece("a")), last=False), STALL))],
)
def test_a_program_that_closes_nothing_ends_without_a_word(how: str, steps: Any, host: ScriptedHost) -> None:
    host.plays(steps)
    environment = {"TENSORMESH_SERVERLESS_BASE_URL": host.url, "TENSORMESH_INFERENCE_API_KEY": KEY}

    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning", "-c", FORGOTTEN, how],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert len(host.asked) == 1


def test_a_client_that_nobody_holds_lets_go_of_its_connections(asynchronous: Runner, host: ScriptedHost) -> None:
    """At once, without a collection: nothing in a client points back at it."""
    host.plays(GOOD)
    client = AsyncTensormesh(**surfaces_of(host))
    gone = weakref.ref(client)
    gc.collect()
    gc.disable()
    try:
        asynchronous.run(ask(client))
        assert host.open == 1
        del client
        assert gone() is None
        asynchronous.wait_until(lambda: host.open == 0)
    finally:
        gc.enable()


def test_an_event_loop_of_another_kind_is_refused() -> None:
    """trio drives coroutines without asyncio, as this does."""
    client = AsyncTensormesh(env={}, inference_api_key=KEY)

    for call in (ask(client), ask_for_stream(client)):
        with pytest.raises(ConfigurationError, match=r"event loop of asyncio.*http_client=httpx\.AsyncClient"):
            call.send(None)
    with pytest.raises(StopIteration):
        client.close().send(None)


def test_event_loops_in_several_threads_share_a_client(host: ScriptedHost) -> None:
    client = AsyncTensormesh(env={}, **surfaces_of(host))
    host.always_plays(GOOD)

    async def work() -> None:
        await asyncio.gather(*(ask(client) for _ in range(10)))
        await client.close()

    in_threads(4, lambda: asyncio.run(work()))

    assert len(host.asked) == 40


def test_threads_share_a_client(synchronous: Runner, host: ScriptedHost) -> None:
    client = synchronous.client(**surfaces_of(host))
    host.always_plays(GOOD)

    in_threads(8, lambda: [ask(client) for _ in range(10)])

    assert len(host.asked) == 80
    assert host.connections <= 8


def test_many_calls_at_a_time_do_not_wait_for_each_other(asynchronous: Runner, host: ScriptedHost) -> None:
    """A hundred calls are in flight before the first of them is answered."""
    client = asynchronous.client(**surfaces_of(host))
    go_on = threading.Event()
    host.plays(*((go_on, *GOOD) for _ in range(100)))

    async def work() -> list[Any]:
        calls = asyncio.gather(*(ask(client) for _ in range(100)))
        await until(lambda: len(host.asked) == 100)
        go_on.set()
        return await calls

    assert len(asynchronous.run(work())) == 100
    assert host.connections == 100


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_does_not_speak_over_its_parents_connections(synchronous: Runner, host: ScriptedHost) -> None:
    client = synchronous.client(**surfaces_of(host))
    host.always_plays(GOOD)
    ask(client)

    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if ask(client).choices[0].message.content == "Hello." else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    ask(client)

    assert os.waitstatus_to_exitcode(status) == 0
    assert [asked.connection for asked in host.asked] == [1, 2, 1]


def test_the_limit_of_a_call_wins_over_the_limit_of_the_client(
    runner: Runner, host: ScriptedHost, transport: dict[str, Any]
) -> None:
    client = runner.client(**surfaces_of(host), **transport, timeout=60)
    host.plays((STALL,), (head(200), STALL))

    fails(runner, lambda: ask(client, timeout=0.1), APITimeoutError, r"within 0\.1 s")
    fails(runner, lambda: ask(client, timeout=Timeout(idle=0.1)), APITimeoutError, r"within 0\.1 s")


def test_closing_in_the_midst_of_a_call_ends_it(asynchronous: Runner, host: ScriptedHost) -> None:
    client = asynchronous.client(**surfaces_of(host))
    host.plays((STALL,))

    async def work() -> None:
        call = asyncio.create_task(ask(client))
        await until(lambda: bool(host.asked))
        await client.close()
        with pytest.raises(APIConnectionError):
            await call

    asynchronous.run(work())
    serves_the_next_call(asynchronous, client, host)


def test_a_stream_outlives_the_variation_it_came_from(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(streamed(events(piece("Hello.", "stop"))))

    stream = runner.run(ask_for_stream(client.with_options(timeout=3)))
    gc.collect()

    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."


async def until(condition: Callable[[], bool]) -> None:
    """Waits until what another thread does has happened."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110  (the other thread knows no event of this loop)
            await asyncio.sleep(0.001)


def in_threads(count: int, work: Callable[[], Any]) -> None:
    """Does `work` in so many threads at once; an error in one of them is raised here."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # it is raised below, in the thread of the test
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_a_client_forgotten_in_a_circle_is_silent(asynchronous: Runner, host: ScriptedHost) -> None:
    """What it is made of is collected in any order then, and aiohttp complains of sessions that nobody closed."""
    host.plays(GOOD)
    circle: list[Any] = [AsyncTensormesh(env={}, **surfaces_of(host))]
    circle.append(circle)
    asynchronous.run(ask(circle[0]))

    del circle
    gc.collect()

    asynchronous.wait_until(lambda: host.open == 0)
