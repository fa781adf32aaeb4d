"""What reaches the host of a call, and when it is sent."""

from __future__ import annotations

import asyncio

import pytest
from langchain_core.messages import HumanMessage
from pydantic import ValidationError

import tensormesh
from tensormesh import Tensormesh
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.langchain.models import MODEL, QUESTION, Ask, chats, get_weather, model, together


def test_what_is_set_is_sent_and_nothing_else(ask: Ask, host: LocalHost) -> None:
    asking = model(temperature=0, max_tokens=50, stop=["."], model_kwargs={"top_k": 3})
    ask(asking, QUESTION)
    ask(asking, QUESTION, temperature=1, stop=["!"], max_tokens=None)

    bodies = [
        {key: body[key] for key in body if key not in ("messages", "stream", "stream_options")} for body in chats(host)
    ]
    assert bodies == [
        {"model": MODEL, "temperature": 0, "max_tokens": 50, "stop": ["."], "top_k": 3},
        {"model": MODEL, "temperature": 1, "stop": ["!"], "top_k": 3},
    ]


def test_a_field_of_a_call_that_nobody_knows_is_refused(ask: Ask, host: LocalHost) -> None:
    with pytest.raises(TypeError, match="did you mean 'temperature'"):
        ask(model(), QUESTION, temprature=0)
    with pytest.raises(ValidationError, match="temprature"):
        model(temprature=0)

    assert chats(host) == []


@cases(
    ("name", "said"),
    [
        ("temprature", "did you mean 'temperature'"),
        ("max_completion_tokens", "here it is 'max_tokens'"),
        ("openai_api_key", "here it is 'api_key'"),
        ("inference_api_key", "here it is 'api_key'"),
        ("stop_sequences", "here it is 'stop'"),
        ("http_client", r"client=Tensormesh\(http_client=...\)"),
        ("top_k", r"model_kwargs=\{'top_k': ...\}"),
    ],
)
def test_an_argument_that_a_model_does_not_have_is_refused_with_what_to_give(name: str, said: str) -> None:
    with pytest.raises(ValidationError, match=f"takes no argument '{name}'; .*{said}"):
        model(**{name: None})


@pytest.mark.parametrize("stop", ["a", ["a"]], ids=["text", "list"])
def test_a_stop_is_a_text_or_several(ask: Ask, host: LocalHost, stop: str | list[str]) -> None:
    asking = model(stop=stop)
    ask(asking, QUESTION)

    assert [body["stop"] for body in chats(host)] == [stop]
    assert asking._get_ls_params()["ls_stop"] == ["a"]


@pytest.mark.parametrize(("of_model", "of_call"), [(True, False), (False, True)])
def test_a_call_says_whether_its_tokens_are_counted(host: LocalHost, of_model: bool, of_call: bool) -> None:
    asking = model(stream_usage=of_model)

    assert (together(asking.stream(QUESTION, stream_usage=of_call)).usage_metadata is not None) == of_call
    assert (together(asking.stream(QUESTION)).usage_metadata is not None) == of_model
    assert asking.bind(stream_usage=of_call).invoke(QUESTION).usage_metadata


def test_on_demand_says_who_calls(ask: Ask, host: LocalHost) -> None:
    served = next(iter(Tensormesh().inference.on_demand.models.list())).id
    message = ask(model(model=served, user_id=host.on_demand_user_id), QUESTION)
    assert model(model=served, surface="on_demand").invoke(QUESTION).text == message.text

    assert message.text
    asked = [one for one in host.requests if one.path.endswith("/chat/completions")]
    assert [one.headers["x-user-id"] for one in asked] == [host.on_demand_user_id] * 2
    with pytest.raises(ValidationError, match="user_id goes with surface='on_demand'"):
        model(surface="serverless", user_id=host.on_demand_user_id)


def test_an_error_is_that_of_the_client(ask: Ask) -> None:
    with pytest.raises(tensormesh.NotFoundError, match="no/such-model") as raised:
        ask(model(model="no/such-model"), QUESTION)

    assert raised.value.status_code == 404


@pytest.mark.parametrize(("retries", "tries"), [(None, 1), (2, 2)])
def test_a_call_is_repeated_only_where_that_was_asked_for(
    ask: Ask, host: LocalHost, retries: int | None, tries: int
) -> None:
    host.faults.add({"status": 429, "headers": {"Retry-After": "0"}, "times": 1})
    if retries is None:
        with pytest.raises(tensormesh.RateLimitError):
            ask(model(max_retries=retries), QUESTION)
    else:
        assert ask(model(max_retries=retries), QUESTION).text

    assert len(chats(host)) == tries


def test_several_answers_cannot_be_one_stream(host: LocalHost) -> None:
    with pytest.raises(tensormesh.errors.ValidationError, match="several choices"):
        [*model(model_kwargs={"n": 2}).stream(QUESTION)]

    generations = model(model_kwargs={"n": 2}).generate([[HumanMessage(QUESTION)]]).generations[0]
    assert [bool(one.message.usage_metadata) for one in generations] == [True, False]


def test_a_stream_that_is_left_ends_at_the_host(host: LocalHost) -> None:
    host.faults.add({"stall_after_events": 3})
    stream = model().stream(QUESTION)
    next(stream)
    stream.close()

    (record,) = host.requests
    assert record.wait().hung_up


def test_an_asynchronous_stream_that_is_left_ends_at_the_host(host: LocalHost) -> None:
    host.faults.add({"stall_after_events": 3})

    async def left() -> None:
        stream = model().astream(QUESTION)
        await anext(stream)
        await stream.aclose()

    asyncio.run(left())

    (record,) = host.requests
    assert record.wait().hung_up


def test_tokens_are_counted_by_the_host(host: LocalHost) -> None:
    counting = model()

    assert counting.get_num_tokens("Hello there") == len(counting.get_token_ids("Hello there")) > 0
    alone = counting.get_num_tokens_from_messages([HumanMessage("Hello")])
    assert counting.get_num_tokens_from_messages([HumanMessage("Hello")], tools=[get_weather]) > alone > 0
