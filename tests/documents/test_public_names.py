"""The types that users import by name keep their names."""

from __future__ import annotations

from typing import Any

PUBLIC = {
    "ChatCompletionChunk",
    "ChatCompletionFunction",
    "ChatCompletionMessage",
    "ChatCompletionMessageToolCall",
    "ChatCompletionMessageToolCallFunction",
    "ChatCompletionRequest",
    "ChatCompletionResponse",
    "ChatCompletionResponseChoice",
    "ChatCompletionStreamChoice",
    "ChatCompletionTool",
    "ChatMessage",
    "DeltaMessage",
    "DetokenizeRequest",
    "DetokenizeResponse",
    "FunctionNameSpec",
    "FunctionSelection",
    "HealthResponse",
    "InferenceModel",
    "InferenceModelList",
    "PredictedOutput",
    "ResponseCreateRequest",
    "ResponseCreateResponse",
    "ResponseFormat",
    "ResponseOutputContent",
    "ResponseOutputItem",
    "StreamOptions",
    "TextCompletionChoice",
    "TextCompletionRequest",
    "TextCompletionResponse",
    "ThinkingConfigDisabled",
    "ThinkingConfigEnabled",
    "TokenizeRequest",
    "TokenizeResponse",
    "UsageInfo",
    "VersionResponse",
}


def test_the_public_types_are_components(components: dict[str, Any]) -> None:
    """Code that imports one of these keeps working."""
    assert set() == PUBLIC - components.keys()


def test_the_public_types_are_objects(components: dict[str, Any]) -> None:
    """Each becomes a class that can be constructed, not an alias."""
    assert sorted(name for name in PUBLIC & components.keys() if components[name].value.get("type") != "object") == []
