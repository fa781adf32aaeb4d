"""The views of a stream: events, text, reasoning, lines, bytes, and what it all adds up to."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from tensormesh import errors, types
from tensormesh.errors import StreamError
from tests.cases import cases
from tests.overlay.calls import MESSAGES, ask_for_stream, piece, works_again
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import RESET, STALL, ScriptedHost, events, streamed

USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
CHAT = events(
    piece("", role="assistant"),
    piece(None, reasoning="Hm"),
    piece(None, reasoning="m."),
    piece("Hel"),
    piece("lo."),
    piece(None, "stop"),
    {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], "usage": USAGE},
)


def text_piece(text: str, finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "text": text, "finish_reason": finish_reason}
    return {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m", "choices": [choice]}


TEXT = events(text_piece("Hel"), text_piece("lo.", "stop"))


def named(*datas: dict[str, Any]) -> bytes:
    """Events as the Responses API writes them: with names, and without `[DONE]`."""
    return b"".join(b"event: " + data["type"].encode() + b"\n" + events(data, end=b"") for data in datas)


def response(status: str, *texts: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    output = [{"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": content}]
    made = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": status}
    return {**made, "output": output if texts else []}


def delta(kind: str, text: str) -> dict[str, Any]:
    return {"type": f"response.{kind}.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": text}


RESPONSE = named(
    {"type": "response.created", "sequence_number": 0, "response": response("in_progress")},
    delta("reasoning_text", "Hmm."),
    {"type": "response.output_item.added", "output_index": 0, "item": {"id": "msg_1", "type": "message"}},
    delta("output_text", "Hel"),
    delta("output_text", "lo."),
    {"type": "response.completed", "sequence_number": 9, "response": response("completed", "Hello.")},
)


def texts_of(final: Any) -> str:
    return str(final.choices[0].text)


def stream_of(runner: Runner, client: Any, kind: str) -> Any:
    surface = client.inference.serverless
    if kind == "chat":
        return runner.run(surface.chat.completions.create(model="m", messages=MESSAGES, stream=True))
    if kind == "text":
        return runner.run(surface.completions.create(model="m", prompt="p", stream=True))
    return runner.run(surface.responses.create(model="m", input="i", stream=True))


KINDS = [
    pytest.param("chat", CHAT, "ChatCompletionChunk", "ChatCompletionResponse", "get_final_completion", id="chat"),
    pytest.param("text", TEXT, "TextCompletionResponse", "TextCompletionResponse", "get_final_completion", id="text"),
    pytest.param("response", RESPONSE, "Response", "ResponseCreateResponse", "get_final_response", id="response"),
]


@cases(("kind", "content", "event_type", "final_type", "get_final"), KINDS)
def test_a_stream_gives_typed_events_and_then_the_whole_answer(
    runner: Runner,
    client: Any,
    host: ScriptedHost,
    kind: str,
    content: bytes,
    event_type: str,
    final_type: str,
    get_final: str,
) -> None:
    host.plays(streamed(content))
    stream = stream_of(runner, client, kind)

    got = runner.read(stream)
    final = runner.run(getattr(stream, get_final)())

    assert len(got) > 1
    assert all(type(event).__name__.startswith(event_type) for event in got)
    assert type(final) is getattr(types, final_type)
    assert runner.run(stream.get_final()) == final == stream.snapshot()


@cases(("kind", "content", "event_type", "final_type", "get_final"), KINDS)
def test_the_whole_answer_can_be_had_without_the_events(
    runner: Runner,
    client: Any,
    host: ScriptedHost,
    kind: str,
    content: bytes,
    event_type: str,
    final_type: str,
    get_final: str,
) -> None:
    host.plays(streamed(content))
    stream = stream_of(runner, client, kind)

    final = runner.run(getattr(stream, get_final)()).to_dict()

    if kind == "chat":
        message = {"role": "assistant", "content": "Hello.", "reasoning": "Hmm."}
        assert final["object"] == "chat.completion"
        assert final["choices"][0]["message"] == message
        assert final["usage"] == USAGE
    elif kind == "text":
        assert (final["object"], final["choices"][0]["text"]) == ("text_completion", "Hello.")
    else:
        assert final == response("completed", "Hello.")


@pytest.mark.parametrize(("kind", "content"), [("chat", CHAT), ("text", TEXT), ("response", RESPONSE)])
def test_text_deltas_are_the_visible_text(
    runner: Runner, client: Any, host: ScriptedHost, kind: str, content: bytes
) -> None:
    host.plays(streamed(content))

    assert runner.read(stream_of(runner, client, kind).text_deltas()) == ["Hel", "lo."]


@pytest.mark.parametrize(
    ("kind", "content", "reasoning"),
    [("chat", CHAT, ["Hm", "m."]), ("text", TEXT, []), ("response", RESPONSE, ["Hmm."])],
)
def test_reasoning_deltas_are_what_the_model_thought(
    runner: Runner, client: Any, host: ScriptedHost, kind: str, content: bytes, reasoning: list[str]
) -> None:
    host.plays(streamed(content))

    assert runner.read(stream_of(runner, client, kind).reasoning_deltas()) == reasoning


@pytest.mark.parametrize("content", [CHAT, TEXT, RESPONSE])
def test_lines_and_bytes_are_the_body_as_it_came(
    runner: Runner, client: Any, host: ScriptedHost, content: bytes
) -> None:
    odd = content + "data: é\u2028\x85\r\ndata: no end".encode()
    cut = [odd[place : place + 7] for place in range(0, len(odd), 7)]
    host.plays(streamed(*cut), streamed(*cut))

    lines = runner.read(runner.run(ask_for_stream(client)).iter_lines())
    pieces = runner.read(runner.run(ask_for_stream(client)).iter_bytes())

    assert lines == [line.removesuffix("\r") for line in odd.decode().split("\n")]
    assert b"".join(pieces) == odd
    assert host.connections == 1


def test_snapshot_grows_with_what_is_read(runner: Runner, client: Any, host: ScriptedHost) -> None:
    go_on = threading.Event()
    host.plays(streamed(events(piece("Hel", role="assistant"), end=b""), go_on, events(piece("lo.", "stop"))))
    stream = runner.run(ask_for_stream(client))

    assert stream.snapshot() is None
    assert stream.usage is None
    runner.next(stream)
    assert stream.snapshot().choices[0].message.content == "Hel"
    assert stream.snapshot().choices[0].finish_reason is None
    go_on.set()
    runner.read(stream)
    assert stream.snapshot().choices[0].message.content == "Hello."
    assert stream.snapshot().choices[0].finish_reason == "stop"


def test_usage_is_known_once_the_host_has_told_it(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(streamed(CHAT))
    stream = runner.run(ask_for_stream(client, stream_options={"include_usage": True}))

    runner.read(stream)

    assert stream.usage.to_dict() == USAGE
    assert host.asked[0].json["stream_options"] == {"include_usage": True}


def test_a_stream_knows_its_status_headers_and_request(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays(streamed(CHAT, x_request_id="r-9"))
    stream = runner.run(ask_for_stream(any_client))

    assert (stream.status_code, stream.request_id) == (200, "r-9")
    assert stream.headers["content-type"] == "text/event-stream"
    assert repr(stream) == f"<{'Async' if runner.is_async else ''}Stream of create_chat_completion, HTTP 200>"
    runner.run(stream.close())


def test_a_stream_is_read_in_parts_by_turns(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """One event, then the rest of the text, then the whole: nothing is read twice, and nothing is lost."""
    host.plays(streamed(CHAT))
    stream = runner.run(ask_for_stream(client))

    first = runner.next(stream)
    rest = runner.read(stream.text_deltas())

    assert first.choices[0].delta.role == "assistant"
    assert rest == ["Hel", "lo."]
    assert runner.read(stream) == []
    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."


def test_several_choices_are_kept_apart(runner: Runner, client: Any, host: ScriptedHost) -> None:
    def choice(index: int, text: str, finish: str | None = None) -> dict[str, Any]:
        event = piece(text, finish)
        event["choices"][0]["index"] = index
        return event

    host.plays(streamed(events(choice(1, "B1"), choice(0, "A1"), choice(1, "B2", "stop"), choice(0, "A2", "length"))))
    stream = runner.run(ask_for_stream(client, n=2))

    final = runner.run(stream.get_final_completion())

    assert [(one.index, one.message.content, one.finish_reason) for one in final.choices] == [
        (0, "A1A2", "length"),
        (1, "B1B2", "stop"),
    ]


def test_tool_calls_arrive_in_pieces_and_are_put_together(runner: Runner, client: Any, host: ScriptedHost) -> None:
    def call(**function: str) -> dict[str, Any]:
        return {"index": 0, "function": function}

    begun = {**call(name="find", arguments=""), "id": "call_1", "type": "function"}
    host.plays(
        streamed(
            events(
                piece(None, tool_calls=[begun]),
                piece(None, tool_calls=[call(arguments='{"n"')]),
                piece(None, tool_calls=[call(arguments=": 42}")]),
                piece(None, "tool_calls"),
            )
        )
    )
    stream = runner.run(ask_for_stream(client))

    message = runner.run(stream.get_final_completion()).choices[0].message

    assert message.content is None
    assert [one.to_dict() for one in message.tool_calls] == [
        {"type": "function", "function": {"name": "find", "arguments": '{"n": 42}'}, "id": "call_1"}
    ]


@pytest.mark.parametrize(
    ("policy", "texts", "reasoning"),
    [("split", ["Hello."], "Hmm."), ("keep", ["<th", "ink>Hmm.</thi", "nk>\n\nHello."], None)],
)
def test_think_blocks_leave_the_text_of_a_stream_unless_they_are_kept(
    runner: Runner, host: ScriptedHost, policy: str, texts: list[str], reasoning: str | None
) -> None:
    client = runner.client(**surfaces_of(host), think=policy)
    host.plays(streamed(events(piece("<th"), piece("ink>Hmm.</thi"), piece("nk>\n\nHello."), piece(None, "stop"))))
    stream = runner.run(ask_for_stream(client))

    assert runner.read(stream.text_deltas()) == texts
    message = runner.run(stream.get_final_completion()).choices[0].message
    assert (message.content, message.reasoning) == ("".join(texts), reasoning)


def test_a_stream_that_was_closed_has_no_final_answer(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(streamed(events(piece("Hel"), end=b"")))
    stream = runner.run(ask_for_stream(client))
    runner.next(stream)
    runner.run(stream.close())

    with pytest.raises(StreamError, match=r"the stream was closed before its end; snapshot\(\) gives what came"):
        runner.run(stream.get_final_completion())

    assert stream.snapshot().choices[0].message.content == "Hel"


def test_iterators_over_one_stream_take_turns_and_lose_nothing(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """Though the events come in threes, and one iterator is dropped within the second three."""
    words = [f"{number} " for number in range(9)]
    threes = [events(*map(piece, words[start : start + 3]), end=b"") for start in range(0, 9, 3)]
    turns = [threading.Event() for _ in range(2)]
    host.plays(streamed(threes[0], turns[0], threes[1], turns[1], threes[2] + events(piece(None, "stop"))))
    stream = runner.run(ask_for_stream(client))

    got = [runner.next(stream).choices[0].delta.content]
    texts = stream.text_deltas()
    got += [runner.next(texts) for _ in range(2)]
    turns[0].set()
    got.append(runner.next(texts))
    del texts
    turns[1].set()
    got += [one.choices[0].delta.content for one in runner.read(stream)]

    assert got == [*words, None]


def test_what_was_held_back_comes_before_the_error_of_a_connection_that_breaks(
    runner: Runner, client: Any, host: ScriptedHost
) -> None:
    """Text that may yet become a think block, in an event that lacks the blank line after it."""
    go_on = threading.Event()
    host.plays((*streamed(events(piece("", role="assistant"), piece("<thi"), end=b"")[:-1], last=False), go_on, RESET))
    stream = runner.run(ask_for_stream(client))
    runner.next(stream)
    go_on.set()

    got, error = runner.read_until_fault(stream)

    assert [one.choices[0].delta.content for one in got] == [None, "<thi"]
    assert type(error) is errors.StreamTruncatedError
    assert stream.snapshot().choices[0].message.content == "<thi"
    works_again(runner, client, host)


def test_an_event_of_an_unknown_kind_comes_through(runner: Runner, client: Any, host: ScriptedHost) -> None:
    new = {"type": "response.from_the.future", "sequence_number": 1, "what": {"ever": 1}}
    host.plays(streamed(named(new) + RESPONSE))
    stream = stream_of(runner, client, "response")

    assert runner.next(stream).to_dict() == new
    assert runner.run(stream.get_final_response()).to_dict() == response("completed", "Hello.")


def test_a_failed_response_is_a_whole_answer(runner: Runner, client: Any, host: ScriptedHost) -> None:
    failed = {"type": "response.failed", "response": {**response("failed"), "error": {"code": "x", "message": "No."}}}
    host.plays(streamed(named({"type": "response.created", "response": response("in_progress")}, failed)))

    final = runner.run(stream_of(runner, client, "response").get_final_response())

    assert (final.status, final.to_dict()["error"]["message"]) == ("failed", "No.")


def test_an_error_event_of_the_responses_api_is_an_error(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(streamed(named({"type": "error", "code": "server_error", "message": "No more.", "param": None})))

    got, error = runner.read_until_fault(stream_of(runner, client, "response"))

    assert got == []
    assert type(error) is errors.StreamEventError
    assert "No more." in str(error)


@cases(
    "again",
    [
        lambda runner, stream: runner.next(stream),
        lambda runner, stream: runner.read(stream),
        lambda runner, stream: runner.read(stream.text_deltas()),
        lambda runner, stream: runner.read(stream.reasoning_deltas()),
        lambda runner, stream: runner.run(stream.get_final_completion()),
    ],
)
def test_reading_on_after_a_fault_does_not_look_like_the_end(
    runner: Runner, client: Any, host: ScriptedHost, again: Any
) -> None:
    host.plays((*streamed(events(piece("Hel"), end=b""), last=False), RESET))
    stream = runner.run(ask_for_stream(client))
    runner.read_until_fault(stream)

    with pytest.raises(StreamError, match=r"snapshot\(\) gives what came"):
        again(runner, stream)

    assert stream.snapshot().choices[0].message.content == "Hel"


def test_reading_on_after_a_cancellation_does_not_look_like_the_end(asynchronous: Runner, host: ScriptedHost) -> None:
    client = asynchronous.client(**surfaces_of(host))
    host.plays((*streamed(events(piece("Hel"), end=b""), last=False), STALL))

    async def read_on() -> None:
        stream = await ask_for_stream(client)
        await anext(stream)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stream), 0.01)
        await anext(stream)

    with pytest.raises(StreamError, match="broken off before its end and cannot go on"):
        asynchronous.run(read_on())


def test_a_stream_with_nothing_in_it_has_no_final_answer(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(streamed(events()))

    with pytest.raises(StreamError, match="there was nothing of an answer in it"):
        runner.run(runner.run(ask_for_stream(client)).get_final_completion())
