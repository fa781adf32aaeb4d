"""Messages of LangChain as the service takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, convert_to_openai_messages

from tensormesh_langchain.answers import REASONING

Message = dict[str, Any]

_SAID = frozenset({"refusal", "text", "tool_use"})
"""The blocks of an answer that stand in its content, or become calls. Thoughts and calls have fields of their own."""


def request_messages(messages: Sequence[BaseMessage]) -> list[Message]:
    """
    The messages of a request.

    Thoughts of the model go back to it as `reasoning`, whichever way LangChain holds them, and so do calls whose
    arguments were no JSON: what answers to them would have nothing to answer to.

    Raises:
        ValueError: a block of content lacks what its type needs.
    """
    return [one for message in messages for one in _converted(message)]


def _converted(message: BaseMessage) -> list[Message]:
    if not isinstance(message, AIMessage):
        return convert_to_openai_messages([message])
    blocks = message.content if isinstance(message.content, list) else []
    said = [block for block in blocks if isinstance(block, str) or block.get("type") in _SAID]
    spoken = message.model_copy(update={"content": said}) if blocks else message
    (converted,) = convert_to_openai_messages([spoken], text_format="string")
    if isinstance(converted["content"], str) and blocks:
        converted["content"] = message.text  # blocks of an answer follow on each other; they are no lines
    calls = [
        {"type": "function", "id": call["id"], "function": {"name": call["name"], "arguments": call["args"]}}
        for call in message.invalid_tool_calls
    ]
    if calls:
        converted["tool_calls"] = [*converted.get("tool_calls", []), *calls]
    if thought := reasoning_of(message):
        converted["reasoning"] = thought
    return [converted]


def reasoning_of(message: AIMessage) -> str:
    """What the model thought before it answered; empty for nothing."""
    blocks = message.content if isinstance(message.content, list) else []
    thoughts = [_thought(block) for block in blocks if isinstance(block, dict)]
    kept = (message.additional_kwargs.get(name) for name in (REASONING, "reasoning"))
    return "".join(thoughts) or next((thought for thought in kept if thought and isinstance(thought, str)), "")


def _thought(block: Mapping[str, Any]) -> str:
    kind = block.get("type")
    thought = block.get(kind) if kind in ("reasoning", "thinking") else None
    if isinstance(thought, str):
        return thought
    # Responses of OpenAI have summaries of thoughts in their place.
    summary = block.get("summary") if kind == "reasoning" else None
    texts = [part.get("text") for part in summary if isinstance(part, dict)] if isinstance(summary, list) else []
    return "\n\n".join(text for text in texts if isinstance(text, str))
