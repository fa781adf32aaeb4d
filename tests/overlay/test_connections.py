"""Which connections are used again, and which are let go of."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time
import zlib
from typing import Any

import pytest

from tensormesh.errors import APIStatusError
from tests.cases import cases
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, piece, serves_the_next_call, works_again
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import CLOSE, STALL, ScriptedHost, Step, Trickle, answer, chunk, events, head, streamed
from tests.overlay.sockets import sockets_to

STREAM = events(piece("Hel"), piece("lo.", "stop"))
DONE = b"data: [DONE]\n\n"
DRAIN_SECONDS = 0.25
SPARE_SECONDS = 1.0
"""For a busy machine."""


def says_hello(runner: Runner, stream: Any) -> bool:
    return bool(runner.run(stream.get_final_completion()).choices[0].message.content == "Hello.")


def test_whole_answers_share_a_connection(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, COMPLETION), answer(404, b"{}"), answer(200, b"{}"), answer(200, COMPLETION))

    runner.run(ask(any_client))
    with pytest.raises(APIStatusError):
        runner.run(ask(any_client))
    runner.run(any_client.inference.on_demand.health.get())
    runner.run(ask(any_client))

    assert [asked.connection for asked in host.asked] == [1, 1, 1, 1]


@pytest.mark.parametrize("steps", [(head(204),), answer(200, b"")], ids=["204", "empty 200"])
def test_an_empty_answer_gives_its_connection_back(
    runner: Runner, any_client: Any, host: ScriptedHost, steps: tuple[Step, ...]
) -> None:
    host.plays(steps)

    runner.run(any_client.inference.on_demand.health.get())

    serves_the_next_call(runner, any_client, host)
    assert host.connections == 1


def test_a_long_header_is_read(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, COMPLETION, x_long="x" * 60_000))

    assert runner.run(ask(any_client)).to_dict() == COMPLETION


def test_a_connection_asks_whether_the_host_is_still_there(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, COMPLETION))
    runner.run(ask(client))

    ours = sockets_to(host.port)

    assert [one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) for one in ours] == [1]
    assert [one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for one in ours] == [1]


def test_a_connection_that_was_unused_for_long_is_not_used_again(
    runner: Runner, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tensormesh_transport.core.pool.IDLE_SECONDS", 1e-9)
    client = runner.client(**surfaces_of(host))
    host.plays(answer(200, COMPLETION), answer(200, COMPLETION))

    runner.run(ask(client))
    runner.run(ask(client))

    assert host.connections == 2


@cases(
    "steps",
    [
        pytest.param(streamed(STREAM), id="all in one packet"),
        pytest.param(answer(200, STREAM, content_type="text/event-stream"), id="with a length"),
        pytest.param(streamed(STREAM.removesuffix(DONE), DONE), id="the end in a packet of its own"),
        pytest.param(streamed(STREAM.removesuffix(DONE)), id="without [DONE]"),
        pytest.param(streamed(*(bytes([byte]) for byte in STREAM)), id="byte by byte"),
    ],
)
def test_a_stream_read_to_its_end_gives_its_connection_back(
    runner: Runner, client: Any, host: ScriptedHost, steps: tuple[Step, ...]
) -> None:
    host.plays(steps)

    assert says_hello(runner, runner.run(ask_for_stream(client)))

    serves_the_next_call(runner, client, host)
    assert host.connections == 1


def test_the_last_chunk_may_come_after_the_last_word(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """Hosts write `[DONE]` and the end of the body in two packets; the second is waited for, for a moment."""
    go_on = threading.Event()
    host.plays((*streamed(STREAM, last=False), go_on, chunk(b"")))
    stream = runner.run(ask_for_stream(client))
    runner.next(stream)

    threading.Timer(0.05, go_on.set).start()

    assert says_hello(runner, stream)
    serves_the_next_call(runner, client, host)
    assert host.connections == 1


@cases(
    "ends",
    [
        pytest.param((STALL,), id="silence"),
        pytest.param((Trickle(chunk(b": still here\n\n")),), id="chatter"),
        pytest.param((b"1", STALL), id="half of a chunk"),
        pytest.param((b"0\r\n", STALL), id="half of the last chunk"),
    ],
)
def test_a_host_that_never_ends_the_body_costs_a_moment(
    runner: Runner, any_client: Any, host: ScriptedHost, ends: tuple[Step, ...]
) -> None:
    host.plays((*streamed(STREAM, last=False), *ends))
    stream = runner.run(ask_for_stream(any_client))

    begin = time.monotonic()

    assert says_hello(runner, stream)
    assert time.monotonic() - begin < DRAIN_SECONDS + SPARE_SECONDS
    works_again(runner, any_client, host)


def test_a_connection_that_the_host_closed_meanwhile_is_not_used_again(
    runner: Runner, any_client: Any, host: ScriptedHost
) -> None:
    host.plays(answer(200, COMPLETION, CLOSE), answer(200, COMPLETION))
    runner.run(ask(any_client))

    runner.wait_until(lambda: host.ends == 1)

    assert runner.run(ask(any_client)).choices[0].message.content == "Hello."
    assert [asked.connection for asked in host.asked] == [1, 2]


def test_a_host_that_says_goodbye_is_taken_at_its_word(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, COMPLETION, connection="close"), answer(200, COMPLETION))

    runner.run(ask(any_client))
    runner.wait_until(lambda: host.open == 0)
    runner.run(ask(any_client))

    assert [asked.connection for asked in host.asked] == [1, 2]


def test_an_old_host_that_speaks_http_1_0_is_understood(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays((b"HTTP/1.0 200 OK\r\n\r\n" + STREAM, CLOSE))

    assert says_hello(runner, runner.run(ask_for_stream(any_client)))

    works_again(runner, any_client, host)


def test_a_hundred_streams_one_after_another_need_one_connection(
    runner: Runner, client: Any, host: ScriptedHost
) -> None:
    host.plays(*(streamed(STREAM) for _ in range(100)))

    for _ in range(100):
        assert says_hello(runner, runner.run(ask_for_stream(client)))

    assert host.connections == 1


def close(runner: Runner, stream: Any) -> None:
    runner.run(stream.close())


def close_twice(runner: Runner, stream: Any) -> None:
    runner.run(stream.close())
    runner.run(stream.close())


def leave_the_block(runner: Runner, stream: Any) -> None:
    async def leave() -> None:
        async with stream:
            pass

    if runner.is_async:
        runner.run(leave())
    else:
        with stream:
            pass


def leave_with(error: BaseException) -> Any:
    def leave_the_block_with_an_error(runner: Runner, stream: Any) -> None:
        async def leave() -> None:
            async with stream:
                raise error

        def leave_at_once() -> None:
            with stream:
                raise error

        with pytest.raises(type(error)):
            runner.run(leave()) if runner.is_async else leave_at_once()

    return leave_the_block_with_an_error


class InterruptError(BaseException):
    """Stands for KeyboardInterrupt, which asyncio hands to the whole test run."""


WAYS_OUT = [
    pytest.param(close, id="close"),
    pytest.param(close_twice, id="close twice"),
    pytest.param(leave_the_block, id="leave the block"),
    pytest.param(leave_with(ValueError()), id="an error in the block"),
    pytest.param(leave_with(InterruptError()), id="an interrupt in the block"),
]


def test_a_stream_that_is_compressed_unasked_comes_as_it_arrives(
    runner: Runner, any_client: Any, host: ScriptedHost
) -> None:
    pack = zlib.compressobj(wbits=31)
    first = pack.compress(events(piece("Hel"), end=b"")) + pack.flush(zlib.Z_SYNC_FLUSH)
    rest = pack.compress(events(piece("lo.", "stop"))) + pack.flush()
    go_on = threading.Event()
    host.plays(streamed(first, go_on, rest, content_encoding="gzip"))
    stream = runner.run(ask_for_stream(any_client))

    assert runner.next(stream).choices[0].delta.content == "Hel"
    go_on.set()
    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."


@cases("leave", WAYS_OUT)
@cases("read", [0, 1], ids=["unread", "half-read"])
def test_a_stream_left_early_lets_go_of_its_connection(
    runner: Runner, any_client: Any, host: ScriptedHost, leave: Any, read: int
) -> None:
    host.plays((*streamed(STREAM.removesuffix(DONE), last=False), STALL))
    stream = runner.run(ask_for_stream(any_client))
    for _ in range(read):
        runner.next(stream)

    leave(runner, stream)

    works_again(runner, any_client, host)


@pytest.mark.parametrize("read", [0, 1], ids=["unread", "half-read"])
def test_a_stream_that_nobody_holds_lets_go_of_its_connection(
    runner: Runner, any_client: Any, host: ScriptedHost, read: int
) -> None:
    host.plays((*streamed(STREAM.removesuffix(DONE), last=False), STALL))
    stream = runner.run(ask_for_stream(any_client))
    for _ in range(read):
        runner.next(stream)

    del stream
    gc.collect()

    works_again(runner, any_client, host)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # its socket may be the first that is collected
def test_a_stream_forgotten_in_a_circle_lets_go_of_its_connection(
    runner: Runner, any_client: Any, host: ScriptedHost
) -> None:
    """What it is made of is collected in any order then, and no part fails for want of another (as 3.13 would say)."""
    host.plays((*streamed(STREAM.removesuffix(DONE), last=False), STALL))
    circle: list[Any] = [runner.run(ask_for_stream(any_client))]
    circle.append(circle)
    runner.next(circle[0])

    del circle
    gc.collect()

    works_again(runner, any_client, host)


def test_a_loop_left_early_lets_go_at_once(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """Without waiting for the garbage collector: nothing holds on to the stream in a circle."""
    host.plays((*streamed(STREAM.removesuffix(DONE), last=False), STALL))

    async def first() -> None:
        async for _ in await ask_for_stream(client):
            break

    gc.disable()
    try:
        if runner.is_async:
            runner.run(first())
        else:
            for _ in ask_for_stream(client):
                break
        works_again(runner, client, host)
    finally:
        gc.enable()


def test_a_closed_stream_has_nothing_more_to_say(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays((*streamed(STREAM.removesuffix(DONE), last=False), STALL))
    stream = runner.run(ask_for_stream(any_client))
    runner.next(stream)

    runner.run(stream.close())

    got, error = runner.read_until_fault(stream)
    assert error is None
    assert len(got) <= 1  # the event that had already come
    works_again(runner, any_client, host)


def test_a_thread_that_waits_for_a_stream_wakes_up_when_it_is_closed(synchronous: Runner, host: ScriptedHost) -> None:
    client = synchronous.client(**surfaces_of(host))
    host.plays((head(200, content_type="text/event-stream", transfer_encoding="chunked"), chunk(STREAM[:70]), STALL))
    stream = ask_for_stream(client)
    got: list[Any] = []
    reader = threading.Thread(target=lambda: got.append(synchronous.read_until_fault(stream)))
    reader.start()

    stream.close()
    reader.join(SPARE_SECONDS)

    assert not reader.is_alive()
    assert got == [([], None)]
    works_again(synchronous, client, host)


def test_a_task_that_waits_for_a_stream_wakes_up_when_it_is_closed(asynchronous: Runner, host: ScriptedHost) -> None:
    client = asynchronous.client(**surfaces_of(host))
    host.plays((*streamed(last=False), STALL))

    async def close_while_reading() -> list[Any]:
        stream = await ask_for_stream(client)

        async def read() -> list[Any]:
            return [event async for event in stream]

        reader = asyncio.create_task(read())
        await asyncio.sleep(0)
        await stream.close()
        return await asyncio.wait_for(reader, SPARE_SECONDS)

    assert asynchronous.run(close_while_reading()) == []
    works_again(asynchronous, client, host)
