"""
What hosts do to all their answers alike: another spelling of every name, another form of every time.

Each is one finding, however many fields it has; a single field that is so is a finding of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tensormesh_contract.evaluation.findings import Kind
from tests.contract.conftest import Sent
from tests.contract.drifts import Change

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_WORD = re.compile("[A-Z]+(_[A-Z]+)+")


@dataclass(frozen=True)
class Habit:
    """
    One habit.

    Args:
        name: to tell it by.
        change: changes one answer.
        kind: what the finding of it is.
        words: what its heading says.
        surface: on which surface.
        fields: how many fields it has there, at least.
        cure: whether pasting the suggestion makes the finding go; else nothing is suggested.
    """

    name: str
    change: Change
    kind: Kind
    words: str
    surface: str
    fields: int
    cure: bool = True


def everything(change: Callable[[Any], Any]) -> Change:
    """Change the JSON of every answer and of every event."""

    def habit(sent: Sent) -> None:
        if sent.is_json and sent.body:
            sent.json = change(sent.json)
        elif sent.is_stream:
            lines = sent.body.decode().split("\n")
            sent.body = "\n".join(_line(line, change) for line in lines).encode()

    return habit


def _line(line: str, change: Callable[[Any], Any]) -> str:
    return f"data: {json.dumps(change(json.loads(line[6:])))}" if line.startswith("data: {") else line


def names(change: Callable[[str], str]) -> Change:
    """Change the name of every field."""

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {change(name): renamed(item) for name, item in value.items()}
        return [renamed(item) for item in value] if isinstance(value, list) else value

    return everything(renamed)


def values(change: Callable[[Any], Any]) -> Change:
    """Change every value that is no object and no list."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: changed(item) for name, item in value.items()}
        return [changed(item) for item in value] if isinstance(value, list) else change(value)

    return everything(changed)


def camel(name: str) -> str:
    return re.sub("_([a-z0-9])", lambda found: found[1].upper(), name)


def snake(name: str) -> str:
    return re.sub("(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", name)


def pascal(name: str) -> str:
    return camel(name)[:1].upper() + camel(name)[1:]


def times(change: Callable[[str], Any]) -> Change:
    return values(lambda value: change(value) if isinstance(value, str) and _INSTANT.match(value) else value)


def words(change: Callable[[str], str]) -> Change:
    return values(lambda value: change(value) if isinstance(value, str) and _WORD.fullmatch(value) else value)


def _unix(unit: int) -> Callable[[str], int]:
    return lambda text: int(datetime.fromisoformat(text).timestamp()) * unit


def _number(value: Any) -> Any:
    # What stands for an amount, a count or a number of tokens; codes and digits of cards have no format.
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,3}|-?\d{6,}", value) else value


def _number_of_id(value: Any) -> Any:
    return 7 if isinstance(value, str) and re.fullmatch("[0-9a-f-]{36}", value) else value


def _fraction(value: Any) -> Any:
    return value + 0.5 if isinstance(value, int) and value > 10**9 else value


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _flag(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _nothing(value: Any) -> Any:
    return None if value == "" else value


HABITS = (
    Habit("camel-case", names(camel), Kind.SPELLING, "fields are written in camelCase", "serverless", 50),
    Habit("kebab-case", names(lambda n: n.replace("_", "-")), Kind.SPELLING, "kebab-case", "serverless", 50),
    Habit("pascal-case", names(pascal), Kind.SPELLING, "fields are written in PascalCase", "serverless", 90),
    Habit("capitals", names(str.upper), Kind.SPELLING, "fields are written in UPPER_CASE", "serverless", 90),
    Habit(
        "prefix", names(lambda n: f"tm_{n}"),
        Kind.SPELLING, "`tm_` stands before the names", "serverless", 90, cure=False,
    ),
    Habit("snake-case", names(snake), Kind.SPELLING, "fields are written in snake_case", "control-plane", 60),
    Habit(
        "prefix-of-the-control-plane", names(lambda n: f"x.{n}"),
        Kind.SPELLING, "`x.`", "control-plane", 90, cure=False,
    ),
    Habit("suffix", names(lambda n: f"{n}.x"), Kind.SPELLING, "`.x` stands behind", "serverless", 90, cure=False),
    Habit(
        "zero-times", times(lambda _: "0001-01-01T00:00:00Z"),
        Kind.IMPLAUSIBLE, "the first year", "control-plane", 15, cure=False,
    ),
    Habit("ids-as-numbers", values(_number_of_id), Kind.TYPE, "ids are sent as numbers", "control-plane", 5),
    Habit("fractions", values(_fraction), Kind.TYPE, "whole numbers are sent with fractions", "serverless", 4),
    Habit("int64-as-numbers", values(_number), Kind.TYPE, "64-bit integers are sent as JSON", "control-plane", 6),
    Habit("unix-seconds", times(_unix(1)), Kind.TYPE, "times are sent as Unix seconds,", "control-plane", 15),
    Habit("unix-milliseconds", times(_unix(1_000)), Kind.TYPE, "as Unix milliseconds,", "control-plane", 15),
    Habit("unix-nanoseconds", times(_unix(10**9)), Kind.TYPE, "as Unix nanoseconds,", "control-plane", 15),
    Habit("unix-as-text", times(lambda t: str(_unix(1)(t))), Kind.FORMAT, "Unix seconds in text", "control-plane", 15),
    Habit("no-zone", times(lambda t: t[:19]), Kind.FORMAT, "as `0000-00-00T00:00:00`", "control-plane", 15),
    Habit(
        "blank-for-t", times(lambda t: t.replace("T", " ")),
        Kind.FORMAT, "`0000-00-00 00:00:00Z`", "control-plane", 15,
    ),
    Habit("null-for-empty", values(_nothing), Kind.TYPE, "null is sent where", "control-plane", 5),
    Habit("numbers-as-text", values(_text), Kind.TYPE, "numbers are sent as text", "serverless", 20),
    Habit("flags-as-text", values(_flag), Kind.TYPE, "booleans are sent as text", "control-plane", 3),
    Habit(
        "words-in-lower-case", words(str.lower),
        Kind.UNKNOWN_VALUE, "words are sent in lower case", "control-plane", 5,
    ),
    Habit(
        "words-alone", words(lambda w: w.rpartition("_")[2]),
        Kind.UNKNOWN_VALUE, "words are sent without their common beginning", "control-plane", 3,
    ),
)  # fmt: skip
