"""
The Python client of Tensormesh.

    from tensormesh import Tensormesh

    with Tensormesh() as client:
        answer = client.inference.serverless.chat.completions.create(
            model="openai/gpt-oss-20b",
            messages=[{"role": "user", "content": "Say hello in one sentence."}],
        )
        print(answer.choices[0].message.content)

Names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensormesh import batch as batch
    from tensormesh import errors as errors
    from tensormesh import types as types

    # The calls promise these, which the classes of the same names below are.
    from tensormesh_generated.client import AsyncCompletionStream as AsyncChatCompletionStream
    from tensormesh_generated.client import AsyncEventStream as AsyncStream
    from tensormesh_generated.client import AsyncEventStream as AsyncStreamResponse
    from tensormesh_generated.client import CompletionStream as ChatCompletionStream
    from tensormesh_generated.client import EventStream as Stream
    from tensormesh_overlay.client import (
        AsyncTensormesh,
        Tensormesh,
    )
    from tensormesh_overlay.configuration.config import (
        DEFAULT_CONTROL_PLANE_BASE_URL,
        DEFAULT_MAX_RETRIES,
        DEFAULT_SERVERLESS_BASE_URL,
        DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS,
        DEFAULT_TIMEOUT_SECONDS,
        DEFAULT_TOTAL_TIMEOUT_SECONDS,
    )
    from tensormesh_overlay.configuration.config import Config as ClientConfig
    from tensormesh_overlay.configuration.retry_policy import (
        Attempt,
        RetryPolicy,
    )
    from tensormesh_overlay.costs import RunningCost
    from tensormesh_overlay.errors import (
        APIConnectionError,
        APIError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        BadRequestError,
        ConfigurationError,
        ConflictError,
        DeploymentError,
        DeploymentTimeoutError,
        InternalServerError,
        MissingFieldError,
        ModelError,
        NotFoundError,
        PermissionDeniedError,
        ProtocolError,
        RateLimitError,
        SerializationError,
        StreamError,
        StreamEventError,
        StreamTimeoutError,
        StreamTruncatedError,
        TensormeshError,
        ToolLoopError,
        UnprocessableEntityError,
        ValidationError,
    )
    from tensormesh_overlay.tools.function_tool import FunctionTool, tool
    from tensormesh_overlay.tools.loop import ToolCall, ToolRun
    from tensormesh_runtime.types import (
        UNSET,
        Response,
        Timeout,
    )
    from tensormesh_runtime.types import Response as AsyncBufferedResponse

__version__ = "0.1.0"

ENV_CONTROL_PLANE_TOKEN = "TENSORMESH_CONTROL_PLANE_TOKEN"  # noqa: S105  (a name, no token)
ENV_CONTROL_PLANE_BASE_URL = "TENSORMESH_CONTROL_PLANE_BASE_URL"
ENV_INFERENCE_API_KEY = "TENSORMESH_INFERENCE_API_KEY"
ENV_SERVERLESS_BASE_URL = "TENSORMESH_SERVERLESS_BASE_URL"
ENV_ON_DEMAND_BASE_URL = "TENSORMESH_ON_DEMAND_BASE_URL"
ENV_ON_DEMAND_USER_ID = "TENSORMESH_ON_DEMAND_USER_ID"
ENV_TIMEOUT_SECONDS = "TENSORMESH_TIMEOUT_SECONDS"
ENV_MAX_RETRIES = "TENSORMESH_MAX_RETRIES"
ENV_CA_BUNDLE = "TENSORMESH_CA_BUNDLE"

_HOMES = {
    "tensormesh_runtime.types": (
        "UNSET",
        "Response",
        "Timeout",
    ),
    "tensormesh_overlay.client": (
        "AsyncTensormesh",
        "Tensormesh",
    ),
    "tensormesh_overlay.configuration.config": (
        "DEFAULT_CONTROL_PLANE_BASE_URL",
        "DEFAULT_MAX_RETRIES",
        "DEFAULT_SERVERLESS_BASE_URL",
        "DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS",
        "DEFAULT_TIMEOUT_SECONDS",
        "DEFAULT_TOTAL_TIMEOUT_SECONDS",
    ),
    "tensormesh_overlay.errors": (
        "APIConnectionError",
        "APIError",
        "APIStatusError",
        "APITimeoutError",
        "AuthenticationError",
        "BadRequestError",
        "ConfigurationError",
        "ConflictError",
        "DeploymentError",
        "DeploymentTimeoutError",
        "InternalServerError",
        "MissingFieldError",
        "ModelError",
        "NotFoundError",
        "PermissionDeniedError",
        "ProtocolError",
        "RateLimitError",
        "SerializationError",
        "StreamError",
        "StreamEventError",
        "StreamTimeoutError",
        "StreamTruncatedError",
        "TensormeshError",
        "ToolLoopError",
        "UnprocessableEntityError",
        "ValidationError",
    ),
    "tensormesh_overlay.configuration.retry_policy": (
        "Attempt",
        "RetryPolicy",
    ),
    "tensormesh_overlay.costs": ("RunningCost",),
    "tensormesh_overlay.tools.function_tool": (
        "FunctionTool",
        "tool",
    ),
    "tensormesh_overlay.tools.loop": (
        "ToolCall",
        "ToolRun",
    ),
    "tensormesh_overlay.streaming.streams": (
        "AsyncStream",
        "Stream",
    ),
}
"""Module -> the names that it lends us."""

_ALIASES = {
    "AsyncBufferedResponse": ("tensormesh_runtime.types", "Response"),
    "AsyncChatCompletionStream": ("tensormesh_overlay.streaming.streams", "AsyncStream"),
    "AsyncStreamResponse": ("tensormesh_overlay.streaming.streams", "AsyncStream"),
    "ChatCompletionStream": ("tensormesh_overlay.streaming.streams", "Stream"),
    "ClientConfig": ("tensormesh_overlay.configuration.config", "Config"),
}
"""Names that programs written for the published package import -> what we have there."""

_PLACES = {name: (module, name) for module, names in _HOMES.items() for name in names} | _ALIASES

__all__ = (
    "DEFAULT_CONTROL_PLANE_BASE_URL",
    "DEFAULT_MAX_RETRIES",
    "DEFAULT_SERVERLESS_BASE_URL",
    "DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS",
    "DEFAULT_TIMEOUT_SECONDS",
    "DEFAULT_TOTAL_TIMEOUT_SECONDS",
    "ENV_CA_BUNDLE",
    "ENV_CONTROL_PLANE_BASE_URL",
    "ENV_CONTROL_PLANE_TOKEN",
    "ENV_INFERENCE_API_KEY",
    "ENV_MAX_RETRIES",
    "ENV_ON_DEMAND_BASE_URL",
    "ENV_ON_DEMAND_USER_ID",
    "ENV_SERVERLESS_BASE_URL",
    "ENV_TIMEOUT_SECONDS",
    "UNSET",
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncBufferedResponse",
    "AsyncChatCompletionStream",
    "AsyncStream",
    "AsyncStreamResponse",
    "AsyncTensormesh",
    "Attempt",
    "AuthenticationError",
    "BadRequestError",
    "ChatCompletionStream",
    "ClientConfig",
    "ConfigurationError",
    "ConflictError",
    "DeploymentError",
    "DeploymentTimeoutError",
    "FunctionTool",
    "InternalServerError",
    "MissingFieldError",
    "ModelError",
    "NotFoundError",
    "PermissionDeniedError",
    "ProtocolError",
    "RateLimitError",
    "Response",
    "RetryPolicy",
    "RunningCost",
    "SerializationError",
    "Stream",
    "StreamError",
    "StreamEventError",
    "StreamTimeoutError",
    "StreamTruncatedError",
    "Tensormesh",
    "TensormeshError",
    "Timeout",
    "ToolCall",
    "ToolLoopError",
    "ToolRun",
    "UnprocessableEntityError",
    "ValidationError",
    "batch",
    "errors",
    "tool",
    "types",
)


if not TYPE_CHECKING:  # a checker that sees it takes any name for granted

    def __getattr__(name: str) -> Any:
        if name in ("batch", "errors", "types"):
            return import_module(f"{__name__}.{name}")
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, original = _PLACES[name]
        value = globals()[name] = getattr(import_module(module), original)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
