"""Thoughts that an engine leaves in the text, because nobody told it how to tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tensormesh_local import LocalHost, Options
from tests.live.conftest import BUILT_IN_MODEL, TOKENS, Host
from tests.live.engine.process import Engine
from tests.overlay.conftest import Runner

type Chat = Callable[..., Any]

SILENT = {"chat_template_kwargs": {"enable_thinking": False}}


@pytest.fixture(scope="module")
def leaky() -> Iterator[LocalHost]:
    with LocalHost(Options(leak_think=True)) as host:
        yield host


@pytest.fixture
def engine(one_engine: Engine) -> Engine:
    """In this file, `direct` and `relayed` lead to an engine that leaves thoughts where they are."""
    one_engine.run(parses_reasoning=False)
    return one_engine


@pytest.fixture
def ours(leaky: LocalHost) -> Host:
    return Host(leaky.serverless_base_url, leaky.inference_api_key, BUILT_IN_MODEL, leaky.on_demand_base_url)


@pytest.fixture
def ask(client: Any, runner: Runner, host: Host) -> Chat:
    """Ask one question under a policy; gives the message, whole or streamed."""

    def ask(*, streams: bool, think: str = "split", **fields: Any) -> Any:
        chat = client.with_options(think=think).inference.serverless.chat.completions
        asked = {"model": host.model, "messages": [{"role": "user", "content": "Hello"}], "temperature": 0.0}
        answer = runner.run(chat.create(**{**asked, "max_tokens": TOKENS, **fields}, stream=streams))
        return (runner.run(answer.get_final_completion()) if streams else answer).choices[0].message

    return ask


@pytest.mark.parametrize("streams", [False, True])
def test_a_thought_is_split_off(ask: Chat, *, streams: bool) -> None:
    message = ask(streams=streams)

    assert message.reasoning.strip()
    assert message.content.strip()
    assert "think>" not in message.content + message.reasoning


@pytest.mark.parametrize("streams", [False, True])
def test_a_thought_is_kept_on_demand(ask: Chat, *, streams: bool) -> None:
    message = ask(streams=streams, think="keep")

    assert message.content.startswith("<think>")
    assert message.content.count("</think>") == 1
    assert message.reasoning is None


def test_what_is_split_is_all_that_is_kept(ask: Chat) -> None:
    kept, split = ask(streams=False, think="keep").content, ask(streams=False)
    thought, _, text = kept.removeprefix("<think>").partition("</think>")

    assert (split.reasoning, split.content) == (thought.strip(), text.strip())


@pytest.mark.parametrize("fields", [{}, {"max_tokens": 8}, {"max_tokens": 1}, {"extra_body": SILENT}])
@pytest.mark.parametrize("think", ["split", "keep"])
def test_the_way_it_came_makes_no_difference(ask: Chat, think: str, fields: dict[str, Any]) -> None:
    """Also where the tokens end inside of the thought, and where there is none."""
    whole, streamed = (ask(streams=streams, think=think, **fields) for streams in (False, True))

    assert (streamed.content, streamed.reasoning) == (whole.content, whole.reasoning)


def test_the_bytes_are_what_the_engine_sent(client: Any, runner: Runner, host: Host) -> None:
    raw = client.inference.serverless.chat.completions.with_raw_response
    asked = {"model": host.model, "messages": [{"role": "user", "content": "Hello"}]}

    assert b"<think>" in runner.run(raw.create(**asked)).content


def test_two_streams_of_thought_are_kept_apart(client: Any, runner: Runner, host: Host) -> None:
    asked = {"model": host.model, "messages": [{"role": "user", "content": "Hello"}], "n": 2, "temperature": 1.0}
    stream = runner.run(client.inference.serverless.chat.completions.create(**asked, stream=True))
    answer = runner.run(stream.get_final_completion())

    assert all(choice.message.reasoning.strip() for choice in answer.choices)
    assert not any("think>" in choice.message.content for choice in answer.choices)
