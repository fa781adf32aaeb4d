"""What a person at a prompt sees, and tools that ask a callable for its arguments while the program runs."""

from __future__ import annotations

import inspect
from typing import get_type_hints

import pytest

from tensormesh import AsyncTensormesh, Tensormesh, Timeout
from tensormesh.types import ChatCompletionRequest
from tensormesh_overlay.configuration.config import CHOICES, SETTINGS

CLIENTS = [Tensormesh, AsyncTensormesh]


@pytest.mark.parametrize("client_class", CLIENTS)
def test_a_client_shows_every_argument_of_its_constructor(client_class: type[Tensormesh | AsyncTensormesh]) -> None:
    shown = inspect.signature(client_class).parameters

    assert list(shown) == [*SETTINGS, *CHOICES, "http_client", "transport", "env"]
    assert {parameter.kind for parameter in shown.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert shown["http_client"].annotation == "HTTPClient | None"


@pytest.mark.parametrize("client_class", CLIENTS)
def test_the_types_of_the_arguments_can_be_looked_up(client_class: type[Tensormesh | AsyncTensormesh]) -> None:
    hints = get_type_hints(client_class.__init__)

    assert hints["timeout"] == float | Timeout | None
    assert hints.keys() >= {*SETTINGS, *CHOICES, "http_client", "transport", "env"}


@pytest.mark.parametrize("client_class", CLIENTS)
def test_a_call_shows_every_field_of_its_request(client_class: type[Tensormesh | AsyncTensormesh]) -> None:
    create = client_class(inference_api_key="k", env={}).inference.serverless.chat.completions.create
    fields = inspect.signature(ChatCompletionRequest).parameters

    shown = inspect.signature(create).parameters

    assert list(shown) == ["request", *fields, "options"]
    assert shown["messages"].annotation == fields["messages"].annotation
    assert inspect.signature(create) == inspect.signature(create)
