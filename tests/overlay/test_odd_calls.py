"""Calls of tools that hosts send in odd forms are made once, each its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases import cases
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, piece
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed

CALL = {"index": 0, "id": "call-1", "type": "function", "function": {"name": "pay", "arguments": '{"sum": 5}'}}


@cases(
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
        pytest.param(
            [
                {**CALL, "function": {"name": "pay", "arguments": '{"sum"'}},
                {**CALL, "id": "call-2", "function": {"name": "pay", "arguments": ": 5}"}},
            ],
            id="a new id and the name with every piece",
        ),
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


@cases(
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
@cases("output", [[], None, [None]])
def test_no_item_of_a_response_takes_the_place_of_another(
    runner: Runner, client: Any, host: ScriptedHost, said: list[dict[str, Any]], output: Any
) -> None:
    last = {"type": "response.completed", "response": {"id": "r", "status": "completed", "output": output}}
    host.plays(streamed(events(*said, last)))
    stream = runner.run(client.inference.serverless.responses.create(model="m", input="i", stream=True))

    items = runner.run(stream.get_final_response()).output

    assert [(one.name, one.arguments) for one in items] == [("f", "{}"), ("g", "[]")]
