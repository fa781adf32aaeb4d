"""What type checkers see of the public names. Never run: `make check` reads it."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import assert_type

import tensormesh
import tensormesh_generated
from tensormesh import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    TensormeshError,
    errors,
    types,
)
from tensormesh.types import ChatCompletionRequest


def a_type_is_the_same_by_every_road() -> None:
    """`tensormesh.types`, `tensormesh_generated.models` and the module of the model."""
    assert_type(types.ChatCompletionRequest, type[ChatCompletionRequest])
    assert_type(tensormesh.types.ChatCompletionRequest, type[ChatCompletionRequest])
    assert_type(tensormesh_generated.models.ChatCompletionRequest, type[ChatCompletionRequest])


def errors_are_a_tree(error: APIStatusError) -> None:
    """A handler of the base takes them all."""
    everything: list[type[TensormeshError]] = [
        APIError,
        APIStatusError,
        APIConnectionError,
        APITimeoutError,
        ConfigurationError,
    ]
    connection: type[APIConnectionError] = APITimeoutError
    assert_type(error.status_code, int)
    assert_type(error.request_id, str | None)
    assert_type(errors.APIStatusError, type[APIStatusError])
    del everything, connection
