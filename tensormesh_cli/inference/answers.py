"""What a model said, out of an answer or an event of it. Pure; reads the client's models, which hold to their types."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

Piece = tuple[Literal["text", "reasoning"], str]


@dataclass(frozen=True)
class Said:
    """
    One answer.

    Attributes:
        calls: what the model wants to have called, one line each.
        cut: why it is not whole.
        unread: what it holds that is no text, where there is no text.
    """

    text: str
    reasoning: str = ""
    calls: tuple[str, ...] = ()
    cut: str | None = None
    unread: str | None = None


@dataclass(frozen=True)
class Reader:
    """
    How to read the answers of one operation, whole and in pieces.

    Attributes:
        failure: why an answer that came is none.
    """

    whole: Callable[[Any], list[Said]]
    pieces: Callable[[Any], Iterable[Piece]]
    failure: Callable[[Any], str | None] = lambda answer: None


def _chat(answer: Any) -> list[Said]:
    return [_message(choice.message, choice.finish_reason) for choice in answer.choices]


def _message(message: Any, finish_reason: Any) -> Said:
    calls = tuple(_call(item.function) for item in message.tool_calls or ())
    text = message.content or message.refusal or ""
    odd = [
        name for name in ("content", "tool_calls", "content_parts") if not (text or calls) and name in _extra(message)
    ]
    return Said(text, message.reasoning or "", calls, _cut(finish_reason), odd[0] if odd else None)


def _chat_pieces(event: Any) -> Iterable[Piece]:
    for choice in event.choices:
        delta = choice.delta
        if delta.reasoning:
            yield "reasoning", delta.reasoning
        if text := delta.content or delta.refusal:
            yield "text", text


def _completion(answer: Any) -> list[Said]:
    return [
        Said(choice.text or "", cut=_cut(choice.finish_reason), unread=None if isinstance(choice.text, str) else "text")
        for choice in answer.choices
    ]


def _completion_pieces(event: Any) -> Iterable[Piece]:
    for choice in event.choices:
        if choice.text:
            yield "text", choice.text


def _response(answer: Any) -> list[Said]:
    texts, reasonings, calls, read = [], [], [], False
    for item in answer.output:
        read = read or any(isinstance(part.text, str) for part in item.content or ())
        parts = [part.text or part.refusal or "" for part in item.content or ()]
        match item.type:
            case "reasoning":
                reasonings += parts
            case "function_call":
                calls.append(_call(item))
            case "custom_tool_call":
                calls.append(f"{item.name}({_extra(item).get('input', '')})")
            case _:
                texts += parts
    nothing = not (read or calls or any(texts)) and answer.to_dict().get("output")
    return [Said("".join(texts), "".join(reasonings), tuple(calls), unread="output" if nothing else None)]


def _response_pieces(event: Any) -> Iterable[Piece]:
    match getattr(event, "type", None):
        case "response.output_text.delta" | "response.refusal.delta":
            yield "text", event.delta
        case "response.reasoning_text.delta":
            yield "reasoning", event.delta


def _response_failure(answer: Any) -> str | None:
    if answer.status in ("queued", "in_progress"):
        return f"The response is {answer.status}: the host has not answered it yet."
    if answer.status not in ("failed", "incomplete", "cancelled"):
        return None
    error, details = dict(answer.error or {}), dict(answer.incomplete_details or {})
    why = error.get("message") or error.get("code") or details.get("reason") or "the host does not say why"
    return f"The response is {answer.status}: {why}."


CHAT = Reader(_chat, _chat_pieces)
COMPLETION = Reader(_completion, _completion_pieces)
RESPONSE = Reader(_response, _response_pieces, _response_failure)


def _extra(message: Any) -> dict[str, Any]:
    found: dict[str, Any] = message.additional_properties
    return found


def _call(function: Any) -> str:
    return f"{function.name}({function.arguments})"


def _cut(reason: Any) -> str | None:
    if reason in ("length", "max_output_tokens"):
        return "The answer is cut off: it reached the limit of tokens."
    if reason == "error":
        return "The answer is cut off by an error of the host."
    return "The answer is cut off by the content filter." if reason == "content_filter" else None
