"""
A conversation, and the prompt it becomes.

Knows messages, what the last user said, which tool results wait for an answer,
and the chat template that turns all of it into tokens. Refuses to know what
will be answered, and whose wire format the messages came from.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tensormesh_local import tokenizer
from tensormesh_local.errors import bad_request
from tensormesh_local.tokenizer import Special
from tensormesh_local.toolbox import Tool
from tensormesh_local.validation import Reader
from tensormesh_local.wire import Json


@dataclass(frozen=True, slots=True)
class Message:
    """One turn; `calls` are the tool calls an assistant made, as written back to it."""

    role: str
    text: str
    calls: str = ""
    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything an answer is made from."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()

    @property
    def question(self) -> str:
        """What the user said last."""
        for message in reversed(self.messages):
            if message.role == "user":
                return message.text
        return self.messages[-1].text if self.messages else ""

    @property
    def tool_results(self) -> tuple[str, ...]:
        """The tool results that came after the last word of the user."""
        found: list[str] = []
        for message in reversed(self.messages):
            if message.role == "user":
                break
            if message.role == "tool":
                found.append(message.text)
        return tuple(reversed(found))

    def prompt(self, *, thinking: bool, open_turn: bool = True) -> list[int]:
        """
        Apply the chat template.

        Args:
            thinking: False closes an empty block of thought in advance, which is
                how such templates switch reasoning off.
            open_turn: whether to begin the turn of the assistant.
        """
        ids: list[int] = []
        if self.tools:
            described = [tool.declaration() for tool in self.tools]
            ids += _turn("tools", json.dumps(described, ensure_ascii=False))
        for message in self.messages:
            ids += _turn(message.role, message.text + message.calls)
        if open_turn:
            ids += [Special.TURN, *tokenizer.encode("assistant\n")]
            if not thinking:
                ids += [Special.THINK, *tokenizer.encode("\n\n"), Special.END_THINK, *tokenizer.encode("\n\n")]
        return ids


def _turn(role: str, text: str) -> list[int]:
    return [Special.TURN, *tokenizer.encode(f"{role}\n{text}"), Special.END_OF_TURN, *tokenizer.encode("\n")]


def content_text(content: Json) -> str:
    """
    Give the text of a message's content: a string, or a list of text parts.

    Raises:
        Refusal: 400 for a part that is not text; no model here sees or hears.
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise bad_request("Message content must be a string or a list of parts.", "messages")
    texts: list[str] = []
    for part in content:
        text = part.get("text") if isinstance(part, dict) else part
        if not isinstance(text, str):
            kind = part.get("type") if isinstance(part, dict) else type(part).__name__
            raise bad_request(f"Only text parts are read by this model, got {kind!r}.", "messages")
        texts.append(text)
    return "\n".join(texts)


def read_messages(reader: Reader, name: str = "messages") -> tuple[Message, ...]:
    """Read the messages of a chat request; any role is a role."""
    items = reader.children(name)
    if items is None:
        if not reader.body.get(name):
            reader.missing(name)
        return ()
    if not items and not reader.problems:
        raise bad_request("`messages` must hold at least one message.", name)
    found: list[Message] = []
    for item in items:
        role = item.required_text("role")
        calls = item.children("tool_calls") or []
        found.append(Message(role, content_text(item.body.get("content")), _written(calls), item.text("tool_call_id")))
    return tuple(found)


def _written(calls: Sequence[Reader]) -> str:
    """Write earlier tool calls back into the prompt, whatever their arguments look like."""
    return "".join(
        f"\n<tool_call>{json.dumps(call.body.get('function'), ensure_ascii=False)}</tool_call>" for call in calls
    )
