"""Callers who do not wait: the engine stops working for them."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh import errors
from tests.live.conftest import LIVE, NOT_LIVE, Host, connections
from tests.live.engine.process import CONTEXT_TOKENS, Engine
from tests.overlay.conftest import Runner

if not LIVE:
    pytest.skip(NOT_LIVE, allow_module_level=True)

PATIENCE_SECONDS = 30.0
TRIES = 5
TOKENS = CONTEXT_TOKENS - 100
LONG = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": TOKENS, "ignore_eos": True}
"""Ten seconds of work."""


@pytest.fixture
def host(real: Host) -> Host:
    """Only an engine has work to stop."""
    return real


class Work:
    """What the engine does for a caller who asks for more than he will wait for."""

    def __init__(self, runner: Runner, inference: Any, host: Host, engine: Engine) -> None:
        self._runner, self._inference, self._host, self._engine = runner, inference, host, engine
        self._rest()
        self._connected = connections(host.port)

    def _rest(self) -> None:
        self._runner.wait_until(lambda: self._engine.under_way() == 0)
        self._before = self._engine.generated()

    def done(self) -> int:
        """How many tokens were generated since nothing was under way."""
        return self._engine.generated() - self._before

    def begin(self) -> Any:
        """A long stream, of which the beginning was read. On a busy machine the end may have been generated, too."""
        for _ in range(TRIES):
            stream = self._runner.run(
                self._inference.chat.completions.create(model=self._host.model, stream=True, **LONG)
            )
            for _ in range(5):
                self._runner.next(stream)
            if self.done() < TOKENS // 2:
                return stream
            self._runner.run(stream.close())
            self._rest()
        raise AssertionError("the engine is always done before its caller has looked")

    def ended_early(self) -> bool:
        """The connection is gone, and the engine has put down its work, not because it was done."""
        self._runner.wait_until(lambda: connections(self._host.port) <= self._connected)
        self._runner.wait_until(lambda: self._engine.under_way() == 0)
        return self.done() < TOKENS


@pytest.fixture
def work(runner: Runner, inference: Any, host: Host, engine: Engine) -> Work:
    return Work(runner, inference, host, engine)


def close(runner: Runner, stream: Any) -> None:
    runner.run(stream.close())


def leave(runner: Runner, stream: Any) -> None:
    """As the end of a `with` block does."""
    if runner.is_async:
        runner.run(stream.__aexit__(None, None, None))
    else:
        stream.__exit__(None, None, None)


@pytest.mark.parametrize("end", [close, leave])
def test_a_stream_that_is_closed_ends_the_work(runner: Runner, work: Work, end: Callable[[Runner, Any], None]) -> None:
    end(runner, work.begin())

    assert work.ended_early()


def test_a_stream_that_is_forgotten_ends_the_work(work: Work) -> None:
    stream = work.begin()
    del stream
    gc.collect()

    assert work.ended_early()


def test_what_came_before_the_end_is_still_there(runner: Runner, work: Work) -> None:
    stream = work.begin()
    close(runner, stream)
    (choice,) = stream.snapshot().choices

    assert choice.message.reasoning
    assert choice.finish_reason is None


def test_a_call_that_takes_too_long_ends_the_work(inference: Any, runner: Runner, host: Host, work: Work) -> None:
    with pytest.raises(errors.APITimeoutError):
        runner.run(inference.chat.completions.create(model=host.model, timeout=0.3, **LONG))

    assert work.ended_early()


@pytest.mark.parametrize("runner", ["async"], indirect=True)
def test_a_cancelled_task_ends_the_work(inference: Any, runner: Runner, host: Host, engine: Engine, work: Work) -> None:
    async def cancelled() -> None:
        task = asyncio.ensure_future(inference.chat.completions.create(model=host.model, **LONG))
        while not await asyncio.to_thread(engine.under_way):
            assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    runner.run(cancelled())
    assert work.ended_early()


def test_a_connection_that_the_host_has_closed_is_not_used_again(inference: Any, runner: Runner, host: Host) -> None:
    """vLLM closes one after five idle seconds; so long a caller may well be busy with other things."""
    asked = {"model": host.model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4}
    runner.run(inference.chat.completions.create(**asked))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not connections(host.port, closed_there=True):
        assert time.monotonic() < deadline
        time.sleep(0.05)

    assert runner.run(inference.chat.completions.create(**asked)).usage.completion_tokens == 4


def test_the_client_serves_the_next_call(inference: Any, runner: Runner, host: Host, work: Work) -> None:
    close(runner, work.begin())
    asked = {"model": host.model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4}

    assert runner.run(inference.chat.completions.create(**asked)).usage.completion_tokens == 4
