"""A model calls Python functions until the answer is there."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from tensormesh import ToolCall, tool
from tensormesh.errors import ConfigurationError, InternalServerError, ToolLoopError
from tests.cases import cases
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed

QUESTION = [{"role": "user", "content": "How warm is it in Lyon?"}]


def degrees(city: str) -> dict[str, Any]:
    """Tell how warm it is in a city."""
    return {"city": city, "degrees": 21}


async def awaited_degrees(city: str) -> dict[str, Any]:
    """Tell how warm it is in a city."""
    return {"city": city, "degrees": 21}


def broken(city: str) -> str:
    """Tell how warm it is in a city."""
    raise LookupError(f"no station in {city}")


def says(text: str | None = None, *calls: tuple[str, str], usage: Any = None) -> Any:
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [
            {"id": f"c-{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for number, (name, arguments) in enumerate(calls)
        ]
    return answer(200, {"model": "m", "choices": [{"index": 0, "message": message}], "usage": usage})


def run(runner: Runner, client: Any, *tools: Any, **fields: Any) -> Any:
    given = {"model": "m", "messages": QUESTION, **fields}
    return runner.run(client.inference.serverless.run_tools(list(tools), **given))


def told(host: ScriptedHost, number: int = -1) -> list[str]:
    """The results that a request carries."""
    return [one["content"] for one in host.asked[number].json["messages"] if one["role"] == "tool"]


def test_tools_are_called_until_the_answer_is_there(runner: Runner, client: Any, host: ScriptedHost) -> None:
    calls = ("degrees", '{"city": "Lyon"}'), ("degrees", '{"city": "Nice"}')
    host.plays(says(None, *calls), says("It is 21 degrees."))

    done = run(runner, client, degrees, temperature=0.5)

    assert done.text == "It is 21 degrees."
    assert told(host) == ['{"city": "Lyon", "degrees": 21}', '{"city": "Nice", "degrees": 21}']
    assert [one.json["tools"][0]["function"]["name"] for one in host.asked] == ["degrees", "degrees"]
    assert {one.json["temperature"] for one in host.asked} == {0.5}
    assert [json.loads(json.dumps(one, default=dict))["role"] for one in done.messages] == [
        "user", "assistant", "tool", "tool", "assistant",
    ]  # fmt: skip
    assert [one["tool_call_id"] for one in host.asked[-1].json["messages"][2:]] == ["c-0", "c-1"]
    assert len(done.answers) == 2
    assert QUESTION == [{"role": "user", "content": "How warm is it in Lyon?"}]


def test_a_conversation_goes_on_with_what_was_said(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(says(None, ("degrees", '{"city": "Lyon"}')), says("21."), says("Yes."))

    first = run(runner, client, degrees)
    second = run(runner, client, degrees, messages=[*first.messages, {"role": "user", "content": "Sure?"}])

    assert [one["role"] for one in host.asked[-1].json["messages"]] == [
        "user",
        "assistant",
        "tool",
        "assistant",
        "user",
    ]
    assert second.text == "Yes."


def test_an_answer_without_calls_is_the_answer(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(says("Hello."))

    assert run(runner, client, degrees).text == "Hello."


def test_asynchronous_functions_are_awaited(asynchronous: Runner, host: ScriptedHost) -> None:
    client = asynchronous.client(inference_api_key="k", serverless_base_url=host.url)
    host.plays(says(None, ("awaited_degrees", '{"city": "Lyon"}')), says("21."))

    assert run(asynchronous, client, awaited_degrees).text == "21."
    assert told(host) == ['{"city": "Lyon", "degrees": 21}']


def in_pieces(*deltas: dict[str, Any]) -> Any:
    """An answer that is written piece by piece."""
    chunks = [{"model": "m", "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    chunks.append({"model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return streamed(events(*chunks))


CALLED = {
    "tool_calls": [
        {"index": 0, "id": "c-0", "type": "function", "function": {"name": "degrees", "arguments": '{"city": "Lyon"}'}}
    ]
}


def test_chunks_are_seen_as_they_are_written_and_tools_are_called(
    runner: Runner, client: Any, host: ScriptedHost
) -> None:
    host.plays(in_pieces({"reasoning": "Hm."}, CALLED), in_pieces({"content": "21 "}, {"content": "degrees."}))
    seen: list[Any] = []

    done = run(runner, client, degrees, on_chunk=seen.append)

    deltas = [choice.delta for chunk in seen for choice in chunk.choices]
    assert [delta.reasoning for delta in deltas if delta.reasoning] == ["Hm."]
    assert [delta.content for delta in deltas if delta.content] == ["21 ", "degrees."]
    assert done.text == "21 degrees."
    assert told(host) == ['{"city": "Lyon", "degrees": 21}']
    assert [one.json["stream"] for one in host.asked] == [True, True]


def test_what_sees_chunks_may_be_asynchronous(asynchronous: Runner, host: ScriptedHost) -> None:
    client = asynchronous.client(inference_api_key="k", serverless_base_url=host.url)
    host.plays(in_pieces({"content": "Hello."}))
    seen: list[Any] = []

    async def see(chunk: Any) -> None:
        seen.append(chunk)

    assert run(asynchronous, client, degrees, on_chunk=see).text == "Hello."
    assert len(seen) == 2


def test_an_exception_of_what_sees_chunks_is_the_callers(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(in_pieces({"content": "Hello."}))

    def fail(chunk: Any) -> None:
        raise LookupError("no terminal")

    with pytest.raises(LookupError, match="no terminal"):
        run(runner, client, degrees, on_chunk=fail, on_error=lambda error, call: "told to the model")


def test_a_synchronous_client_refuses_what_it_cannot_await(synchronous: Runner) -> None:
    client = synchronous.client(inference_api_key="k")

    with pytest.raises(ConfigurationError, match=r"awaited_degrees is asynchronous: .* AsyncTensormesh awaits it"):
        run(synchronous, client, awaited_degrees)


@cases(
    ("call", "words"),
    [
        (("degrees", '{"city": 7}'), "Error: the argument 'city': 7 is no string."),
        (("degrees", '{"city": "Ly'), "Error: the arguments are not JSON"),
        (("degrees", "{}"), "Error: the argument 'city' is missing."),
        (("celsius", "{}"), "Error: there is no tool 'celsius'; there are degrees."),
    ],
)
def test_a_mistake_of_the_model_is_told_to_it(
    runner: Runner, client: Any, host: ScriptedHost, call: Any, words: str
) -> None:
    host.plays(says(None, call), says("Sorry."))

    assert run(runner, client, degrees).text == "Sorry."
    assert told(host)[0].startswith(words)


def test_what_a_function_raises_is_the_callers(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(says(None, ("broken", '{"city": "Lyon"}')))

    with pytest.raises(LookupError, match="no station in Lyon"):
        run(runner, client, broken)


def test_what_a_function_raises_can_be_told_to_the_model(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(says(None, ("broken", '{"city": "Lyon"}')), says("Nobody knows."))
    seen = []

    def on_error(error: Exception, call: ToolCall) -> str:
        seen.append((call.tool.name, call.arguments))
        return f"It failed: {error}"

    assert run(runner, client, broken, on_error=on_error).text == "Nobody knows."
    assert told(host) == ["It failed: no station in Lyon"]
    assert seen == [("broken", {"city": "Lyon"})]


def test_a_model_that_never_answers_is_left(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """With all that was said until then."""
    host.plays(*[says(None, ("degrees", '{"city": "Lyon"}'))] * 3)

    with pytest.raises(ToolLoopError, match=r"asked 3 times and still calls tools \(degrees\)") as caught:
        run(runner, client, degrees, limit=3)

    assert (len(caught.value.run.answers), len(caught.value.run.messages)) == (3, 7)
    assert len(pickle.loads(pickle.dumps(caught.value)).run.messages) == 7


def test_who_had_to_call_a_tool_once_need_not_for_ever(runner: Runner, client: Any, host: ScriptedHost) -> None:
    named = {"type": "function", "function": {"name": "degrees"}}
    for choice in ("required", named):
        host.plays(says(None, ("degrees", '{"city": "Lyon"}')), says("21."))
        run(runner, client, degrees, tool_choice=choice)

        assert host.asked[-2].json["tool_choice"] == choice
        assert "tool_choice" not in host.asked[-1].json


def test_a_tool_that_is_described_only_is_left_to_the_caller(runner: Runner, client: Any, host: ScriptedHost) -> None:
    theirs = {"type": "function", "function": {"name": "ask_user", "description": "Ask.", "parameters": {}}}
    host.plays(says(None, ("ask_user", "{}")))

    done = run(runner, client, degrees, tools=[theirs])

    assert done.answer.choices[0].message.tool_calls[0].function.name == "ask_user"
    assert [one["function"]["name"] for one in host.asked[0].json["tools"]] == ["degrees", "ask_user"]


def test_a_request_that_fails_is_told(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(500, {}))

    with pytest.raises(InternalServerError):
        run(runner, client, degrees)


@cases(
    ("tools", "fields", "reason"),
    [
        ([], {}, "needs tools"),
        ([degrees, tool(degrees)], {}, "two tools are called 'degrees'"),
        ([degrees], {"stream": True}, "on_chunk= sees each"),
        ([degrees], {"limit": 0}, "limit is 0"),
        ([degrees], {"limit": True}, "limit is True"),
        ([degrees], {"messages": "Hello"}, "needs messages"),
        ([degrees], {"messages": None}, "needs messages"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_sent(
    runner: Runner, client: Any, tools: Any, fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        run(runner, client, *tools, **fields)


@cases("calls", [[], None, 7, [{"id": "c"}], [{"function": {"name": "degrees"}}]])
def test_odd_calls_end_in_an_answer_or_in_an_error_of_ours(
    runner: Runner, client: Any, host: ScriptedHost, calls: Any
) -> None:
    from tensormesh.errors import TensormeshError

    message = {"role": "assistant", "content": "?", "tool_calls": calls}
    host.always_plays(answer(200, {"choices": [{"index": 0, "message": message}]}))

    try:
        assert run(runner, client, degrees, limit=2).text == "?"
    except TensormeshError:
        assert calls
