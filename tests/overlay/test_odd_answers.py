"""Answers that are not what they should be: a failure never passes for an answer, and an answer never for a failure."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh.errors import (
    InternalServerError,
    ProtocolError,
    RateLimitError,
    StreamError,
    StreamEventError,
)
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, fails, piece, serves_the_next_call, works_again
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import STALL, ScriptedHost, answer, events, head, streamed

SLOW_DOWN = {"error": {"message": "Slow down.", "code": 429}}


@pytest.mark.parametrize("around", [{}, {"choices": None}, {"choices": []}, {"id": "a", "choices": []}])
@pytest.mark.parametrize("call", [ask, ask_for_stream], ids=["whole", "stream"])
def test_an_error_under_a_success_is_the_error_that_it_names(
    runner: Runner, any_client: Any, host: ScriptedHost, around: dict[str, Any], call: Callable[[Any], Any]
) -> None:
    host.plays(answer(200, {**SLOW_DOWN, **around}, x_request_id="r-1"))

    error = fails(runner, lambda: call(any_client), RateLimitError, r"^Slow down\. \(HTTP 200 .*reports an error")

    assert (error.status_code, error.request_id, error.body) == (429, "r-1", {**SLOW_DOWN, **around})
    serves_the_next_call(runner, any_client, host)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"code": "503", "message": "Full."}, InternalServerError),
        ({"error": {"message": "Full.", "code": "rate_limit_exceeded"}}, RateLimitError),
        ({"error": "Full."}, ProtocolError),
        ({"detail": "Full."}, ProtocolError),
        ({"object": "error", "message": "Full."}, ProtocolError),
        ({"choices": None, "base_resp": {"status_code": 1008, "status_msg": "Full."}}, ProtocolError),
        ({"choices": [{"index": 0, "error": {"message": "Full.", "code": 503}}]}, InternalServerError),
        ({"choices": [{"index": 0, "message": {"content": "Hi"}, "error": "Full."}]}, ProtocolError),
        ({"error": [{"message": "Full.", "code": 429}]}, RateLimitError),
        ({"errors": ["Full."]}, ProtocolError),
    ],
)
def test_an_error_of_any_shape_is_told_with_its_words(
    runner: Runner, client: Any, host: ScriptedHost, body: dict[str, Any], kind: type[Exception]
) -> None:
    for call in (ask, ask_for_stream):
        host.plays(answer(200, body))
        fails(runner, lambda call=call: call(client), kind, r"^Full\. \(HTTP 200 .*reports an error")


@pytest.mark.parametrize("body", [{}, {"choices": None}, {"choices": "none"}, {"choices": [None]}, {"id": "a"}])
def test_an_answer_without_choices_is_none(runner: Runner, client: Any, host: ScriptedHost, body: Any) -> None:
    host.plays(answer(200, body))

    error = fails(runner, lambda: ask(client), ProtocolError, "a success, but its body holds no choices")

    assert json.loads(error.body) == body


def test_a_list_that_holds_an_error_is_none(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, SLOW_DOWN), answer(200, {"code": 7, "message": "No.", "details": []}))

    fails(runner, client.inference.serverless.models.list, RateLimitError, "Slow down")
    fails(runner, client.control_plane.products.list, ProtocolError, "No")


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


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", "application/json", "application/vnd.host+json", ""])
def test_a_stream_is_told_by_what_it_is(runner: Runner, any_client: Any, host: ScriptedHost, kind: str) -> None:
    content = b": hello\n\n" + events(piece("Hel"), piece("lo.", "stop"))
    host.plays(answer(200, content, **({"content_type": kind} if kind else {})))

    stream = runner.run(ask_for_stream(any_client))

    assert [chunk.choices[0].delta.content for chunk in runner.read(stream)] == ["Hel", "lo."]
    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."
    serves_the_next_call(runner, any_client, host)


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("indent", [None, 2])
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


def test_a_host_that_streams_unasked_is_told_as_such(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(streamed(events(piece("Hi", "stop"))))

    error = fails(runner, lambda: ask(client), ProtocolError, "a stream of events, and none was asked for")

    assert "base URL" not in str(error)


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


@pytest.mark.parametrize(
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


def test_a_response_that_failed_is_no_answer(runner: Runner, client: Any, host: ScriptedHost) -> None:
    error = {"code": "server_error", "message": "Out of memory."}
    host.plays(answer(200, {"id": "r", "status": "failed", "output": [], "error": error}))

    fails(
        runner,
        lambda: client.inference.serverless.responses.create(model="m", input="i"),
        InternalServerError,
        "Out of memory",
    )


@pytest.mark.parametrize(
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


def test_counts_within_a_choice_are_counts(runner: Runner, client: Any, host: ScriptedHost) -> None:
    counts = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    last = piece("Hello.", "stop")
    last["choices"][0]["usage"] = counts
    host.plays(streamed(events(last)))
    stream = runner.run(ask_for_stream(client))
    runner.read(stream)

    assert stream.usage.to_dict() == counts


CALL = {"index": 0, "id": "call-1", "type": "function", "function": {"name": "pay", "arguments": '{"sum": 5}'}}


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([CALL, CALL], id="sent twice"),
        pytest.param([{**CALL, "index": "0"}, {**CALL, "index": 0.0}], id="an index as text"),
        pytest.param(
            [
                {**CALL, "function": {"name": "pay", "arguments": '{"sum"'}},
                {"index": 0, "function": {"arguments": ": 5}"}},
                CALL,
            ],
            id="pieces and then the whole",
        ),
        pytest.param([CALL, {**CALL, "function": {"name": "pay", "arguments": '{"sum":5}\n'}}], id="other white space"),
        pytest.param(
            [
                {**CALL, "function": {"name": "pay", "arguments": {}}},
                {"index": 0, "function": {"arguments": '{"sum"'}},
                {"index": 0, "function": {"arguments": ": 5}"}},
            ],
            id="an empty object and then pieces",
        ),
        pytest.param([{**CALL, "function": {"name": "pay", "arguments": {"sum": 5}}}], id="arguments as an object"),
    ],
)
def test_a_tool_call_is_made_once(
    runner: Runner, client: Any, host: ScriptedHost, pieces: list[dict[str, Any]]
) -> None:
    host.plays(streamed(events(*(piece(None, tool_calls=[one]) for one in pieces), piece(None, "tool_calls"))))

    final = runner.run(runner.run(ask_for_stream(client)).get_final_completion())

    (call,) = final.choices[0].message.tool_calls
    assert (call.id, call.function.name, call.function.arguments) == ("call-1", "pay", '{"sum": 5}')


def test_arguments_of_a_whole_answer_are_text(runner: Runner, client: Any, host: ScriptedHost) -> None:
    call = {**CALL, "function": {"name": "pay", "arguments": {"sum": 5}}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    host.plays(answer(200, {**COMPLETION, "choices": [{"index": 0, "message": message}]}))

    (call,) = runner.run(ask(client)).choices[0].message.tool_calls

    assert call.function.arguments == '{"sum": 5}'


def test_items_of_a_response_are_told_apart_by_their_ids(runner: Runner, client: Any, host: ScriptedHost) -> None:
    said: list[dict[str, Any]] = [
        {"type": "response.created", "response": {"id": "r", "output": []}},
        {"type": "response.output_item.added", "item": {"type": "reasoning", "id": "rs"}},
        {"type": "response.reasoning_text.delta", "item_id": "rs", "delta": "Hm."},
        {"type": "response.output_item.added", "item": {"type": "function_call", "id": "a", "name": "f"}},
        {"type": "response.output_item.added", "item": {"type": "function_call", "id": "b", "name": "g"}},
        {"type": "response.function_call_arguments.delta", "item_id": "a", "delta": "{}"},
        {"type": "response.function_call_arguments.delta", "item_id": "b", "delta": "[]"},
        {"type": "response.completed", "response": {"id": "r", "status": "completed", "output": []}},
    ]
    host.plays(streamed(events(*said)))
    stream = runner.run(client.inference.serverless.responses.create(model="m", input="i", stream=True))

    thought, first, second = runner.run(stream.get_final_response()).output

    assert (thought.type, thought.content[0].text) == ("reasoning", "Hm.")
    assert [(one.name, one.arguments) for one in (first, second)] == [("f", "{}"), ("g", "[]")]


def _call_added(name: str, **where: Any) -> dict[str, Any]:
    return {"type": "response.output_item.added", "item": {"type": "function_call", "id": name, "name": name}, **where}


def _call_done(name: str, arguments: str) -> dict[str, Any]:
    item = {"type": "function_call", "name": name, "arguments": arguments}
    return {"type": "response.output_item.done", "item": item}


ARGUMENTS = "response.function_call_arguments.delta"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            [
                _call_added("f", output_index=0),
                {"type": ARGUMENTS, "output_index": 0, "item_id": "f", "delta": "{}"},
                _call_added("g", output_index=0),
                {"type": ARGUMENTS, "output_index": 0, "item_id": "g", "delta": "[]"},
            ],
            id="all at one index",
        ),
        pytest.param([_call_done("f", "{}"), _call_done("g", "[]"), _call_done("g", "[]")], id="whole, without a name"),
    ],
)
@pytest.mark.parametrize("output", [[], None, [None]])
def test_no_item_of_a_response_takes_the_place_of_another(
    runner: Runner, client: Any, host: ScriptedHost, said: list[dict[str, Any]], output: Any
) -> None:
    last = {"type": "response.completed", "response": {"id": "r", "status": "completed", "output": output}}
    host.plays(streamed(events(*said, last)))
    stream = runner.run(client.inference.serverless.responses.create(model="m", input="i", stream=True))

    items = runner.run(stream.get_final_response()).output

    assert [(one.name, one.arguments) for one in items] == [("f", "{}"), ("g", "[]")]


@pytest.mark.parametrize("thought", ["Hm.", [{"type": "text", "text": "Hm."}], {"thinking": "Hm.", "type": "thinking"}])
@pytest.mark.parametrize("key", ["reasoning", "reasoning_content"])
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


def test_a_message_without_a_role_can_go_back(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(
        answer(200, {**COMPLETION, "choices": [{"index": 0, "message": {"content": "Hi \ud83d"}}]}),
        answer(200, COMPLETION),
    )
    message = runner.run(ask(client)).choices[0].message

    runner.run(client.inference.serverless.chat.completions.create(model="m", messages=[message]))

    assert host.asked[1].json["messages"] == [{"content": "Hi \ud83d", "role": "assistant"}]
