"""What closing a client ends, and what it leaves alone."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh import AsyncTensormesh, Tensormesh
from tensormesh.errors import APIConnectionError, StreamTruncatedError
from tests.cases import cases
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, piece, works_again
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.marks import Mark
from tests.overlay.scripted_host import STALL, ScriptedHost, Step, answer, chunk, events, head

SOON_SECONDS = 5.0
"""Much less than any limit of these calls."""
HEAD = head(200, content_type="text/event-stream", transfer_encoding="chunked")
HEL, LO = chunk(events(piece("Hel"), end=b"")), chunk(events(piece("lo.", "stop"))) + chunk(b"")


def whole(client: Any, _: Mark) -> Any:
    return ask(client, timeout=60)


def stream(client: Any, _: Mark) -> Any:
    """A stream, read to its end."""
    if isinstance(client, Tensormesh):
        return list(ask_for_stream(client))

    async def read() -> Any:
        return [event async for event in await ask_for_stream(client)]

    return read()


def stream_that_begins(client: Any, begun: Mark) -> Any:
    """The same, which says when its headers are there."""
    if isinstance(client, Tensormesh):
        got = ask_for_stream(client)
        begun.set()
        return list(got)

    async def read() -> Any:
        got = await ask_for_stream(client)
        begun.set()
        return [event async for event in got]

    return read()


def ends(runner: Runner, client: Any, work: Callable[..., Any], sent: Mark, begun: Mark) -> BaseException | None:
    """What comes of `work` where the client is closed while it waits for what follows `sent`."""
    errors: list[BaseException] = []

    async def close_while_waiting() -> None:
        task = asyncio.ensure_future(work(client, begun))
        while not (sent.is_set() and begun.is_set()):  # noqa: ASYNC110  (the host knows no event of this loop)
            await asyncio.sleep(0.001)
        await client.close()
        _, waiting = await asyncio.wait([task], timeout=SOON_SECONDS)
        assert not waiting
        errors.extend(filter(None, [task.exception()]))

    def run() -> None:
        try:
            work(client, begun)
        except APIConnectionError as error:
            errors.append(error)

    if runner.is_async:
        runner.run(close_while_waiting())
    else:
        thread = threading.Thread(target=run)
        thread.start()
        assert sent.reached()
        assert begun.reached()
        client.close()
        thread.join(SOON_SECONDS)
        assert not thread.is_alive()
    return errors[0] if errors else None


@cases(
    ("steps", "work", "kind"),
    [
        pytest.param((), whole, APIConnectionError, id="for headers"),
        pytest.param((head(200, content_length="99") + b"{",), whole, APIConnectionError, id="for a body"),
        pytest.param((head(200) + b"{}",), whole, APIConnectionError, id="for a body that ends with it"),
        pytest.param((HEAD, HEL), whole, APIConnectionError, id="for a chunk"),
        pytest.param((), stream, APIConnectionError, id="for a stream"),
        pytest.param((HEAD,), stream_that_begins, StreamTruncatedError, id="for the first event"),
        pytest.param((HEAD, HEL), stream_that_begins, StreamTruncatedError, id="for the next event"),
    ],
)
def test_closing_wakes_whoever_waits(
    runner: Runner,
    client: Any,
    host: ScriptedHost,
    steps: tuple[Step, ...],
    work: Callable[..., Any],
    kind: type[Exception],
) -> None:
    sent, begun = Mark(), Mark()
    host.plays((*steps, sent, STALL))
    if work is not stream_that_begins:
        begun.set()

    error = ends(runner, client, work, sent, begun)

    assert type(error) is kind
    assert "the client was closed meanwhile" in str(error)
    works_again(runner, client, host)


def test_closing_leaves_what_has_arrived(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays((HEAD + HEL + LO,))
    got = runner.run(ask_for_stream(client))
    runner.next(got)

    runner.run(client.close())

    assert runner.run(got.get_final_completion()).choices[0].message.content == "Hello."


def test_the_block_of_a_variation_leaves_the_connections_open(runner: Runner, client: Any, host: ScriptedHost) -> None:
    go_on = threading.Event()
    host.plays((HEAD, HEL, go_on, LO), answer(200, COMPLETION), answer(200, COMPLETION))
    got = runner.run(ask_for_stream(client))
    runner.next(got)

    async def within() -> None:
        async with client.with_options(timeout=3) as other:
            await ask(other)

    if runner.is_async:
        runner.run(within())
    else:
        with client.with_options(timeout=3) as other:
            ask(other)
    go_on.set()

    assert runner.run(got.get_final_completion()).choices[0].message.content == "Hello."
    runner.run(ask(client))
    assert host.connections == 2


def test_a_stream_outlives_the_client_that_nobody_holds(runner: Runner, host: ScriptedHost) -> None:
    go_on = threading.Event()
    host.plays((HEAD, HEL, go_on, LO))
    got = runner.run(ask_for_stream((AsyncTensormesh if runner.is_async else Tensormesh)(env={}, **surfaces_of(host))))
    gc.collect()
    runner.next(got)

    threading.Timer(0.05, go_on.set).start()

    assert runner.run(got.get_final_completion()).choices[0].message.content == "Hello."
    del got
    gc.collect()
    runner.wait_until(lambda: host.open == 0)
