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
from tests.overlay.conftest import Colour

if not LIVE:
    pytest.skip(NOT_LIVE, allow_module_level=True)

PATIENCE_SECONDS = 30.0
TOKENS = CONTEXT_TOKENS - 100
LONG = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": TOKENS, "ignore_eos": True}
"""Ten seconds of work."""


@pytest.fixture
def host(real: Host) -> Host:
    """Only an engine has work to stop."""
    return real


@pytest.fixture
def ended_early(engine: Engine, colour: Colour, host: Host) -> Callable[[], None]:
    """Says that the connection is gone, and that the engine has put down its work, not because it was done."""
    colour.wait_until(lambda: engine.under_way() == 0)
    before, connected = engine.generated(), connections(host.port)

    def check() -> None:
        colour.wait_until(lambda: connections(host.port) <= connected)
        colour.wait_until(lambda: engine.under_way() == 0)
        assert engine.generated() - before < TOKENS

    return check


def begun(colour: Colour, inference: Any, host: Host) -> Any:
    """A long stream, of which the beginning was read."""
    stream = colour.run(inference.chat.completions.create(model=host.model, stream=True, **LONG))
    for _ in range(5):
        colour.next(stream)
    return stream


def close(colour: Colour, stream: Any) -> None:
    colour.run(stream.close())


def leave(colour: Colour, stream: Any) -> None:
    """As the end of a `with` block does."""
    if colour.is_async:
        colour.run(stream.__aexit__(None, None, None))
    else:
        stream.__exit__(None, None, None)


@pytest.mark.parametrize("end", [close, leave])
def test_a_stream_that_is_closed_ends_the_work(
    inference: Any, colour: Colour, host: Host, ended_early: Callable[[], None], end: Callable[[Colour, Any], None]
) -> None:
    stream = begun(colour, inference, host)
    end(colour, stream)

    ended_early()


def test_a_stream_that_is_forgotten_ends_the_work(
    inference: Any, colour: Colour, host: Host, ended_early: Callable[[], None]
) -> None:
    stream = begun(colour, inference, host)
    del stream
    gc.collect()

    ended_early()


def test_what_came_before_the_end_is_still_there(inference: Any, colour: Colour, host: Host) -> None:
    stream = begun(colour, inference, host)
    close(colour, stream)
    (choice,) = stream.snapshot().choices

    assert choice.message.reasoning
    assert choice.finish_reason is None


def test_a_call_that_takes_too_long_ends_the_work(
    inference: Any, colour: Colour, host: Host, ended_early: Callable[[], None]
) -> None:
    with pytest.raises(errors.APITimeoutError):
        colour.run(inference.chat.completions.create(model=host.model, timeout=0.3, **LONG))

    ended_early()


@pytest.mark.parametrize("colour", ["async"], indirect=True)
def test_a_cancelled_task_ends_the_work(
    inference: Any, colour: Colour, host: Host, engine: Engine, ended_early: Callable[[], None]
) -> None:
    async def cancelled() -> None:
        task = asyncio.ensure_future(inference.chat.completions.create(model=host.model, **LONG))
        while not await asyncio.to_thread(engine.under_way):
            assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    colour.run(cancelled())
    ended_early()


@pytest.mark.parametrize(
    "colour",
    [
        "sync",
        pytest.param(
            "async",
            marks=pytest.mark.xfail(
                strict=True,
                raises=errors.APIConnectionError,
                reason="where the event loop did not run meanwhile, aiohttp has not heard of the end",
            ),
        ),
    ],
    indirect=True,
)
def test_a_connection_that_the_host_has_closed_is_not_used_again(inference: Any, colour: Colour, host: Host) -> None:
    """vLLM closes one after five idle seconds; so long a caller may well be busy with other things."""
    asked = {"model": host.model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4}
    colour.run(inference.chat.completions.create(**asked))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not connections(host.port, closed_there=True):
        assert time.monotonic() < deadline
        time.sleep(0.05)

    assert colour.run(inference.chat.completions.create(**asked)).usage.completion_tokens == 4


def test_the_client_serves_the_next_call(inference: Any, colour: Colour, host: Host) -> None:
    close(colour, begun(colour, inference, host))
    asked = {"model": host.model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4}

    assert colour.run(inference.chat.completions.create(**asked)).usage.completion_tokens == 4
