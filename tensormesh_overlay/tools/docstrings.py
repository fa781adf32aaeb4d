"""What a docstring says: of the function, and of each of its parameters."""

from __future__ import annotations

import inspect
import re
from itertools import pairwise

_SECTION = re.compile(r"(Args|Arguments|Parameters|Returns?|Yields?|Raises|Examples?|Notes?)(?: \([^)]*\))?(:?)\s*")
_RULE = re.compile(r"-{3,}\s*")
_GOOGLE = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?:\s*(.*)")
_NUMPY = re.compile(r"(\w+)\s*(?::.*)?()")
_SPHINX = re.compile(r":(?:param|parameter|arg)\s+(?:[^:]*\s)?(\w+):\s*(.*)")
_FIELD = re.compile(r":\w+[^:]*:")
_OF_PARAMETERS = ("Args", "Arguments", "Parameters")


def described(text: str | None) -> tuple[str, dict[str, str]]:
    """What a docstring in the style of Google, NumPy or Sphinx says before its sections, and of each parameter."""
    reader = _Reader()
    lines = inspect.cleandoc(text or "").splitlines()
    for line, following in pairwise([*lines, ""]):
        reader.feed(line, underlined=_RULE.fullmatch(following) is not None)
    words = {name: " ".join(filter(None, said)) for name, said in reader.words.items()}
    return "\n".join(reader.about).strip(), words


class _Reader:
    def __init__(self) -> None:
        self.about: list[str] = []
        self.words: dict[str, list[str]] = {}
        self._begins: re.Pattern[str] | None = None
        self._depth: int | None = None
        self._within = False
        """Whether what comes belongs to a section, or to a field, and no more to what is said of the function."""
        self._current = ""

    def feed(self, line: str, *, underlined: bool) -> None:
        head = _SECTION.fullmatch(line)
        if head and (head[2] or underlined):
            of_parameters = head[1] in _OF_PARAMETERS
            self._begins = (_NUMPY if underlined else _GOOGLE) if of_parameters else None
            self._within, self._depth, self._current = True, None, ""
        elif found := _SPHINX.match(line.strip()):
            self._begin(found)
            self._begins = None
        elif _FIELD.match(line):
            self._within, self._current = True, ""
        elif not self._within:
            self.about.append(line)
        elif line.strip() and not _RULE.fullmatch(line):
            self._entry(line)

    def _entry(self, line: str) -> None:
        """A line of a section: it begins a parameter where it stands no further in than the first one."""
        depth = len(line) - len(line.lstrip())
        self._depth = depth if self._depth is None else self._depth
        found = self._begins.fullmatch(line.strip()) if self._begins and depth <= self._depth else None
        if found:
            self._begin(found)
        elif self._current:
            self.words[self._current].append(line.strip())

    def _begin(self, found: re.Match[str]) -> None:
        self._within, self._current = True, found[1]
        self.words[self._current] = [found[2]]
