"""
Values for a JSON schema, drawn from a text where the text has them.

Knows how to make a small valid value for the schemas that tool parameters and
JSON answers use; does not evaluate schemas or follow references outside one.
"""

import json
import math
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_documents.pointers import split, walk

DEEPEST = 8
MOST_READ = 10_000
"""So many characters of a text are read for what it offers."""

LARGEST = 131_072
"""So many characters a value has at most, about: more than fit into any context here. What comes after is null."""

_PROPER = re.compile(r"\b[A-Z][\w'\u2019-]*(?: [A-Z][\w'\u2019-]*)*")
# What may follow a name and belongs to it: the state of a city, as in `San Francisco, CA`; and its country, where the
# two are all there is, as in `the weather in Paris, France?`. Names in a list are names by themselves.
_STATE = re.compile(r", (?:[A-Z]{2}|USA|UAE|D\.C\.)(?![\w.]*\w)")
_COUNTRY = re.compile(r", [A-Z][\w'\u2019-]*(?: [A-Z][\w'\u2019-]*)*(?!\w|,? (?:and|or|&) |, [A-Z])")
_PLACED = re.compile(r"\b(?:in|at|near|from)(?: the)? $")
_NUMBER = re.compile(r"-?\b\d{1,15}(?:\.\d{1,15})?\b")
_QUOTED = re.compile(r"[\"“']([^\"“”']+)[\"”']")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+\.[\w.]+\b")
_URL = re.compile(r"\bhttps?://[^\s\"'>]+")
_AFTER_PREPOSITION = re.compile(r"\b(?:in|at|for|of|to|from)\s+(?:the\s+)?([\w'-]+)")
# Capitalised in a question without being a name of anything.
_NOT_NAMES_TEXT = """
    a an and are at be book call can check could compare count create do does fetch find for from get give hello hey hi
    how i i'd i'm in is it let list look may my name of on order please read reply say search send set should show tell
    thank thanks that the then this to turn use using was we what what's when where which who why will with would write
    you weather temperature forecast news celsius fahrenheit monday tuesday wednesday thursday friday saturday sunday
"""
_NOT_NAMES = frozenset(_NOT_NAMES_TEXT.split())
_PLACE_FIELDS = ("city", "location", "place", "country", "town", "destination", "origin")
_FREE_FIELDS = ("query", "question", "text", "message", "prompt", "input", "body", "content", "q")


def proper_names(text: str) -> list[str]:
    """List the names of things in a text, each once, in their order."""
    found: dict[str, None] = {}
    taken = 0
    for match in _PROPER.finditer(text):
        if match.start() < taken:
            continue
        words = match.group().split(" ")
        named = [at for at, word in enumerate(words) if word.lower() not in _NOT_NAMES]
        name = " ".join(words[named[0] : named[-1] + 1] if named else ()).removesuffix("'s").removesuffix("\u2019s")
        if name:
            where = _where(text, match) if named[-1] == len(words) - 1 and not name.isupper() else ""
            taken = match.end() + len(where)
            found[name + where] = None
    return list(found)


def _where(text: str, name: re.Match[str]) -> str:
    """Give what follows a name and says where that is; nothing where another name follows."""
    placed = _PLACED.search(text, max(0, name.start() - 9), name.start())
    found = _STATE.match(text, name.end()) or (_COUNTRY.match(text, name.end()) if placed else None)
    return found.group() if found else ""


@dataclass(frozen=True)
class Material:
    """What a text offers for filling in, looked up once however much is filled in."""

    text: str
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> "Material":
        """Gather the material of a text."""
        text = text[:MOST_READ]
        return cls(text, tuple(proper_names(text)), tuple(_NUMBER.findall(text)))

    def first(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Give the first place that a pattern fits."""
        if pattern not in self._firsts:
            self._firsts[pattern] = pattern.search(self.text)
        return self._firsts[pattern]

    def mentions(self, word: object) -> bool:
        """Tell whether the text contains a word."""
        text = str(word)
        if text.lower() not in self._lower:
            return False
        return re.search(rf"\b{re.escape(text)}\b", self.text, re.IGNORECASE) is not None

    @cached_property
    def _lower(self) -> str:
        return self.text.lower()

    @cached_property
    def _firsts(self) -> dict[re.Pattern[str], re.Match[str] | None]:
        return {}


def fill(schema: JsonObject, material: Material) -> Json:
    """Make a value that the schema accepts."""
    return _Filling(schema, material).value(schema, "", 0)


def _finite(value: Json) -> int | float | None:
    return value if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)) else None


class _Filling:
    """
    One value in the making: its numbers are used up, and so is the room that it has.

    Whatever is looked at takes of that room, so that a small schema that asks for much ends like a large one.
    """

    def __init__(self, root: JsonObject, material: Material) -> None:
        self._root = root
        self._material = material
        self._numbers = deque(material.numbers)
        self._room = LARGEST

    def value(self, schema: Json, name: str, depth: int) -> Json:
        self._room -= 1 + len(name)
        if self._room <= 0 or not isinstance(schema, dict) or depth > DEEPEST:
            return None
        if "$ref" in schema:
            return self.value(self._resolved(str(schema["$ref"])), name, depth + 1)
        if "const" in schema:
            return self._taken(schema["const"])
        enum = schema.get("enum")
        if isinstance(enum, list) and enum:
            return self._taken(next((item for item in enum if self._mentioned(item)), enum[0]))
        for key in ("anyOf", "oneOf", "allOf"):
            options = schema.get(key)
            if isinstance(options, list) and options:
                return self.value(options[0], name, depth + 1)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = kind[0] if kind else None
        if kind is None and "properties" in schema:
            kind = "object"
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        makers: dict[str, Callable[[JsonObject, str], Json]] = {
            "integer": self._number,
            "number": self._number,
            "boolean": self._boolean,
        }
        if kind == "null":
            return None
        return makers.get(str(kind), self._string)(schema, name)

    def _resolved(self, reference: str) -> Json:
        self._room -= len(reference)
        try:
            file, keys = split(reference)
            _, found = walk(self._root, keys)
        except (LookupError, ValueError):
            return None
        return None if file else found

    def _taken(self, value: Json) -> Json:
        """Give a value that the schema itself holds."""
        self._room -= len(json.dumps(value))
        return value if self._room > 0 else None

    def _mentioned(self, item: Json) -> bool:
        self._room -= 1
        return self._room > 0 and self._material.mentions(item)

    def _object(self, schema: JsonObject, depth: int) -> Json:
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            return {}
        required = schema.get("required")
        wanted = {key for key in required if isinstance(key, str)} if isinstance(required, list) else properties
        self._room -= len(properties) + len(wanted)
        return {
            key: self.value(sub, key, depth + 1) for key, sub in properties.items() if key in wanted or self._told(sub)
        }

    def _told(self, schema: Json) -> bool:
        """Tell whether the text itself names a value for an optional property."""
        enum = schema.get("enum") if isinstance(schema, dict) else None
        return isinstance(enum, list) and any(self._mentioned(item) for item in enum)

    def _array(self, schema: JsonObject, name: str, depth: int) -> Json:
        items, names = schema.get("items"), self._material.names
        kind = items.get("type") if isinstance(items, dict) else None
        if kind == "string" and names and isinstance(items, dict) and "enum" not in items:
            self._room -= sum(map(len, names))
            return list(names) if self._room > 0 else []
        if kind in ("integer", "number") and len(self._numbers) > 1:
            return [self.value(items, name, depth + 1) for _ in range(len(self._numbers))]
        least = schema.get("minItems")
        count = max(1, least if isinstance(least, int) else 1)
        found: list[Json] = []
        while len(found) < count and self._room > 0:
            found.append(self.value(items, name, depth + 1))
        return found

    def _string(self, schema: JsonObject, name: str) -> Json:
        text = self._text(schema.get("format"), name.lower())
        self._room -= len(text)
        return text

    def _text(self, kind: Json, name: str) -> str:
        patterns = {"date": _DATE, "email": _EMAIL, "uri": _URL, "url": _URL}
        for key, pattern in patterns.items():
            if kind == key or key in name.split("_"):
                found = self._material.first(pattern)
                usual = {"date": "2026-01-31", "email": "user@example.com"}
                return found.group() if found else usual.get(key, "https://example.com/")
        if kind == "date-time":
            return "2026-01-31T12:00:00Z"
        quoted = self._material.first(_QUOTED)
        if quoted and name not in _PLACE_FIELDS:
            return quoted.group(1)
        if self._material.names and name not in _FREE_FIELDS:
            return self._material.names[0]
        if name not in _PLACE_FIELDS:
            return self._material.text.strip() or name
        place = self._material.first(_AFTER_PREPOSITION)
        return place.group(1) if place else "Paris"

    def _number(self, schema: JsonObject, name: str) -> Json:
        del name
        whole = schema.get("type") == "integer"
        low, high = _finite(schema.get("minimum")), _finite(schema.get("maximum"))
        value = float(self._numbers.popleft() if self._numbers else 1)
        if low is not None:
            value = max(value, low)
        if high is not None:
            value = min(value, high)
        return int(value) if whole or value.is_integer() else value

    def _boolean(self, schema: JsonObject, name: str) -> Json:
        del schema, name
        return not self._material.mentions("not")
