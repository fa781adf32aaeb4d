"""
Tells reasoning from answer in text that begins with `<think>` blocks, however the text is cut.

Only blocks that lead the text count. White space around them belongs to nobody; several blocks become paragraphs of
one reasoning. A block that is never closed is reasoning to its end.
"""

from __future__ import annotations

from typing import Any

OPEN, CLOSE = "<think>", "</think>"

Split = tuple[str, str]
"""A piece of reasoning and a piece of answer, either of which may be empty."""


class ThinkSplitter:
    """
    One text, piece by piece.

    Args:
        inside: the text begins within a block, as with models whose prompt opens it.
    """

    def __init__(self, *, inside: bool = False) -> None:
        self._thinking = inside
        self._held = ""
        self._blanks = ""
        self._begun = False
        self.visible = False
        """Whether the answer has begun: what comes now is answer."""
        self.split = inside
        """Whether there was a block."""
        self.reasoned = False
        """Whether there was reasoning before: more of it makes a new paragraph."""

    def feed(self, text: str) -> Split:
        """What `text` decides."""
        if self.visible:
            return "", text
        self._held += text
        reasoning: list[str] = []
        while True:
            if self._thinking:
                part, closed, rest = self._held.partition(CLOSE)
                if not closed:
                    keep = _begun(part, CLOSE)
                    self._held = part[len(part) - keep :]
                    reasoning.append(self._reason(part[: len(part) - keep]))
                    return "".join(reasoning), ""
                reasoning.append(self._reason(part))
                self._end_block()
                self._held = rest
            text = self._held.lstrip()
            if text.startswith(OPEN):
                self._thinking = self.split = True
                self._held = text[len(OPEN) :]
            elif OPEN.startswith(text):
                return "".join(reasoning), ""
            else:
                self.visible = True
                return "".join(reasoning), self._release()

    def flush(self) -> Split:
        """What is left when nothing more comes."""
        if self._thinking:
            rest, self._held = self._held, ""
            reasoning = self._reason(rest)
            self._end_block()
            return reasoning, ""
        self.visible = True
        return "", self._release()

    def _release(self) -> str:
        text, self._held = self._held, ""
        return text.lstrip() if self.split else text

    def _reason(self, text: str) -> str:
        """A piece of a block without the white space at its ends; that in between waits for what follows."""
        text = self._blanks + text
        if not self._begun:
            text = text.lstrip()
        kept = text.rstrip()
        self._blanks = text[len(kept) :]
        if not kept:
            return ""
        paragraph = "\n\n" if self.reasoned and not self._begun else ""
        self._begun = self.reasoned = True
        return paragraph + kept

    def _end_block(self) -> None:
        self._thinking = self._begun = False
        self._blanks = ""


def _begun(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the beginning of `tag`."""
    for length in range(min(len(text), len(tag) - 1), 0, -1):
        if tag.startswith(text[-length:]):
            return length
    return 0


def split_message(message: dict[str, Any], *, inside: bool = False) -> None:
    """Split the `content` of a whole message in place, and read either name of its reasoning into one."""
    unify_reasoning(message)
    content = message.get("content")
    if not content or not isinstance(content, str) or not (inside or content.lstrip().startswith(OPEN)):
        return
    splitter = ThinkSplitter(inside=inside)
    existing = message.get("reasoning")
    if isinstance(existing, str) and existing.strip():
        splitter.reasoned = True
    reasoning, visible = map("".join, zip(splitter.feed(content), splitter.flush(), strict=True))
    message["content"] = visible or None
    if reasoning:
        message["reasoning"] = (existing or "") + reasoning if isinstance(existing, str) else reasoning


def unify_reasoning(message: dict[str, Any]) -> None:
    """Runtimes call it `reasoning` or `reasoning_content`."""
    other = message.get("reasoning_content")
    if other is not None and message.get("reasoning") is None:
        message["reasoning"] = other
