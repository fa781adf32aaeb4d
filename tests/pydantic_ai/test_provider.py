"""Agents of pydantic-ai ask Tensormesh: text, tools, streams, thoughts, typed output, counts, costs, on demand."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, PromptedOutput, RunContext
from pydantic_ai.exceptions import ModelHTTPError, UserError
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter
from pydantic_ai.settings import ModelSettings

from tensormesh import ConfigurationError, RunningCost, Tensormesh
from tensormesh_local import LocalHost
from tensormesh_pydantic_ai import TensormeshProvider, usage_of
from tests.overlay.scripted_host import ScriptedHost, answer
from tests.pydantic_ai.conftest import MODEL, model, run

HELLO = "Say hello in one sentence."
USER = "11111111-2222-3333-4444-555555555555"
ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
}


class River(BaseModel):
    """A river."""

    name: str


def kinds(messages: list[ModelMessage]) -> list[str]:
    """What the messages are made of."""
    return [type(part).__name__ for message in messages for part in message.parts]


def test_an_agent_answers_with_its_thought(host: LocalHost) -> None:
    result = run(Agent(model()), HELLO)

    assert result.output
    assert kinds(result.all_messages()) == ["UserPromptPart", "ThinkingPart", "TextPart"]


def test_tools_are_called_and_told_of(host: LocalHost) -> None:
    agent = Agent(model())

    @agent.tool_plain
    def temperature(city: str) -> str:
        """Tell how warm it is in a city."""
        return f"21 in {city}"

    result = run(agent, "How warm is it in Lyon?")

    assert "21 in Lyon" in result.output
    assert {"ToolCallPart", "ToolReturnPart"} <= {*kinds(result.all_messages())}


@pytest.mark.parametrize("output", [River, PromptedOutput(River)], ids=["as it is", "prompted"])
def test_output_has_a_type(host: LocalHost, output: type[River]) -> None:
    assert run(Agent(model(), output_type=output), "Which river is it, the Rhine?").output == River(name="Rhine")


def test_an_agent_with_tools_and_output_of_a_type_comes_to_an_end(host: LocalHost) -> None:
    """It must call a tool each time: the one that was not called yet is what ends it."""
    agent = Agent(model(), output_type=River)

    @agent.tool_plain
    def flows(city: str) -> str:
        """Tell which river flows through a city."""
        return f"the Rhine, in {city}"

    result = run(agent, "Which river flows through Cologne?")

    assert isinstance(result.output, River)
    assert result.usage.requests == 2


def test_native_output_is_refused_before_anything_is_sent(host: LocalHost) -> None:
    with pytest.raises(UserError, match="Native structured output"):
        run(Agent(model(), output_type=NativeOutput(River)), HELLO)


def test_one_model_in_ten_event_loops_streams_with_counts(host: LocalHost) -> None:
    """The second time, what was asked comes from the cache."""
    agent = Agent(model())

    async def read() -> int:
        async with agent, agent.run_stream("Count to five. " * 40) as stream:
            text = [piece async for piece in stream.stream_text(delta=True)]
        assert text
        assert stream.usage.output_tokens > 0
        return stream.usage.cache_read_tokens

    first, *others = [asyncio.run(read()) for _ in range(10)]

    assert first == 0
    assert min(others) > 0


def test_a_run_has_a_cost(host: LocalHost) -> None:
    with Tensormesh() as client:
        costs = RunningCost(client.control_plane.billing.pricing.serverless.list())
    agent = Agent(model())

    runs = [run(agent, HELLO * 20).usage for _ in range(2)]
    money = [costs.add(usage_of(usage), model=MODEL) for usage in runs]

    assert money[0].to_dict() != money[1].to_dict()
    assert costs.tokens[MODEL].input == sum(usage.input_tokens for usage in runs)
    assert costs.tokens[MODEL].cached == runs[1].cache_read_tokens > 0
    details = usage_of(runs[1]).completion_tokens_details
    assert details is not None
    assert details.reasoning_tokens == runs[1].details["reasoning_tokens"] > 0


@pytest.mark.parametrize(("level", "sent"), [("low", "low"), ("xhigh", "high"), (True, "medium"), (False, "low")])
def test_how_much_a_model_thinks_is_told(host: LocalHost, level: Any, sent: str) -> None:
    run(Agent(model(), model_settings=ModelSettings(thinking=level, temperature=0.5)), HELLO)

    asked = host.requests[-1].body
    assert (asked["reasoning_effort"], asked["temperature"]) == (sent, 0.5)


def test_a_conversation_goes_on_from_json(host: LocalHost) -> None:
    """Thoughts among it, which go back to the model."""
    agent = Agent(model())

    kept = run(agent, HELLO).all_messages_json()
    messages = ModelMessagesTypeAdapter.validate_json(kept)
    result = run(agent, "And once more.", message_history=messages)

    assert kinds(result.all_messages())[:3] == ["UserPromptPart", "ThinkingPart", "TextPart"]
    asked = [record.body for record in host.requests if record.path.endswith("/chat/completions")]
    assert asked[-1]["messages"][1]["reasoning"]


def test_an_agent_asks_another_and_both_are_counted(host: LocalHost) -> None:
    inner, outer = Agent(model()), Agent(model())

    @outer.tool
    async def temperature(ctx: RunContext[None], city: str) -> str:
        """Tell how warm it is in a city."""
        return (await inner.run(f"How warm is it in {city}?", usage=ctx.usage)).output

    assert run(outer, "How warm is it in Lyon?").usage.requests == 3


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_after_a_task_that_was_cancelled_the_next_is_answered(host: LocalHost) -> None:
    """The client of pydantic-ai leaves the socket of such a stream to the collection of garbage."""
    agent = Agent(model())

    async def left() -> None:
        async with agent, agent.run_stream("Count. " * 300) as stream:
            async for _ in stream.stream_text(delta=True, debounce_by=None):
                asyncio.current_task().cancel()  # type: ignore[union-attr]

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(left())
    after = run(agent, HELLO)
    gc.collect()

    assert after.output


def test_a_call_is_sent_once_and_on_demand_has_its_user(monkeypatch: pytest.MonkeyPatch) -> None:
    host = ScriptedHost().start()
    try:
        host.plays(answer(429, {"error": {"message": "full"}}), answer(200, ANSWER, content_type="application/json"))
        agent = Agent(model(api_key="k", base_url=f"{host.url}/v1/", user_id=USER.upper()))

        with pytest.raises(ModelHTTPError, match="full"):
            run(agent, HELLO)
        run(agent, HELLO)
    finally:
        host.stop()

    assert [one.path for one in host.asked] == ["/v1/chat/completions"] * 2
    assert {one.headers["x-user-id"] for one in host.asked} == {USER}
    assert {one.headers["authorization"] for one in host.asked} == {"Bearer k"}


def test_what_is_lacking_is_named() -> None:
    with pytest.raises(ConfigurationError, match="TENSORMESH_INFERENCE_API_KEY"):
        TensormeshProvider()
    with pytest.raises(ConfigurationError, match="TENSORMESH_ON_DEMAND_BASE_URL"):
        TensormeshProvider(api_key="k", user_id=USER)


def test_a_model_that_pydantic_ai_does_not_know_is_asked_all_the_same() -> None:
    profile = TensormeshProvider.model_profile("nobody/knows-it")

    assert profile is not None
    assert profile.get("supports_json_schema_output") is False
