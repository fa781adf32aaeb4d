"""
Times and values of enumerations as people write them: `30d`, `h100`. `tm` takes the same.

Plain classes, for every import of a model comes by here, and a named tuple takes five times as long to define.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime

_SPAN = r"([+-]?)(\d{1,9})([smhdw])"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?"
_NAME = r"[A-Za-z][A-Za-z0-9_-]*"


class Moment:
    """
    A time.

    Attributes:
        ahead: whether a span of time lies ahead of now, where it does not say; otherwise it lies behind.
    """

    def __init__(self, ahead: bool = False) -> None:
        self.ahead = ahead

    def spelt(self, value: Any) -> Any:
        """
        A span from now (`timedelta`, `30d`, `-15m`), `now`, a day, or a time without an offset, which is UTC, as the
        service writes times; anything else as it is.
        """
        import datetime

        if isinstance(value, datetime.timedelta):
            return self._from_now(value, signed=value < datetime.timedelta(0))
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return f"{value.isoformat()}T00:00:00Z"
        text = value.strip() if isinstance(value, str) else ""
        if text == "now":
            return self._from_now(datetime.timedelta(0), signed=False)
        if re.fullmatch(_DAY, text):
            return f"{text}T00:00:00Z"
        if clock := re.fullmatch(_CLOCK, text):
            return f"{clock[1]}T{clock[2]}{clock[3] or ':00'}Z"
        if span := re.fullmatch(_SPAN, text):
            length = datetime.timedelta(seconds=int(span[2]) * _SECONDS[span[3]])
            return self._from_now(-length if span[1] == "-" else length, signed=span[1] != "")
        return value

    def _from_now(self, span: datetime.timedelta, *, signed: bool) -> str:
        import datetime

        from tensormesh_runtime.errors import ValidationError

        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        try:
            moment = now + span if signed or self.ahead else now - span
        except OverflowError as error:
            raise ValidationError(f"{span} from now is out of what a time can be") from error
        return moment.isoformat().replace("+00:00", "Z")


class Word:
    """
    A value of an enumeration that may grow.

    Attributes:
        prefix: what every value begins with: `GPU_TYPE_`.
        known: those that are known.
    """

    def __init__(self, prefix: str, known: tuple[str, ...]) -> None:
        self.prefix, self.known = prefix, known

    def spelt(self, value: Any) -> Any:
        """The value in full of a short one: `h100` is `GPU_TYPE_H100`. Anything else as it is."""
        if not isinstance(value, str) or not re.fullmatch(_NAME, value.strip()):
            return value
        full = self.prefix + value.strip().upper().replace("-", "_").removeprefix(self.prefix)
        # Where only a value or two are known, the list is no list of what there is.
        few = sum(not name.endswith("UNSPECIFIED") for name in self.known) < 2
        said = value.strip().upper().replace("-", "_").startswith(self.prefix)
        return full if full in self.known or few or said else value


class Digits:
    """A number that JSON has as text."""

    def spelt(self, value: Any) -> Any:
        """The text of a number; anything else as it is."""
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


class Each:
    """An object whose keys are the caller's own; `words` are those of every value."""

    def __init__(self, words: Any) -> None:
        self.words = words

    def spelt(self, value: Any) -> Any:
        return {key: spelt(item, self.words) for key, item in value.items()} if isinstance(value, Mapping) else value


def spelt(value: Any, words: Any) -> Any:
    """
    What is to be sent, with words and times as the service knows them.

    Args:
        words: what a value is, or by key what the values of an object are.
    """
    if isinstance(value, list):
        return [spelt(item, words) for item in value]
    if not isinstance(words, dict):
        return words.spelt(value)
    if not isinstance(value, Mapping):
        return value
    return {key: spelt(item, words[key]) if key in words else item for key, item in value.items()}
