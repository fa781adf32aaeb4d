"""
A conversation, and the prompt it becomes.

Knows messages, what the last user said, which tool results wait for an answer,
and the chat template that turns all of it into tokens. Does not know what
will be answered, and whose API format the messages came from.
"""

import json
from dataclasses import dataclass

from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.tokenizer import Special
from tensormesh_local.engine.tools import Tool


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
