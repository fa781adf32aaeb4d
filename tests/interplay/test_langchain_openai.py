"""What LangChain loses where it takes Tensormesh for OpenAI, and our chat model keeps: the guide's table."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tensormesh import RunningCost, Tensormesh
from tensormesh_local import LocalHost, Options
from tests.interplay.conftest import KEY, MODEL
from tests.interplay.installed import needs
from tests.promises.test_tables import ROOT

langchain_openai = needs("langchain_openai")

from langchain_core.messages import HumanMessage, ToolMessage  # noqa: E402  (there is none where tests are skipped)
from pydantic import BaseModel  # noqa: E402

from tensormesh_langchain import ChatTensormesh  # noqa: E402

DOCUMENT = Path(ROOT) / "docs" / "guide" / "langchain.md"
QUESTION = "Why is the sky blue?"
LONG = "Tell me of rivers. " * 40


class Forecast(BaseModel):
    city: str


class River(BaseModel):
    """A river."""

    name: str


def plain(host: LocalHost, **settings: Any) -> Any:
    """Tensormesh as if it were OpenAI."""
    return langchain_openai.ChatOpenAI(
        model=MODEL, base_url=f"{host.serverless_base_url}/v1", api_key=host.inference_api_key, **settings
    )


def own(host: LocalHost, **settings: Any) -> ChatTensormesh:
    return ChatTensormesh(model=MODEL, base_url=host.serverless_base_url, api_key=host.inference_api_key, **settings)


def streamed(model: Any, text: str = QUESTION) -> Any:
    return reduce(add, model.stream(text))


def kinds(message: Any) -> list[str]:
    return [block["type"] for block in message.content_blocks]


def refused(call: Callable[[], Any]) -> bool:
    try:
        call()
    except langchain_openai.chat_models.base.openai.BadRequestError:
        return True
    return False


def sent_back(model: Any, host: LocalHost) -> Any:
    """What a thought has become that goes back in a tool loop."""
    asking = model.bind_tools([River], tool_choice="auto")
    question = HumanMessage("Which river is it, the Rhine?")
    called = asking.invoke([question])
    results = [ToolMessage("noted", tool_call_id=call["id"]) for call in called.tool_calls]
    asking.invoke([question, called, *results])
    return host.requests[-1].body["messages"][1].get("reasoning")


def cached(message: Any) -> int | None:
    return ((message.usage_metadata or {}).get("input_token_details") or {}).get("cache_read")


def twice(model: Any, text: str = LONG) -> Any:
    streamed(model, text)
    return streamed(model, text)


def loops(model: Any) -> list[bool]:
    """Which of ten event loops, one after another, gave answers."""

    async def three() -> bool:
        answers = await model.abatch([QUESTION] * 3, return_exceptions=True)
        return not any(isinstance(answer, Exception) for answer in answers)

    return [asyncio.run(three()) for _ in range(10)]


def costs(host: LocalHost) -> RunningCost:
    with Tensormesh(
        control_plane_base_url=host.control_plane_base_url, control_plane_token=host.control_plane_token
    ) as client:
        return RunningCost(client.control_plane.billing.pricing.serverless.list())


def tries(model: Any, host: LocalHost) -> int:
    """How often a call is sent that the host turns away."""
    host.faults.add({"status": 429, "headers": {"Retry-After": "0"}, "times": None})
    with pytest.raises(Exception, match="429"):
        model.invoke(QUESTION)
    return len(host.requests)


def fetches_a_vocabulary(model: Any) -> bool:
    """Whether counting asks another machine for the vocabulary of another model."""
    with patch("tiktoken.load.read_file", side_effect=OSError("no other machine is asked here")) as fetch:
        with suppress(OSError):
            model.get_num_tokens("Hello there")
        return bool(fetch.called)


def counted_by(model: Any, host: LocalHost) -> list[str]:
    """Where counting asked this host."""
    assert model.get_num_tokens("Hello there") > 0
    return [record.path for record in host.requests]


Row = tuple[Callable[[LocalHost], Any], Any, Callable[[LocalHost], Any], Any]

ROWS: dict[str, Row] = {
    "the thought of an answer": (
        lambda host: kinds(plain(host).invoke(QUESTION)), ["text"],
        lambda host: kinds(own(host).invoke(QUESTION)), ["reasoning", "text"],
    ),
    "the thought of a stream": (
        lambda host: kinds(streamed(plain(host))), ["text"],
        lambda host: kinds(streamed(own(host))), ["reasoning", "text"],
    ),
    "a thought that goes back in a tool loop": (
        lambda host: bool(sent_back(plain(host), host)), False,
        lambda host: bool(sent_back(own(host), host)), True,
    ),
    "the tokens of a stream": (
        lambda host: streamed(plain(host)).usage_metadata, None,
        lambda host: streamed(own(host)).usage_metadata["input_tokens"] > 0, True,
    ),
    "the cached tokens of a stream": (
        lambda host: cached(twice(plain(host))), None,
        lambda host: cached(twice(own(host))) > 0, True,
    ),
    "what an answer cost": (
        lambda host: "cost" in plain(host).invoke(QUESTION).response_metadata, False,
        lambda host: "cost" in own(host, costs=costs(host)).invoke(QUESTION).response_metadata, True,
    ),
    "a class without a docstring as a tool": (
        lambda host: refused(lambda: plain(host).bind_tools([Forecast]).invoke("Paris")), True,
        lambda host: own(host).bind_tools([Forecast], tool_choice="any").invoke("Paris").tool_calls[0]["args"],
        {"city": "Paris"},
    ),
    "`with_structured_output(...)` as it is": (
        lambda host: refused(lambda: plain(host).with_structured_output(River).invoke("A river.")), True,
        lambda host: type(own(host).with_structured_output(River).invoke("A river.")), River,
    ),
    "one model in ten event loops, one after another": (
        lambda host: all(loops(plain(host))), False,
        lambda host: all(loops(own(host))), True,
    ),
    "a call that the host turned away": (
        lambda host: tries(plain(host), host) > 1, True,
        lambda host: tries(own(host), host), 1,
    ),
    "the tokens of a text": (
        lambda host: fetches_a_vocabulary(plain(host)), True,
        lambda host: counted_by(own(host), host), ["/serverless/tokenize"],
    ),
}  # fmt: skip
"""What is looked at: what plain compatibility comes to, and what the chat model does."""


@pytest.mark.parametrize("row", ROWS)
def test_plain_compatibility_loses_it(host: LocalHost, row: str) -> None:
    found, expected = ROWS[row][0](host), ROWS[row][1]

    assert found == expected


@pytest.mark.parametrize("row", ROWS)
def test_the_chat_model_keeps_it(host: LocalHost, row: str) -> None:
    found, expected = ROWS[row][2](host), ROWS[row][3]

    assert found == expected


@pytest.mark.parametrize("make", [plain, own])
def test_where_schemas_are_allowed_both_have_them(make: Callable[..., Any]) -> None:
    with LocalHost(Options(allow_json_schema=True, inference_api_key=KEY)) as lenient:
        assert type(make(lenient).with_structured_output(River, method="json_schema").invoke("A river.")) is River


def test_the_table_of_the_guide_has_these_rows() -> None:
    section = DOCUMENT.read_text(encoding="utf-8").partition("## What it keeps")[2].partition("\n## ")[0]
    table = re.findall(r"^\| ([^|]+?) \| [^|]+ \| [^|]+ \|$", section, re.MULTILINE)

    assert table == [*ROWS]
