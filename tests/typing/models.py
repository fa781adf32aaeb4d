"""What type checkers see of the models. Never run: `make check` reads it."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol, assert_type

from tensormesh import UNSET
from tensormesh.types import (
    ChatCompletionMessage,
    ChatCompletionRequest,
    ChatCompletionResponse,
    ChatCompletionResponseChoice,
    ChatMessage,
    Money,
    OpenObject,
    ResponseCompletedEvent,
    ResponseCreateResponse,
    ResponseStreamEvent,
    StreamOptions,
    ThinkingConfigDisabled,
    ThinkingConfigEnabled,
    UsageInfo,
    User,
)


def what_is_promised_is_there(answer: ChatCompletionResponse) -> None:
    """A required field has its type and no `None`, so that nobody has to ask."""
    assert_type(answer.id, str)
    assert_type(answer.created, int)
    assert_type(answer.choices, list[ChatCompletionResponseChoice])
    assert_type(answer.choices[0].message, ChatCompletionMessage)


def what_is_not_promised_may_be_none(answer: ChatCompletionResponse) -> None:
    """Absent and null read the same."""
    assert_type(answer.usage, UsageInfo | None)
    assert_type(answer.choices[0].message.content, str | None)
    assert_type(answer.prompt_token_ids, list[int] | None)
    _ = answer.usage.total_tokens  # type: ignore[union-attr]


def fields_take_values_of_their_type(answer: ChatCompletionResponse) -> None:
    """What the documents do not know is in a place of its own."""
    answer.id = "new"
    answer.id = 7  # type: ignore[assignment]
    assert_type(answer.additional_properties, dict[str, Any])
    assert_type(answer["new"], Any)
    assert_type("new" in answer, bool)
    assert_type(list(answer), list[str])
    assert_type(dict(answer), dict[str, Any])


def an_open_enum_is_text(choice: ChatCompletionResponseChoice) -> None:
    """Known values are suggested, and any other is taken."""
    reason: str | None = choice.finish_reason
    choice.finish_reason = "stop"
    choice.finish_reason = "something new"
    choice.finish_reason = None
    choice.finish_reason = 1  # type: ignore[assignment]
    known: int = choice.finish_reason  # type: ignore[assignment]
    del reason, known


def a_request_takes_what_can_be_sent() -> None:
    """Models or mappings, lists or tuples; what is left out is not sent, what is null is sent as null."""
    ChatCompletionRequest(model="m", messages=[ChatMessage(role="user", content="Hello")])
    ChatCompletionRequest(model="m", messages=({"role": "user", "content": "Hello"},), temperature=None, n=UNSET)
    ChatCompletionRequest(model="m", messages=[], stop="x", stream_options={"include_usage": True})
    ChatCompletionRequest(model="m", messages=[], stop=("x", "y"), stream_options=StreamOptions(include_usage=True))
    ChatCompletionRequest(model="m", messages=[], thinking=ThinkingConfigDisabled(), logit_bias={"7": -100})
    ChatCompletionRequest(model="m", messages=[], tool_choice="auto")
    ChatCompletionRequest(model="m", messages=[], tool_choice="something new")


def a_request_takes_the_same_by_assignment(request: ChatCompletionRequest, other: ChatCompletionRequest) -> None:
    """And reads as what was made of it."""
    request.messages = [{"role": "user", "content": "Hello"}]
    request.messages = ({"role": "user", "content": "Hello"}, ChatMessage(role="user", content="And then?"))
    request.messages.append(ChatMessage(role="user", content="Go on."))
    assert_type(request.messages, list[ChatMessage])
    request.stream_options = {"include_usage": True}
    assert_type(request.stream_options, StreamOptions | None)
    request.thinking = other.thinking
    request.tools = None
    ChatCompletionRequest(model="m", messages=[], thinking=other.thinking or UNSET)

    request.messages = "Hello"  # type: ignore[assignment]
    request.messages = [7]  # type: ignore[list-item]
    request.messages = None  # type: ignore[assignment]
    request.stream_options = True  # type: ignore[assignment]


class Usage(Protocol):
    """What a program of somebody's own asks of an answer, whoever gave it."""

    @property
    def usage(self) -> UsageInfo | None: ...


def an_answer_meets_a_protocol(answer: ChatCompletionResponse) -> None:
    """By its attributes."""
    whoever: Usage = answer
    del whoever


def a_request_refuses_what_cannot() -> None:
    """Before anything runs."""
    ChatCompletionRequest(model="m")  # type: ignore[call-arg]
    ChatCompletionRequest("m", [])  # type: ignore[call-arg]
    ChatCompletionRequest(model="m", messages="Hello")  # type: ignore[arg-type]
    ChatCompletionRequest(model=None, messages=[])  # type: ignore[arg-type]
    ChatCompletionRequest(model="m", messages=[], temperature="hot")  # type: ignore[arg-type]
    ChatCompletionRequest(model="m", messages=[], temprature=1.0)  # type: ignore[call-arg]
    ChatCompletionRequest(model="m", messages=[], logit_bias=[1])  # type: ignore[arg-type]
    ChatMessage(role=["user"])  # type: ignore[arg-type]


def constants_need_not_be_given() -> None:
    """A tag is part of the class."""
    assert_type(ThinkingConfigEnabled(), ThinkingConfigEnabled)
    ThinkingConfigEnabled(type="disabled")  # type: ignore[arg-type]


def times_and_numbers_are_read_as_such(user: User, money: Money) -> None:
    """Though the JSON has text for them."""
    assert_type(user.tos_accepted_at, datetime | None)
    assert_type(money.units, int | None)
    User(id="u", tos_accepted_at=datetime.now(UTC))
    User(id="u", tos_accepted_at="2026-11-21T00:00:00Z")
    User(id="u", tos_accepted_at=7)  # type: ignore[arg-type]


def an_amount_is_one_number(money: Money) -> None:
    """Exact, in both directions."""
    assert_type(money.amount, Decimal)
    assert_type(Money.of("0.10", currency_code="USD"), Money)


def a_tagged_union_is_told_apart_by_class(event: ResponseStreamEvent) -> None:
    """And ends with the kinds that are yet to come."""
    if isinstance(event, ResponseCompletedEvent):
        assert_type(event.response, ResponseCreateResponse)
    if isinstance(event, OpenObject):
        assert_type(event.additional_properties, dict[str, Any])


def every_model_can_do_this(request: ChatCompletionRequest) -> None:
    """By its own type."""
    assert_type(ChatCompletionRequest.from_dict({}), ChatCompletionRequest)
    assert_type(request.to_dict(), dict[str, Any])
    assert_type(request.replace(n=2), ChatCompletionRequest)
    assert_type(copy.copy(request), ChatCompletionRequest)
    assert_type(request.is_set("n"), bool)
    assert_type(request == request, bool)
