"""
A conversation, and the prompt it becomes.

Knows messages, what the last user said, which tool results wait for an answer,
and the chat template that turns all of it into tokens. Does not know what
will be answered, and whose API format the messages came from.
"""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass

from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.tokenizer import Special
from tensormesh_local.engine.tools import Tool

# What a picture costs in a prompt: as with the engines, the more so the finer they cut it; one size will do here.
IMAGE_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Image:
    """A picture, of which the digest is known: two of the same are cached as one."""

    digest: bytes

    def tokens(self) -> list[int]:
        """Give what stands for it in a prompt."""
        return [*self.digest, *[Special.IMAGE] * (IMAGE_TOKENS - len(self.digest))]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn; `calls` are the tool calls an assistant made, as written back to it, `called` the tools of these."""

    role: str
    text: str
    calls: str = ""
    call_id: str | None = None
    images: tuple[Image, ...] = ()
    called: tuple[str, ...] = ()


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
    def images(self) -> int:
        """How many pictures came with what the user said last."""
        return next((len(message.images) for message in reversed(self.messages) if message.role == "user"), 0)

    @property
    def image_tokens(self) -> int:
        """How many tokens of the prompt stand for pictures."""
        return sum(IMAGE_TOKENS * len(message.images) for message in self.messages)

    @property
    def tool_results(self) -> tuple[str, ...]:
        """The tool results that came after the last word of the user."""
        return tuple(message.text for message in self._since if message.role == "tool")

    @property
    def called(self) -> frozenset[str]:
        """The tools that were called after the last word of the user."""
        return frozenset(name for message in self._since for name in message.called)

    @property
    def _since(self) -> tuple[Message, ...]:
        """What came after the last word of the user."""
        found = itertools.takewhile(lambda message: message.role != "user", reversed(self.messages))
        return tuple(found)[::-1]

    def prompt(self, *, thinking: bool, open_turn: bool = True) -> list[int]:
        """
        Apply the chat template.

        Args:
            thinking: False closes an empty block of thought in advance, which is
                how such templates switch reasoning off.
            open_turn: whether to begin the turn of the assistant.
        """
        ids: list[int] = []
        for _, tokens in self.turns(thinking=thinking, open_turn=open_turn):
            ids += tokens
        return ids

    def turns(self, *, thinking: bool, open_turn: bool = True) -> Iterator[tuple[str, list[int]]]:
        """Give the parts of the prompt, each with what it is in words."""
        if self.tools:
            described = [tool.declaration() for tool in self.tools]
            yield "the tools", _turn("tools", json.dumps(described, ensure_ascii=False))
        for number, message in enumerate(self.messages, 1):
            yield label(number, message.role), _turn(message.role, message.text + message.calls, message.images)
        if open_turn:
            ids = [Special.TURN, *tokenizer.encode("assistant\n")]
            if not thinking:
                ids += [Special.THINK, *tokenizer.encode("\n\n"), Special.END_THINK, *tokenizer.encode("\n\n")]
            yield "the beginning of the answer", ids


def label(number: int, role: str) -> str:
    """Say which part of a prompt a message is, counted from 1."""
    return "the system prompt" if number == 1 and role in ("system", "developer") else f"message {number} ({role})"


def _turn(role: str, text: str, images: tuple[Image, ...] = ()) -> list[int]:
    seen = [token for image in images for token in image.tokens()]
    return [Special.TURN, *tokenizer.encode(f"{role}\n{text}"), *seen, Special.END_OF_TURN, *tokenizer.encode("\n")]
