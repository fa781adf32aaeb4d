"""
What comes of a stream when the network, or the host, fails it half-way.

Each fault ends in one of our errors, raised after all that had arrived was handed out; `snapshot()` gives what it adds
up to. No connection is left, and the client serves the next call.
"""

from __future__ import annotations

import json
import re
import threading
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    InternalServerError,
    ProtocolError,
    RateLimitError,
    StreamError,
    StreamEventError,
    StreamTimeoutError,
    StreamTruncatedError,
)
from tensormesh_runtime.types import Timeout
from tests.cases import cases
from tests.overlay.calls import ask_for_stream, fails, piece, serves_the_next_call, works_again
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import (
    CLOSE,
    HALF_CLOSE,
    RESET,
    STALL,
    ScriptedHost,
    Step,
    Trickle,
    answer,
    chunk,
    events,
    head,
    streamed,
)

PLACE = r"POST http://127\.0\.0\.1:\d+/v1/chat/completions"
BEGUN = events(piece("Hel", role="assistant"), piece("lo."), end=b"")
"""What the host says before it fails: two events, whole."""


def event(content: bytes) -> bytes:
    return b"data: " + content + b"\n\n"


def error_after(
    runner: Runner, stream: Any, kind: type[Exception], match: str, go_on: threading.Event | None = None
) -> Any:
    """The error that ends a stream of which two events came through, and nothing was lost."""
    got = [runner.next(stream), runner.next(stream)]
    if go_on is not None:
        go_on.set()
    more, error = runner.read_until_fault(stream)

    assert [one.choices[0].delta.content for one in got] == ["Hel", "lo."]
    assert more == []
    assert type(error) is kind, f"{error!r}"
    assert re.search(match, str(error)), str(error)
    assert stream.snapshot().choices[0].message.content == "Hello."
    with pytest.raises(StreamError, match="snapshot"):
        runner.run(stream.get_final_completion())
    return error


@cases(
    ("steps", "kind", "sent"),
    [
        pytest.param((RESET,), APIConnectionError, True, id="reset"),
        pytest.param((CLOSE,), APIConnectionError, True, id="closed"),
        pytest.param((HALF_CLOSE,), APIConnectionError, True, id="half-closed"),
        pytest.param((b"220 smtp.example.test\r\n", CLOSE), APIConnectionError, True, id="garbage"),
        pytest.param((STALL,), APITimeoutError, True, id="silence"),
        pytest.param(streamed(BEGUN, content_length="2"), APIConnectionError, True, id="a length beside chunks"),
    ],
)
def test_a_stream_that_does_not_begin_fails_as_a_whole_answer_does(
    runner: Runner,
    any_client: Any,
    host: ScriptedHost,
    steps: tuple[Step, ...],
    kind: type[APIConnectionError],
    sent: bool,
) -> None:
    host.plays(steps)

    limit = 0.1 if STALL in steps else 9

    error = fails(runner, lambda: ask_for_stream(any_client, timeout=limit), kind, f"^{PLACE}: ")

    assert error.sent is sent
    works_again(runner, any_client, host)


@cases(
    ("steps", "kind", "body"),
    [
        pytest.param(answer(429, {"error": "slow"}, retry_after="1"), RateLimitError, {"error": "slow"}, id="429"),
        pytest.param(answer(502, b"<html>"), InternalServerError, "<html>", id="502"),
        pytest.param(answer(500), InternalServerError, None, id="an empty 500"),
        pytest.param(answer(307, b"", location="/x"), APIStatusError, None, id="a redirect"),
    ],
)
def test_a_stream_that_is_refused_is_a_status_error(
    runner: Runner,
    any_client: Any,
    host: ScriptedHost,
    steps: tuple[Step, ...],
    kind: type[APIStatusError],
    body: Any,
) -> None:
    host.plays(steps)

    error = fails(runner, lambda: ask_for_stream(any_client), kind, rf"^(slow \()?HTTP \d+ from {PLACE}")

    assert error.body == body
    serves_the_next_call(runner, any_client, host)
    assert host.connections == 1


def test_a_refusal_that_goes_on_for_ever_is_not_read_to_its_end(
    runner: Runner, any_client: Any, host: ScriptedHost
) -> None:
    host.plays((head(500, content_length="9999999") + b"x" * 2_000_000, STALL))

    error = fails(
        runner,
        lambda: ask_for_stream(any_client),
        InternalServerError,
        r"xxx\.\.\. \(\d+ characters\); its body goes on",
    )

    assert 1_000_000 < len(error.body) <= 2_000_000
    works_again(runner, any_client, host)


@cases("at_once", [True, False], ids=["at once", "later"])
@cases(
    "ends",
    [
        pytest.param((RESET,), id="reset"),
        pytest.param((CLOSE,), id="closed"),
        pytest.param((HALF_CLOSE,), id="half-closed"),
        pytest.param((b"fff\r\ndata: ", CLOSE), id="cut within a chunk"),
    ],
)
def test_a_connection_that_breaks_within_a_stream_truncates_it(
    runner: Runner, any_client: Any, host: ScriptedHost, ends: tuple[Step, ...], at_once: bool
) -> None:
    go_on = threading.Event()
    host.plays((*streamed(BEGUN, last=False), *(() if at_once else (go_on,)), *ends))
    stream = runner.run(ask_for_stream(any_client))

    error = error_after(
        runner, stream, StreamTruncatedError, f"^{PLACE}: the connection broke .*; snapshot\\(\\) gives", go_on
    )

    assert error.sent
    works_again(runner, any_client, host)


def test_garbage_within_a_stream_ends_it(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    go_on = threading.Event()
    host.plays((*streamed(BEGUN, last=False), go_on, b"zz\r\n", CLOSE))
    stream = runner.run(ask_for_stream(any_client))

    error_after(runner, stream, StreamTruncatedError, f"^{PLACE}: ", go_on)

    works_again(runner, any_client, host)


def test_a_silent_stream_times_out(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays((*streamed(BEGUN, last=False), STALL))
    stream = runner.run(ask_for_stream(any_client, stream_idle_timeout=0.3))

    error = error_after(
        runner, stream, StreamTimeoutError, rf"^{PLACE}: nothing more came within 0\.3 s; .*; snapshot\(\) gives"
    )

    assert isinstance(error, APITimeoutError)
    works_again(runner, any_client, host)


def test_a_stream_that_says_something_is_not_idle(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays((*streamed(BEGUN, last=False), Trickle(chunk(b": alive\n\n"))))
    stream = runner.run(ask_for_stream(any_client, timeout=Timeout(idle=0.4, total=0.6)))

    error_after(runner, stream, StreamTimeoutError, r"the answer was not complete within 0\.6 s")

    works_again(runner, any_client, host)


def test_a_stream_may_be_silent_for_longer_than_its_first_byte_may_take(
    runner: Runner, any_client: Any, host: ScriptedHost
) -> None:
    go_on = threading.Event()
    host.plays(streamed(events(piece("Hel"), end=b""), go_on, events(piece("lo.", "stop"))))
    stream = runner.run(ask_for_stream(any_client, timeout=Timeout(first_byte=0.3), stream_idle_timeout=9))
    runner.next(stream)

    later = time.monotonic() + 0.4
    runner.wait_until(lambda: time.monotonic() > later)
    go_on.set()

    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."


@cases(
    ("bad", "kind", "match"),
    [
        pytest.param(b"{nonsense", StreamError, r"an event of the stream is not JSON: '\{nonsense'", id="no JSON"),
        pytest.param(b'"text"', StreamError, "an event of the stream is not a JSON object: ", id="another JSON"),
        pytest.param(b"[" * 100_000, StreamError, "an event of the stream is not JSON", id="JSON too deep to read"),
        pytest.param(
            b'{"error": {"message": "Out of memory.", "code": 500}}',
            StreamEventError,
            r"^Out of memory\. \(an error that the host reported inside the stream, HTTP 500\)$",
            id="an error",
        ),
    ],
)
def test_an_event_that_makes_no_sense_ends_the_stream(
    runner: Runner, any_client: Any, host: ScriptedHost, bad: bytes, kind: type[StreamError], match: str
) -> None:
    host.plays(streamed(BEGUN + event(bad) + events(piece("never seen", "stop")), STALL))
    stream = runner.run(ask_for_stream(any_client))

    error = error_after(runner, stream, kind, match)

    assert getattr(error, "status_code", 500) == 500
    works_again(runner, any_client, host)


def test_an_error_event_keeps_its_status_and_body(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    body = {"error": {"message": "No!", "type": "BadRequestError", "param": None, "code": 400}}
    host.plays(streamed(event(json.dumps(body).encode()) + b"data: [DONE]\n\n", x_request_id="r-1"))

    got, error = runner.read_until_fault(runner.run(ask_for_stream(any_client)))

    assert isinstance(error, StreamEventError)
    assert (got, error.status_code, error.body) == ([], 400, body)
    assert (error.message, error.code, error.type, error.param) == ("No!", 400, "BadRequestError", None)
    assert (error.request_id, error.sent) == ("r-1", True)


@pytest.mark.parametrize("end", [CLOSE, STALL], ids=["broken", "silent"])
def test_an_error_of_a_stream_names_the_call(runner: Runner, any_client: Any, host: ScriptedHost, end: Step) -> None:
    """However it is read: support asks for the name first."""
    reads: list[Callable[[Any], Any]] = [
        lambda stream: runner.read(stream),
        lambda stream: runner.run(stream.get_final()),
        lambda stream: runner.read(stream.text_deltas()),
        lambda stream: runner.read(stream.iter_bytes()),
    ]
    for read in reads:
        host.plays((*streamed(events(piece("Hel"), end=b""), last=False, x_request_id="r-1"), end))
        stream = runner.run(ask_for_stream(any_client, timeout=0.2, stream_idle_timeout=0.2))

        with pytest.raises(StreamError) as raised:
            read(stream)

        assert (raised.value.request_id, raised.value.sent) == ("r-1", True)


def test_an_event_of_ten_megabytes_is_read(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    text = "é" * 5_000_000
    host.plays(streamed(events(piece(text, "stop"))))
    stream = runner.run(ask_for_stream(any_client))

    assert runner.run(stream.get_final_completion()).choices[0].message.content == text


def test_an_event_without_end_is_not_read_for_ever(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays((*streamed(BEGUN, last=False), Trickle(chunk(b"data: " + b"x" * 50_000), 0.001)))
    stream = runner.run(ask_for_stream(any_client.with_options(max_response_bytes=100_000)))

    error_after(runner, stream, StreamError, "longer than 100000 bytes; max_response_bytes= sets that limit")

    works_again(runner, any_client, host)


@cases("kind", [31, 15, -15], ids=["gzip", "deflate", "deflate without its header"])
@cases("lacks", [1, 4, 8])
def test_a_compressed_stream_without_its_last_bytes_is_truncated(
    runner: Runner, any_client: Any, host: ScriptedHost, kind: int, lacks: int
) -> None:
    pack = zlib.compressobj(wbits=kind)
    body = pack.compress(BEGUN) + pack.flush(zlib.Z_SYNC_FLUSH) + pack.compress(b": end\n" * 9) + pack.flush()
    host.plays(streamed(body[:-lacks], content_encoding="gzip" if kind == 31 else "deflate"))
    stream = runner.run(ask_for_stream(any_client))

    error_after(runner, stream, StreamTruncatedError, "content cannot be read: it is cut off")

    serves_the_next_call(runner, any_client, host)


def test_a_stream_that_ends_before_the_answer_is_truncated(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays(streamed(BEGUN))
    stream = runner.run(ask_for_stream(any_client))

    error_after(runner, stream, StreamTruncatedError, "the stream ended before the host said it was finished")


def test_a_stream_whose_connection_breaks_after_the_last_word_is_truncated_and_whole(
    runner: Runner, any_client: Any, host: ScriptedHost
) -> None:
    host.plays((*streamed(events(piece("Hello.", "stop"), end=b""), last=False), RESET))
    stream = runner.run(ask_for_stream(any_client))

    got, error = runner.read_until_fault(stream)

    assert len(got) == 1
    assert type(error) is StreamTruncatedError
    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."
    works_again(runner, any_client, host)


@cases(
    ("content", "kind"),
    [
        (b'{"id": "whole"}', "application/json"),
        (b'{"title": "no"}', "application/problem+json"),
        (b'["a"]', "application/json"),
        (b"<html>Sign in</html>", "text/html; charset=utf-8"),
        (b"out of order", "text/plain"),
    ],
)
def test_a_success_that_is_no_stream_is_a_protocol_error(
    runner: Runner, any_client: Any, host: ScriptedHost, content: bytes, kind: str
) -> None:
    host.plays(answer(200, content, content_type=kind))
    said = re.escape(repr(content.decode()))

    error = fails(
        runner,
        lambda: ask_for_stream(any_client),
        ProtocolError,
        f"a success, but no stream of events; it begins {said}",
    )

    assert (error.status_code, error.body) == (200, content.decode())
    serves_the_next_call(runner, any_client, host)


@pytest.mark.parametrize(
    "steps", [answer(200, b"", content_type="text/event-stream"), (head(204),)], ids=["200", "204"]
)
def test_an_empty_success_is_a_truncated_stream(
    runner: Runner, any_client: Any, host: ScriptedHost, steps: tuple[Step, ...]
) -> None:
    host.plays(steps)
    stream = runner.run(ask_for_stream(any_client))

    got, error = runner.read_until_fault(stream)

    assert (got, stream.snapshot()) == ([], None)
    assert type(error) is StreamTruncatedError
    serves_the_next_call(runner, any_client, host)
