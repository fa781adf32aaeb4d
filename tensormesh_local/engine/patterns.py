"""
A text for a regular expression.

Knows the shortest that matches, for what such expressions are written with: classes, groups, alternatives, counts. What
looks around, or back at a group, is told to be beyond it. What comes out is tried against the expression itself.
"""

import re

LONGEST = 10_000

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_CLASSES = {"d": "0", "w": "a", "s": " ", "D": "a", "W": " ", "S": "a"}
_ANY = "aA0 -_.,:;!?/+*=()[]{}<>@#$%&'\"\\|~^`\n" + "".join(map(chr, range(33, 127)))
_COUNT = re.compile(r"\{(?:(?P<exactly>\d+)|(?P<least>\d*),(?P<most>\d*))\}")


class PatternError(ValueError):
    """An expression for which no text is found, and why."""


def example(pattern: str) -> str:
    """
    Give a text that matches all of an expression.

    Raises:
        PatternError: none is found.
    """
    reader = _Reader(pattern)
    try:
        text = reader.alternatives()
    except IndexError as exc:
        raise PatternError("it ends too early") from exc
    if reader.at < len(pattern) or re.fullmatch(pattern, text) is None:
        raise PatternError("no text is found that matches it")
    return text


class _Reader:
    """Reads an expression from left to right, and says the shortest for each part of it."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.at = 0

    def _next(self) -> str:
        self.at += 1
        return self._pattern[self.at - 1]

    def _sees(self, *signs: str) -> bool:
        return self._pattern.startswith(signs, self.at)

    def alternatives(self) -> str:
        found = [self._sequence()]
        while self._sees("|"):
            self.at += 1
            found.append(self._sequence())
        return next(filter(None, found), "")

    def _sequence(self) -> str:
        said = ""
        while self.at < len(self._pattern) and not self._sees("|", ")"):
            one = self._one()
            least = self._least()
            if len(said) + len(one) * least > LONGEST:
                raise PatternError("what matches it is too long")
            said += one * least
        return said

    def _least(self) -> int:
        count = _COUNT.match(self._pattern, self.at)
        if count is not None:
            self.at = count.end()
            if count["exactly"]:
                return int(count["exactly"])
            least = int(count["least"] or 0)
        elif self._sees("*", "?", "+"):
            least = int(self._next() == "+")
        else:
            return 1
        if self._sees("?", "+"):
            self.at += 1
        # One of what may be left out says more than nothing.
        return least or int(count is None or count["most"] != "0")

    def _one(self) -> str:
        sign = self._next()
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._class()
        if sign == "\\":
            return self._escape()
        if sign in "^$":
            return ""
        return "a" if sign == "." else sign

    def _group(self) -> str:
        if self._sees("?"):
            named = re.compile(r"\?(?::|P<\w+>)").match(self._pattern, self.at)
            if named is None:
                raise PatternError("it holds a group of a kind that is not read here")
            self.at = named.end()
        said = self.alternatives()
        if self._next() != ")":
            raise PatternError("a group of it does not end")
        return said

    def _class(self) -> str:
        begin = self.at - 1
        if self._sees("^"):
            self.at += 1
        if self._sees("]"):
            self.at += 1
        while (sign := self._next()) != "]":
            self.at += sign == "\\"
        kind = re.compile(self._pattern[begin : self.at])
        found = next(filter(kind.fullmatch, _ANY), None) or next(filter(kind.fullmatch, map(chr, range(0xFFFF))), None)
        if found is None:
            raise PatternError("a class of it holds no character")
        return found

    def _escape(self) -> str:
        sign = self._next()
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign in "bBAZ":
            return ""
        if sign in "xuU":
            digits = {"x": 2, "u": 4, "U": 8}[sign]
            self.at += digits
            return chr(int(self._pattern[self.at - digits : self.at], 16))
        if sign.isdigit():
            raise PatternError("it refers back to a group")
        return _ESCAPES.get(sign, sign)
