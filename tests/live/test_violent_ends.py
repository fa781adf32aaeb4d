"""An engine that dies in the middle of its work, as machines do; and what is left to its callers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from tensormesh import errors
from tests.live.conftest import LIVE, NOT_LIVE, Host, connections
from tests.live.engine.process import AT_ONCE, CONTEXT_TOKENS, Engine
from tests.overlay.conftest import Runner

if not LIVE:
    pytest.skip(NOT_LIVE, allow_module_level=True)

LONG: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Hello"}],
    "max_tokens": CONTEXT_TOKENS - 100,
    "ignore_eos": True,
}


class Caller(NamedTuple):
    """A sync or async client at one host."""

    runner: Runner
    host: Host
    client: Any

    def ask(self, **fields: Any) -> Any:
        chat = self.client.inference.serverless.chat.completions
        return self.runner.run(chat.create(model=self.host.model, **fields))

    def fails(self, **fields: Any) -> Any:
        """The error of a call."""
        with pytest.raises(errors.APIError) as caught:
            self.ask(**fields)
        return caught.value


class Death(NamedTuple):
    """How streams and calls ended, by caller, after what was read of them."""

    callers: list[Caller]
    read: list[list[Any]]
    streams: list[Any]
    ends: list[Any]
    calls: list[Any]


@pytest.fixture
def engine(one_engine: Engine) -> Engine:
    """As it runs, for speed: thoughts do not matter here."""
    one_engine.run(parses_reasoning=one_engine.parses_reasoning)
    return one_engine


@pytest.fixture
def callers(direct: Host, relayed: Host) -> Iterator[list[Caller]]:
    """Sync and async at both hosts: a death is too dear for one caller alone."""
    runners = [Runner(name) for name in ("sync", "async")]
    yield [Caller(runner, host, runner.client(**host.settings())) for runner in runners for host in (direct, relayed)]
    for runner in runners:
        runner.close()


def death(engine: Engine, callers: list[Caller], kill: Callable[[], None]) -> Death:
    """Begin a stream and a call for each, kill, and see how they end."""
    assert 2 * len(callers) <= AT_ONCE
    streams = [caller.ask(stream=True, **LONG) for caller in callers]
    read = [[caller.runner.next(stream) for _ in range(5)] for caller, stream in zip(callers, streams, strict=True)]
    # A call keeps its thread, and its event loop, to itself.
    others = [Runner(caller.runner.name) for caller in callers]
    calls = [
        Caller(runner, caller.host, runner.client(**caller.host.settings()))
        for runner, caller in zip(others, callers, strict=True)
    ]
    with ThreadPoolExecutor(len(calls)) as threads:
        under_way = [threads.submit(caller.fails, **LONG) for caller in calls]
        callers[0].runner.wait_until(lambda: engine.under_way() == 2 * len(callers))
        kill()
        ends = []
        for caller, stream, events in zip(callers, streams, read, strict=True):
            more, end = caller.runner.read_until_fault(stream)
            events += more
            ends.append(end)
        failures = [call.result() for call in under_way]
    for runner in others:
        runner.close()
    return Death(callers, read, streams, ends, failures)


def text(answer: Any) -> str:
    (choice,) = answer.choices
    return (choice.message.reasoning or "") + (choice.message.content or "")


def pieces(chunks: list[Any]) -> str:
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    return "".join((delta.reasoning or "") + (delta.content or "") for delta in deltas)


def works_again(engine: Engine, callers: list[Caller]) -> None:
    engine.run(parses_reasoning=engine.parses_reasoning)
    for caller in callers:
        assert caller.ask(messages=LONG["messages"], max_tokens=4).usage.completion_tokens == 4


def test_a_machine_fails_and_comes_back(engine: Engine, callers: list[Caller], relayed: Host) -> None:
    """Each stream is truncated, keeps what came, and lets go of its connection; each call says what happened."""
    found = death(engine, callers, engine.kill)

    assert [type(end) for end in found.ends] == [errors.StreamTruncatedError] * 4
    assert [text(stream.snapshot()) for stream in found.streams] == [pieces(chunks) for chunks in found.read]
    assert all(pieces(chunks) for chunks in found.read)
    through_our_host = [caller.host is relayed for caller in callers]
    kinds = [errors.InternalServerError if relays else errors.APIConnectionError for relays in through_our_host]
    assert [type(failure) for failure in found.calls] == kinds
    callers[-1].runner.wait_until(lambda: connections(engine.port) == set())

    later = [caller.fails(messages=LONG["messages"]) for caller in callers]
    assert [type(failure) for failure in later] == kinds
    assert [getattr(failure, "status_code", None) for failure in later] == [
        502 if it else None for it in through_our_host
    ]
    works_again(engine, callers)


def test_a_worker_dies_and_the_server_says_so(engine: Engine, callers: list[Caller]) -> None:
    """The error comes inside of the stream, and as the status of a call."""
    found = death(engine, callers, engine.kill_worker)

    assert [type(end) for end in found.ends] == [errors.StreamEventError] * 4
    assert [end.status_code for end in found.ends] == [500] * 4
    assert [text(stream.snapshot()) for stream in found.streams] == [pieces(chunks) for chunks in found.read]
    assert [type(failure) for failure in found.calls] == [errors.InternalServerError] * 4
    assert {failure.body["error"]["type"] for failure in found.calls} == {"InternalServerError"}
    # What is left of it is about to end, too.
    engine.stop()
