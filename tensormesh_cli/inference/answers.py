"""What a model said, out of an answer or an event of it, as plain JSON values. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tensormesh_cli.values.json_text import dumps

Piece = tuple[Literal["text", "reasoning"], str]


@dataclass(frozen=True)
class Said:
    """
    One answer.

    Attributes:
        calls: what the model wants to have called, one line each.
        cut: why it is not whole.
    """

    text: str
    reasoning: str = ""
    calls: tuple[str, ...] = ()
    cut: str | None = None


@dataclass(frozen=True)
class Reader:
    """How to read the answers of one operation, whole and in pieces."""

    whole: Callable[[Mapping[str, Any]], list[Said]]
    pieces: Callable[[Mapping[str, Any]], Iterable[Piece]]


def _chat(answer: Mapping[str, Any]) -> list[Said]:
    found = []
    for choice in answer.get("choices") or ():
        message = choice.get("message") or {}
        calls = tuple(_call(item.get("function") or {}) for item in message.get("tool_calls") or ())
        text = message.get("content") or message.get("refusal") or ""
        found.append(Said(text, _reasoning(message), calls, _cut(choice.get("finish_reason"))))
    return found


def _chat_pieces(event: Mapping[str, Any]) -> Iterable[Piece]:
    for choice in event.get("choices") or ():
        delta = choice.get("delta") or {}
        if reasoning := _reasoning(delta):
            yield "reasoning", reasoning
        if text := delta.get("content") or delta.get("refusal"):
            yield "text", text


def _completion(answer: Mapping[str, Any]) -> list[Said]:
    return [
        Said(choice.get("text") or "", cut=_cut(choice.get("finish_reason"))) for choice in answer.get("choices") or ()
    ]


def _completion_pieces(event: Mapping[str, Any]) -> Iterable[Piece]:
    for choice in event.get("choices") or ():
        if text := choice.get("text"):
            yield "text", text


def _response(answer: Mapping[str, Any]) -> list[Said]:
    texts, reasonings, calls = [], [], []
    for item in answer.get("output") or ():
        parts = [str(part.get("text") or part.get("refusal") or "") for part in item.get("content") or ()]
        match item.get("type"):
            case "reasoning":
                reasonings += parts
            case "function_call":
                calls.append(_call(item))
            case _:
                texts += parts
    reason = (answer.get("incomplete_details") or {}).get("reason") if answer.get("status") == "incomplete" else None
    return [Said("".join(texts), "".join(reasonings), tuple(calls), _cut(reason))]


def _response_pieces(event: Mapping[str, Any]) -> Iterable[Piece]:
    match event.get("type"):
        case "response.output_text.delta" | "response.refusal.delta":
            yield "text", event.get("delta") or ""
        case "response.reasoning_text.delta":
            yield "reasoning", event.get("delta") or ""


CHAT = Reader(_chat, _chat_pieces)
COMPLETION = Reader(_completion, _completion_pieces)
RESPONSE = Reader(_response, _response_pieces)


def _reasoning(message: Mapping[str, Any]) -> str:
    return str(message.get("reasoning") or message.get("reasoning_content") or "")


def _call(function: Mapping[str, Any]) -> str:
    arguments = function.get("arguments")
    return f"{function.get('name')}({arguments if isinstance(arguments, str) else dumps(arguments)})"


def _cut(reason: Any) -> str | None:
    if reason in ("length", "max_output_tokens"):
        return "The answer is cut off: it reached the limit of tokens."
    return "The answer is cut off by the content filter." if reason == "content_filter" else None
