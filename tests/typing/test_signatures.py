"""What a person at a prompt sees, and tools that ask a callable for its arguments while the program runs."""

from __future__ import annotations

import inspect
from typing import get_type_hints

import pytest

from tensormesh import AsyncTensormesh, Tensormesh, Timeout
from tensormesh.types import ChatCompletionRequest
from tensormesh_overlay.configuration.config import CHOICES, SETTINGS

COLOURS = [Tensormesh, AsyncTensormesh]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_client_shows_every_argument_of_its_constructor(colour: type[Tensormesh | AsyncTensormesh]) -> None:
    shown = inspect.signature(colour).parameters

    assert list(shown) == [*SETTINGS, *CHOICES, "http_client", "transport", "env"]
    assert {parameter.kind for parameter in shown.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert shown["http_client"].annotation == "HTTPClient | None"


@pytest.mark.parametrize("colour", COLOURS)
def test_the_types_of_the_arguments_can_be_looked_up(colour: type[Tensormesh | AsyncTensormesh]) -> None:
    hints = get_type_hints(colour.__init__)

    assert hints["timeout"] == float | Timeout | None
    assert hints.keys() >= {*SETTINGS, *CHOICES, "http_client", "transport", "env"}


@pytest.mark.parametrize("colour", COLOURS)
def test_a_call_shows_every_field_of_its_request(colour: type[Tensormesh | AsyncTensormesh]) -> None:
    create = colour(inference_api_key="k", env={}).inference.serverless.chat.completions.create
    fields = inspect.signature(ChatCompletionRequest).parameters

    shown = inspect.signature(create).parameters

    assert list(shown) == ["request", *fields, "options"]
    assert shown["messages"].annotation == fields["messages"].annotation
    assert inspect.signature(create) == inspect.signature(create)
