"""The same call by `openai` and by this package: the same bytes of JSON go out, the same text comes back."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from typing import Any

import pytest

import tensormesh
from tensormesh import AsyncTensormesh
from tensormesh_local import LocalHost
from tests.interplay.conftest import HELLO, KEY, MODEL, WEATHER, WEATHER_QUESTION
from tests.interplay.installed import needs
from tests.overlay.conftest import Runner

openai = needs("openai")


@pytest.fixture
def theirs(host: LocalHost) -> Iterator[Any]:
    with openai.OpenAI(base_url=f"{host.serverless_base_url}/v1", api_key=KEY) as client:
        yield client


def bodies(host: LocalHost) -> list[Any]:
    return [request.body for request in host.requests]


CHATS: dict[str, dict[str, Any]] = {
    "plain": {"messages": HELLO},
    "settings": {
        "messages": HELLO,
        "max_tokens": 9,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop": ["end"],
        "seed": 3,
        "n": 2,
        "logprobs": True,
        "user": "somebody",
    },
    "tools": {"messages": WEATHER_QUESTION, "tools": [WEATHER], "tool_choice": "auto", "parallel_tool_calls": False},
    "json": {"messages": HELLO, "response_format": {"type": "json_object"}},
    "null": {"messages": HELLO, "temperature": None},
    "extra": {"messages": HELLO, "extra_body": {"top_k": 4}},
    "reasoning": {"messages": HELLO, "reasoning_effort": "low"},
}


@pytest.mark.parametrize("fields", CHATS.values(), ids=CHATS)
def test_a_chat_is_the_same_call(
    fields: dict[str, Any], ours: Any, theirs: Any, runner: Runner, host: LocalHost
) -> None:
    one = runner.run(ours.chat.completions.create(model=MODEL, **fields))
    other = theirs.chat.completions.create(model=MODEL, **fields)

    sent = bodies(host)
    assert sent[0] == sent[1]
    assert [choice.message.content for choice in one.choices] == [choice.message.content for choice in other.choices]


def test_a_streamed_chat_is_the_same_call(ours: Any, theirs: Any, runner: Runner, host: LocalHost) -> None:
    asked = {"model": MODEL, "messages": HELLO, "stream": True, "stream_options": {"include_usage": True}}

    one = runner.read(runner.run(ours.chat.completions.create(**asked)))
    other = list(theirs.chat.completions.create(**asked))

    texts = [
        "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) for chunks in (one, other)
    ]
    sent = bodies(host)
    assert sent[0] == sent[1]
    assert texts[0] == texts[1] != ""
    assert one[-1].usage.total_tokens == other[-1].usage.total_tokens


def test_a_response_is_the_same_call(ours: Any, theirs: Any, runner: Runner, host: LocalHost) -> None:
    asked = {"model": MODEL, "input": "Say hello.", "max_output_tokens": 200, "instructions": "Be brief."}

    one = runner.run(ours.responses.create(**asked))
    other = theirs.responses.create(**asked)

    texts = [part.text for item in one.output if item.type == "message" for part in item.content]
    sent = bodies(host)
    assert sent[0] == sent[1]
    assert "".join(texts) == other.output_text


def test_a_completion_is_the_same_call(ours: Any, theirs: Any, runner: Runner, host: LocalHost) -> None:
    asked = {"model": MODEL, "prompt": "Roses are", "max_tokens": 8}

    one = runner.run(ours.completions.create(**asked))
    other = theirs.completions.create(**asked)

    sent = bodies(host)
    assert sent[0] == sent[1]
    assert one.choices[0].text == other.choices[0].text


def test_a_raw_answer_is_the_same_call(ours: Any, theirs: Any, runner: Runner, host: LocalHost) -> None:
    one = runner.run(ours.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO))
    other = theirs.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO)

    assert (one.status_code, one.parsed.choices[0].message.content) == (
        other.status_code,
        other.parse().choices[0].message.content,
    )
    assert one.request_id == host.requests[0].request_id
    assert other.request_id == host.requests[1].request_id


def test_the_models_are_the_same(ours: Any, theirs: Any, runner: Runner) -> None:
    assert [model.id for model in runner.run(ours.models.list()).data] == [model.id for model in theirs.models.list()]


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (409, "ConflictError"),
        (422, "UnprocessableEntityError"),
        (429, "RateLimitError"),
        (503, "InternalServerError"),
    ],
)
def test_an_error_has_the_same_name(
    status: int, name: str, ours: Any, theirs: Any, runner: Runner, host: LocalHost
) -> None:
    host.faults.add({"status": status, "times": 2})

    with pytest.raises(getattr(tensormesh, name)) as one:
        runner.run(ours.chat.completions.create(model=MODEL, messages=HELLO))
    with pytest.raises(getattr(openai, name)) as other:
        theirs.with_options(max_retries=0).chat.completions.create(model=MODEL, messages=HELLO)

    assert one.value.status_code == other.value.status_code == status
    assert one.value.request_id == host.requests[0].request_id


def test_an_error_has_the_same_body_but_for_one_level(ours: Any, theirs: Any, runner: Runner) -> None:
    """This package keeps what the host sent; `openai` takes `error` out of it."""
    with pytest.raises(tensormesh.NotFoundError) as one:
        runner.run(ours.chat.completions.create(model="no/such", messages=HELLO))
    with pytest.raises(openai.NotFoundError) as other:
        theirs.chat.completions.create(model="no/such", messages=HELLO)

    assert one.value.body == {"error": other.value.body}


def test_what_is_left_out_is_left_out_and_not_marked(ours: Any, runner: Runner, host: LocalHost) -> None:
    """The marker of `openai` for an argument that was not given means nothing here, and is refused unsent."""
    with pytest.raises(tensormesh.ValidationError, match="Omit"):
        runner.run(ours.chat.completions.create(model=MODEL, messages=HELLO, temperature=openai.omit))

    assert list(host.requests) == []
    runner.run(ours.chat.completions.create(model=MODEL, messages=HELLO, temperature=tensormesh.UNSET))
    assert bodies(host) == [{"model": MODEL, "messages": HELLO}]


def in_ten_event_loops(create: Any) -> list[bool]:
    """Which of ten event loops, one after another, had three answers."""

    async def three() -> bool:
        asked = [create(model=MODEL, messages=HELLO) for _ in range(3)]
        return not any(isinstance(one, Exception) for one in await asyncio.gather(*asked, return_exceptions=True))

    return [asyncio.run(three()) for _ in range(10)]


@pytest.mark.filterwarnings("ignore")  # its sockets are left open
def test_one_client_serves_ten_event_loops_where_one_of_openai_does_not(host: LocalHost) -> None:
    ours = AsyncTensormesh(inference_api_key=KEY, serverless_base_url=host.serverless_base_url)
    theirs = openai.AsyncOpenAI(base_url=f"{host.serverless_base_url}/v1", api_key=KEY, max_retries=0)

    assert all(in_ten_event_loops(ours.inference.serverless.chat.completions.create))
    assert not all(in_ten_event_loops(theirs.chat.completions.create))
    del theirs
    gc.collect()
