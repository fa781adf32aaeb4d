"""
Tells reasoning from answer in text that begins with `<think>` blocks, however the text is cut.

Only blocks that lead the text count. White space around them belongs to nobody; several blocks become paragraphs of
one reasoning. A block that is never closed is reasoning to its end.
"""

from __future__ import annotations

import re

OPEN, CLOSE = "<think>", "</think>"

Split = tuple[str, str]
"""A piece of reasoning and a piece of answer, either of which may be empty."""

_BLANKS = re.compile(r"\s*")


class ThinkSplitter:
    """
    One text, piece by piece.

    Args:
        inside: the text begins within a block, as with models whose prompt opens it.
    """

    def __init__(self, *, inside: bool) -> None:
        self._thinking = inside
        self._held = ""
        self._lead: list[str] = []
        self._blanks: list[str] = []
        self._begun = False
        self.visible = False
        """Whether the answer has begun: what comes now is answer."""
        self.split = False
        """Whether there was a block."""
        self._reasoned = False

    def follow(self, reasoning: str) -> None:
        """
        Put what is split off after `reasoning`, which the host gave itself, as a paragraph of its own.

        A host that tells reasoning from answer has closed the block that the prompt opened.
        """
        if reasoning.strip():
            self._reasoned = True
            self._thinking = self._thinking and self.split

    def feed(self, text: str) -> Split:
        """What `text` decides."""
        if self.visible or not text:
            return "", text
        text, self._held = self._held + text, ""
        reasoning: list[str] = []
        at = 0
        while True:
            if self._thinking:
                self.split = True
                end = text.find(CLOSE, at)
                if end < 0:
                    whole = len(text) - _overlap(text, at, CLOSE)
                    self._held = text[whole:]
                    reasoning.append(self._reason(text[at:whole]))
                    return "".join(reasoning), ""
                reasoning.append(self._reason(text[at:end]))
                self._thinking = self._begun = False
                self._blanks = []
                at = end + len(CLOSE)
            begin = _end_of_blanks(text, at)
            self._lead.append(text[at:begin])
            if text.startswith(OPEN, begin):
                self._thinking = True
                at = begin + len(OPEN)
            elif len(text) - begin < len(OPEN) and OPEN.startswith(text[begin:]):
                self._held = text[begin:]
                return "".join(reasoning), ""
            else:
                self.visible = True
                self._held = text[begin:]
                return "".join(reasoning), self._release()

    def flush(self) -> Split:
        """What is left when nothing more comes."""
        if self._thinking:
            rest, self._held = self._held, ""
            return self._reason(rest), ""
        self.visible = True
        return "", self._release()

    def _release(self) -> str:
        lead = [] if self.split else self._lead
        text, self._held, self._lead = "".join((*lead, self._held)), "", []
        return text

    def _reason(self, text: str) -> str:
        """A piece of a block without the white space at its ends; that in between waits for what follows."""
        if not self._begun:
            text = text.lstrip()
        kept = text.rstrip()
        blanks = self._blanks
        if not kept:
            blanks.append(text)
            return ""
        self._blanks = [text[len(kept) :]]
        paragraph = "\n\n" if self._reasoned and not self._begun else ""
        self._begun = self._reasoned = True
        return "".join((paragraph, *blanks, kept))


def _end_of_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return at if found is None else found.end()


def _overlap(text: str, at: int, tag: str) -> int:
    """How many characters at the end of `text`, from `at` on, may be the beginning of `tag`."""
    for length in range(min(len(text) - at, len(tag) - 1), 0, -1):
        if tag.startswith(text[-length:]):
            return length
    return 0
