"""
What hosts do to all their values of a sort: 64-bit integers as numbers, times as Unix seconds, null for nothing.

Knows what a value of one such sort looks like when it is written as one of another, and says it in words that are the
same for every field; whether several fields have changed alike is not known here.
"""

from __future__ import annotations

import re
from os.path import commonprefix

from tensormesh_contract.documents.shapes import Shape, folded
from tensormesh_contract.evaluation.formats import fits
from tensormesh_contract.json_values import read_json
from tensormesh_documents.json_types import Json

LEFT_OUT = "null is sent where a field may be left out"
REQUIRED = "null is sent where a value is required"
FAILS_ON_WRONG = "requests that are wrong in one thing fail, where they have to be refused"

_UNITS = ((10**11, "seconds"), (10**14, "milliseconds"), (10**17, "microseconds"))
_NUMBERS = frozenset({"integer", "number"})
_TEXTS = {"int64": "64-bit integers", "uint64": "64-bit integers", "decimal": "decimals"}
_NUMERIC = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


def of_type(value: Json, shape: Shape, name: str = "") -> str:
    """
    Say what a value of another type than the documented one is another way of writing; empty where it is none.

    Args:
        value: it; not null.
        shape: what the document says of it.
        name: that of its field.
    """
    meant = _meant(shape)
    if not meant.types:
        return ""
    if isinstance(value, str) and (said := _text(value, meant)):
        return said
    if isinstance(value, int | float) and not isinstance(value, bool):
        if meant.types <= {"string", "null"}:
            return _number_for_text(value, meant, name)
        if meant.types <= {"boolean", "null"} and value in (0, 1):
            return "booleans are sent as the numbers 0 and 1"
        if meant.types <= {"integer", "null"}:
            return "whole numbers are sent with fractions"
    if value == [] and meant.types <= {"object", "null"}:
        return "an empty list is sent for an object without fields"
    if meant.types <= {"array", "null"} and meant.items is not None and meant.items.allows(value):
        return "lists of one are sent as the one alone"
    return ""


def of_format(text: str, name: str) -> str:
    """Say how a text is written that has another format than the documented one."""
    if name == "date-time" and text.isdecimal():
        return f"times are sent as Unix {_unit(int(text))} in text, documented as date-time"
    if name not in ("date-time", "date", "uuid"):
        return ""
    plain = re.sub(r"(:\d\d)[.,]\d+", r"\1", text)
    pattern = re.sub(r"[A-Za-z]{2,}", "a", re.sub(r"\d", "0", plain))
    return f"{'times' if name == 'date-time' else f'texts of format {name}'} are written as `{pattern}`"


def of_value(value: Json, known: tuple[Json, ...]) -> str:
    """Say how a word is written that is a documented one, written otherwise; empty where it is none."""
    words = [one for one in known if isinstance(one, str)]
    if not isinstance(value, str) or not value:
        return ""
    for word in words:
        if word.lower() == value.lower():
            return f"words are sent in {_case(value)}, documented in {_case(word)}"
        if folded(word) == folded(value):
            return "words are written with other marks between their parts"
        if word.lower().endswith(f"_{value.lower()}"):
            case = "" if word.endswith(value) else f", in {_case(value)}"
            return f"words are sent without their common beginning{case}"
    common = _beginning(words)
    if common and value != value.upper() and value.upper().startswith(common):
        return f"words are sent in {_case(value)}, documented in {_case(words[0])}"
    return ""


def _number_for_text(value: float, meant: Shape, name: str) -> str:
    if meant.format == "date-time":
        return f"times are sent as Unix {_unit(value)}, documented as date-time text"
    if meant.format in _TEXTS:
        return f"{_TEXTS[meant.format]} are sent as JSON numbers, documented as text"
    if meant.values:
        return "words of a list are sent as their numbers"
    return "ids are sent as numbers, documented as text" if name.lower().endswith("id") else ""


def _text(value: str, meant: Shape) -> str:
    known = meant.types - {"null"}
    if known and known <= _NUMBERS:
        if fits(value, "date-time"):
            return "times are sent as date-time text, documented as Unix seconds"
        return "numbers are sent as text" if _NUMERIC.fullmatch(value) else ""
    if known == {"boolean"}:
        return "booleans are sent as text" if value.lower() in ("true", "false") else ""
    if known and known <= {"object", "array"} and value[:1] in ("{", "["):
        read = read_json(value)
        return "objects and lists are sent as JSON within text" if read is not None and meant.allows(read) else ""
    return ""


def _meant(shape: Shape) -> Shape:
    """Give the one thing that a value may be, beside null."""
    others = [one for one in shape.variants if one.types != {"null"}]
    return others[0] if len(others) == 1 else shape


def _unit(value: float) -> str:
    return next((unit for limit, unit in _UNITS if abs(value) < limit), "nanoseconds")


def _case(word: str) -> str:
    return "upper case" if word == word.upper() else "lower case" if word == word.lower() else "mixed case"


def _beginning(words: list[str]) -> str:
    """Give the parts that all words begin with."""
    before, mark, _ = commonprefix(words).rpartition("_")  # noqa: RUF071 - of words
    return before + mark
