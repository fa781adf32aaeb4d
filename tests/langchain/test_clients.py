"""Clients and event loops of a chat model; its copies; and what it does not show."""

from __future__ import annotations

import asyncio
import copy
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.load import dumps
from pydantic import ValidationError

import tensormesh
from tensormesh import AsyncTensormesh, Tensormesh
from tensormesh_langchain import ChatTensormesh
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.langchain.models import MODEL, QUESTION, Ask, chats, model


@pytest.mark.parametrize("stream", [False, True])
def test_one_model_serves_ten_event_loops_one_after_another(host: LocalHost, stream: bool) -> None:
    asking = model(streaming=stream)

    async def three() -> list[str]:
        return [message.text for message in await asking.abatch([QUESTION] * 3)]

    assert all(text for _ in range(10) for text in asyncio.run(three()))
    assert len(chats(host)) == 30


def test_a_client_of_ones_own_is_used(ask: Ask, host: LocalHost) -> None:
    host.reset()
    with Tensormesh(default_headers={"x-team": "search"}) as client:
        assert ask(ChatTensormesh(model=MODEL, client=client), QUESTION).text

    (record,) = host.requests
    assert record.headers["x-team"] == "search"


def test_an_asynchronous_client_of_ones_own_is_used(host: LocalHost) -> None:
    async def asked() -> str:
        async with AsyncTensormesh(default_headers={"x-team": "search"}) as client:
            return (await ChatTensormesh(model=MODEL, async_client=client).ainvoke(QUESTION)).text

    assert asyncio.run(asked())
    assert [record.headers["x-team"] for record in host.requests] == ["search"]


def test_settings_beside_a_client_are_refused() -> None:
    with pytest.raises(ValidationError, match="base_url, timeout cannot be given beside a client"):
        ChatTensormesh(model=MODEL, client=Tensormesh(), base_url="http://127.0.0.1:1", timeout=3)


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))], ids=["copy", "deep", "pickle"]
)
def test_a_copy_of_a_model_works(host: LocalHost, copied: Callable[[Any], Any]) -> None:
    asking = model(temperature=0)
    text = asking.invoke(QUESTION).text

    assert copied(asking).invoke(QUESTION).text == text


def test_a_copy_with_another_key_calls_with_that_key(host: LocalHost) -> None:
    asking = model()
    asking.invoke(QUESTION)
    other = asking.model_copy(update={"api_key": type(asking.api_key)("wrong")})

    with pytest.raises(tensormesh.AuthenticationError):
        other.invoke(QUESTION)
    assert asking.invoke(QUESTION).text


def test_what_one_user_was_answered_is_not_what_another_is_answered_from_a_cache(host: LocalHost) -> None:
    """Deployments of two users may have one name."""
    users = ("11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000")

    told = [model(user_id=user)._identifying_params for user in users]

    assert told[0] != told[1]


def test_no_key_is_shown(host: LocalHost) -> None:
    asking = model(api_key="ak-SENTINEL", default_headers={"x-key": "SENTINEL"})

    assert "SENTINEL" not in f"{asking!r} {asking} {asking._identifying_params} {asking._get_ls_params()}"
    assert "SENTINEL" not in str(asking._serialized)


@cases(
    "given",
    [
        {"model": MODEL, "openai_api_key": "SENTINEL"},
        {"api_key": "SENTINEL"},
        {"model": MODEL, "api_key": "SENTINEL", "temperature": "warm"},
        {"model": MODEL, "default_headers": "SENTINEL"},
        {"model": MODEL, "client": Tensormesh(), "default_headers": {"k": "SENTINEL"}},
    ],
    ids=["of another name", "without a model", "beside a mistake", "no headers", "beside a client"],
)
def test_no_error_of_a_constructor_shows_a_key(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as raised:
        ChatTensormesh(**given)

    assert "SENTINEL" not in str(raised.value)


def test_a_model_without_a_key_says_what_it_needs(ask: Ask, host: LocalHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TENSORMESH_INFERENCE_API_KEY")

    with pytest.raises(tensormesh.ConfigurationError, match="needs api_key=, or the variable TENSORMESH_INFERENCE"):
        ask(model(), QUESTION)


def test_headers_of_a_call_are_not_traced(host: LocalHost) -> None:
    asking = model(model_kwargs={"extra_headers": {"x-key": "SENTINEL"}, "top_k": 3})

    assert asking.invoke(QUESTION).text
    assert [record.headers["x-key"] for record in host.requests] == ["SENTINEL"]
    assert asking._identifying_params["top_k"] == 3
    assert "'top_k': 3" in repr(asking)
    assert "SENTINEL" not in f"{asking!r} {asking} {asking._identifying_params} {asking._serialized} {dumps(asking)}"


@pytest.mark.parametrize("way", ["invoke", "stream"])
def test_no_frame_of_an_error_shows_a_key(host: LocalHost, way: str) -> None:
    asking = model(api_key="ak SENTINEL", default_headers={"x-key": "SENTINEL"})
    with pytest.raises(tensormesh.ConfigurationError) as raised:
        [*getattr(asking, way)(QUESTION)]

    shown = traceback.StackSummary.extract(traceback.walk_tb(raised.value.__traceback__), capture_locals=True)
    assert "SENTINEL" not in str([frame.locals for frame in shown if "langchain" in frame.filename])
