"""Streams that are not what their operation promises, and how they end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh.errors import StreamError, StreamEventError, StreamTruncatedError
from tests.cases import cases
from tests.generated.typed_reading import broken_promises
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, piece, serves_the_next_call, works_again
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import STALL, ScriptedHost, answer, events, head, streamed


def test_blank_lines_before_a_stream_are_none_of_it(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    body = events(piece("Hello."), piece("", "stop"))
    host.plays((head(200, content_length=str(len(body) + 600)), b"\n" * 300, b" \r\n" * 100, body))

    assert "".join(runner.read(runner.run(ask_for_stream(any_client)).text_deltas())) == "Hello."


def test_a_whole_answer_as_an_event_is_one_of_a_single_piece(runner: Runner, client: Any, host: ScriptedHost) -> None:
    message = {"role": "assistant", "content": "<think>Hm.</think>Hello."}
    host.plays(streamed(events({"id": "a", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})))
    stream = runner.run(ask_for_stream(client))

    assert "".join(runner.read(stream.text_deltas())) == "Hello."
    said = runner.run(stream.get_final_completion()).choices[0].message
    assert (said.content, said.reasoning) == ("Hello.", "Hm.")


@cases("kind", ["text/plain; charset=utf-8", "application/json", "application/vnd.host+json", ""])
def test_a_stream_is_told_by_what_it_is(runner: Runner, any_client: Any, host: ScriptedHost, kind: str) -> None:
    content = b": hello\n\n" + events(piece("Hel"), piece("lo.", "stop"))
    host.plays(answer(200, content, **({"content_type": kind} if kind else {})))

    stream = runner.run(ask_for_stream(any_client))

    assert [chunk.choices[0].delta.content for chunk in runner.read(stream)] == ["Hel", "lo."]
    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."
    serves_the_next_call(runner, any_client, host)


@cases("kind", ["application/json", "text/event-stream"])
@cases("indent", [None, 2])
def test_a_whole_answer_in_place_of_a_stream_is_one_of_a_single_piece(
    runner: Runner, any_client: Any, host: ScriptedHost, kind: str, indent: int | None
) -> None:
    host.plays(answer(200, json.dumps(COMPLETION, indent=indent).encode(), content_type=kind))

    stream = runner.run(ask_for_stream(any_client))

    assert runner.read(stream.text_deltas()) == ["Hello."]
    final = runner.run(stream.get_final_completion())
    assert final.to_dict() == COMPLETION


def test_a_response_in_place_of_its_events_has_its_text(runner: Runner, client: Any, host: ScriptedHost) -> None:
    parts = [{"type": "output_text", "text": "Hel"}, {"type": "output_text", "text": "lo."}]
    whole = {"id": "r", "status": "completed", "output": [{"type": "message", "id": "m", "content": parts}]}
    host.plays(answer(200, whole))

    stream = runner.run(client.inference.serverless.responses.create(model="m", input="i", stream=True))

    assert "".join(runner.read(stream.text_deltas())) == "Hello."
    assert runner.run(stream.get_final_response()).to_dict() == whole


@pytest.mark.parametrize("status", ["failed", "incomplete", "cancelled"])
def test_the_text_of_a_response_that_is_not_completed_ends_in_an_error(
    runner: Runner, client: Any, host: ScriptedHost, status: str
) -> None:
    error = {"code": "server_error", "message": "Out of memory."} if status == "failed" else None
    details = {"reason": "max_output_tokens"} if status == "incomplete" else None
    response = {"id": "r", "status": status, "output": [], "error": error, "incomplete_details": details}
    delta = {"type": "response.output_text.delta", "output_index": 0, "delta": "Hal"}
    host.plays(streamed(events(delta, {"type": f"response.{status}", "response": response})))
    stream = runner.run(client.inference.serverless.responses.create(model="m", input="i", stream=True))

    got, fault = runner.read_until_fault(stream.text_deltas())

    assert got == ["Hal"]
    assert isinstance(fault, StreamEventError)
    assert f"the response is {status}: " in str(fault)
    assert fault.status_code == (500 if status == "failed" else None)
    assert runner.run(stream.get_final_response()).status == status


@cases(
    ("last", "why"),
    [
        ({"type": "response.failed"}, "failed: the host says no more"),
        ({"type": "response.failed", "response": None, "message": "Full."}, "failed: Full."),
        ({"type": "response.incomplete", "response": {"incomplete_details": "Full."}}, "incomplete: Full."),
        ({"type": "response.incomplete", "response": {"incomplete_details": ["Full."]}}, "incomplete: "),
    ],
)
def test_a_response_that_ended_badly_in_few_words_did(
    runner: Runner, client: Any, host: ScriptedHost, last: dict[str, Any], why: str
) -> None:
    host.plays(streamed(events({"type": "response.output_text.delta", "output_index": 0, "delta": "Hal"}, last)))
    stream = runner.run(client.inference.serverless.responses.create(model="m", input="i", stream=True))

    got, fault = runner.read_until_fault(stream.text_deltas())

    assert got == ["Hal"]
    assert isinstance(fault, StreamEventError)
    assert f"the response is {why}" in str(fault)


def test_one_choice_that_failed_takes_nothing_from_the_others(runner: Runner, client: Any, host: ScriptedHost) -> None:
    choices = [{"index": 0, "message": {"content": "Hi"}}, {"index": 1, "error": {"message": "Full.", "code": 503}}]
    host.plays(answer(200, {**COMPLETION, "choices": choices}))

    assert runner.run(ask(client)).choices[0].message.content == "Hi"


@cases(
    "read",
    [
        aiter,
        lambda stream: stream.text_deltas(),
        lambda stream: stream.iter_bytes(),
        lambda stream: stream.iter_lines(),
    ],
    ids=["events", "text", "bytes", "lines"],
)
def test_going_on_after_a_timeout_does_not_look_like_the_end(
    asynchronous: Runner, host: ScriptedHost, read: Callable[[Any], Any]
) -> None:
    client = asynchronous.client(**surfaces_of(host))
    host.plays((*streamed(events(piece("Hel"), end=b""), last=False), STALL))

    async def go_on() -> None:
        iterator = read(await ask_for_stream(client))
        waited = False
        while not waited:
            try:
                await asyncio.wait_for(anext(iterator), 0.01)
            except TimeoutError:
                waited = True
        await anext(iterator)

    with pytest.raises(StreamError, match="broken off before its end and cannot go on"):
        asynchronous.run(go_on())


@pytest.mark.parametrize("read", [aiter, lambda stream: stream.text_deltas()], ids=["events", "text"])
def test_closing_what_reads_a_stream_closes_its_connection(
    asynchronous: Runner, host: ScriptedHost, read: Callable[[Any], Any]
) -> None:
    client = asynchronous.client(**surfaces_of(host))
    host.plays((*streamed(events(piece("Hel"), end=b""), last=False), STALL))

    async def leave() -> None:
        iterator = read(await ask_for_stream(client))
        await anext(iterator)
        await iterator.aclose()

    asynchronous.run(leave())

    works_again(asynchronous, client, host)


def test_an_iterator_that_failed_does_not_go_on_as_if_it_had_ended(
    runner: Runner, client: Any, host: ScriptedHost
) -> None:
    host.plays(streamed(events(piece("Hel"), {"error": {"message": "No."}})))
    stream = runner.run(ask_for_stream(client))

    got, first = runner.read_until_fault(stream.text_deltas())
    _, second = runner.read_until_fault(stream)

    assert got == ["Hel"]
    assert type(first) is StreamEventError
    assert type(second) is StreamError


def test_the_loop_of_the_readme_runs_through_what_hosts_send_between_pieces(
    runner: Runner, client: Any, host: ScriptedHost
) -> None:
    odd: list[Any] = [
        {"choices": None},
        {"id": "a"},
        {"choices": [{"index": 0, "delta": None}]},
        {"choices": [{"index": 0}]},
        {"type": "ping"},
        None,
        [],
    ]
    counts = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    content = events(piece("Hel"), *odd, {**piece("lo.", "stop"), "usage": counts}, {"choices": [], "usage": {}})
    host.plays(streamed(b"event: ping\ndata: are you there?\n\n" + content))
    stream = runner.run(ask_for_stream(client))

    texts = [choice.delta.content for chunk in runner.read(stream) for choice in chunk.choices]

    assert "".join(filter(None, texts)) == "Hello."
    assert stream.usage.to_dict() == counts
    assert "type" not in runner.run(stream.get_final_completion()).to_dict()


@cases("odd", [{"id": []}, {"created": "now"}, {"model": 7}, {"object": {}}])
def test_what_was_held_back_has_the_types_of_an_event_whatever_that_came_with(
    runner: Runner, client: Any, host: ScriptedHost, odd: dict[str, Any]
) -> None:
    host.plays(streamed(events({**piece("<thi"), **odd}, end=b"")))

    got, error = runner.read_until_fault(runner.run(ask_for_stream(client)))

    assert [chunk.choices[0].delta.content or "" for chunk in got] == ["", "<thi"]
    assert [list(broken_promises(chunk)) for chunk in got] == [[], []]
    assert type(error) is StreamTruncatedError


def test_counts_within_a_choice_are_counts(runner: Runner, client: Any, host: ScriptedHost) -> None:
    counts = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    last = piece("Hello.", "stop")
    last["choices"][0]["usage"] = counts
    host.plays(streamed(events(last)))
    stream = runner.run(ask_for_stream(client))
    runner.read(stream)

    assert stream.usage.to_dict() == counts


@cases("thought", ["Hm.", [{"type": "text", "text": "Hm."}], {"thinking": "Hm.", "type": "thinking"}])
@cases("key", ["reasoning", "reasoning_content"])
def test_reasoning_in_parts_is_one_text(
    runner: Runner, client: Any, host: ScriptedHost, thought: Any, key: str
) -> None:
    message = {"role": "assistant", "content": [{"type": "text", "text": {"value": "Hi"}}], key: thought}
    host.plays(
        answer(200, {**COMPLETION, "choices": [{"index": 0, "message": message}]}),
        streamed(events(piece(None, **{key: thought}), piece(None, **{key: " So."}), piece("Hi", "stop"))),
    )

    whole = runner.run(ask(client)).choices[0].message
    final = runner.run(runner.run(ask_for_stream(client)).get_final_completion()).choices[0].message

    assert (whole.content, whole.reasoning) == ("Hi", "Hm.")
    assert (final.content, final.reasoning) == ("Hi", "Hm. So.")
