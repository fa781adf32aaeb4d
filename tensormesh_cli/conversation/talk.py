"""A conversation as it stands: whom it is with, what was said, and what the next request is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tensormesh_cli.conversation.attachments import Attachment, Content, content
from tensormesh_cli.conversation.usage import Usage
from tensormesh_cli.errors import CliError


@dataclass
class Turn:
    """
    A question and its answer.

    Attributes:
        answer: None where none came.
        cut: it was interrupted, or broke off.
        model: who answered.
    """

    question: Content
    answer: str | None = None
    cut: bool = False
    model: str | None = None
    usage: Usage | None = None


@dataclass
class Talk:
    """
    One conversation. Each question but the last has its answer.

    Attributes:
        system: what the model is told before all else.
        sampling: fields of each request.
    """

    model: str
    system: str | None = None
    sampling: dict[str, Any] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    _replaced: Turn | None = None

    @property
    def usage(self) -> Usage:
        """Of all answers together."""
        return sum((turn.usage for turn in self.turns if turn.usage), Usage())

    @property
    def open(self) -> bool:
        """Whether a question waits for its answer."""
        return bool(self.turns) and self.turns[-1].answer is None

    def ask(self, text: str, attachments: tuple[Attachment, ...] = ()) -> None:
        """Put a question, in place of one that got no answer."""
        if self.open:
            self.turns.pop()
        self._replaced = None
        self.turns.append(Turn(content(text, attachments)))

    def answered(self, text: str, *, usage: Usage | None = None, cut: bool = False) -> None:
        """Keep the answer to the question that waits. One of which nothing came is none: that before it stays."""
        if text or not cut:
            turn = self.turns[-1]
            turn.answer, turn.cut, turn.model, turn.usage = text, cut, self.model, usage
        elif self._replaced:
            self.turns[-1] = self._replaced
        self._replaced = None

    def retry(self) -> None:
        """
        Have the last question wait for an answer again.

        Raises:
            CliError: nothing was asked.
        """
        if not self.turns:
            raise CliError("usage", "Nothing was asked yet.")
        last = self.turns[-1]
        self._replaced = None if last.answer is None else last
        self.turns[-1] = Turn(last.question)

    def clear(self) -> None:
        """Forget what was said; model, system and sampling stay."""
        self.turns.clear()
        self._replaced = None

    def request(self) -> dict[str, Any]:
        """The body that asks for the answer to the question that waits."""
        messages: list[dict[str, Any]] = []
        if self.system:
            messages.append({"role": "system", "content": self.system})
        for turn in self.turns:
            messages.append({"role": "user", "content": turn.question})
            if turn.answer is not None:
                messages.append({"role": "assistant", "content": turn.answer})
        return {"model": self.model, "messages": messages, **self.sampling, "stream_options": {"include_usage": True}}
