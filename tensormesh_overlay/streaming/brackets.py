"""Where JSON that comes in pieces is whole. Each character is looked at once, however often anybody asks. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

_SIGN = re.compile(r'["{}\[\]]')
_STRING = re.compile(r'(?:[^"\\]+|\\.)*+', re.DOTALL)
"""The rest of a string, up to its quotation mark or to half an escape."""


class Brackets:
    """
    The brackets of one JSON object: whether the first that was opened is closed again, and nothing but blanks followed.

    What is closed need not be JSON, but if it is none it never will be: so that is found out once.
    """

    def __init__(self) -> None:
        self._open = 0
        self._within = self._escaped = False
        self._closed = self._spoilt = False
        self._sound: bool | None = None

    def feed(self, text: str) -> None:
        """More of the text."""
        at, end = 0, len(text)
        while at < end and not self._spoilt:
            if self._within:
                at = self._string(text, at)
            elif self._closed:
                self._spoilt = bool(text[at:].strip())
                return
            else:
                at = self._bracket(text, at)

    def hold(self, whole: Callable[[], str | bytes]) -> bool:
        """
        Whether the text is a whole object.

        Args:
            whole: gives all of it.
        """
        if not self._closed or self._spoilt:
            return False
        if self._sound is None:
            try:
                json.loads(whole())
                self._sound = True
            except (ValueError, RecursionError):
                self._sound, self._spoilt = False, True
        return self._sound

    def _string(self, text: str, at: int) -> int:
        if self._escaped:
            self._escaped = False
            return at + 1
        found = _STRING.match(text, at)
        at = len(text) if found is None else found.end()
        if at < len(text):
            self._escaped = text[at] == "\\"
            self._within = self._escaped
        return at + 1

    def _bracket(self, text: str, at: int) -> int:
        found = _SIGN.search(text, at)
        if found is None:
            return len(text)
        sign = found.group()
        if sign == '"':
            self._within = True
        else:
            self._spoilt = not self._open and sign != "{"
            self._open += 1 if sign in "{[" else -1
            self._closed = not self._open
        return found.end()
