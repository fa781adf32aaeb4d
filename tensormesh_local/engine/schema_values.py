"""
Values for a JSON schema, drawn from a text where the text has them.

Knows how to make a small valid value for the schemas that tool parameters and
JSON answers use; does not evaluate schemas or follow references outside one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tensormesh_documents.pointers import split, walk
from tensormesh_local.json_values import Json, JsonObject

DEEPEST = 8

_PROPER = re.compile(r"\b[A-Z][\w'\u2019-]*(?: [A-Z][\w'\u2019-]*)*")
_NUMBER = re.compile(r"-?\b\d+(?:\.\d+)?\b")
_QUOTED = re.compile(r"[\"“']([^\"”']+)[\"”']")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b")
_URL = re.compile(r"\bhttps?://[^\s\"'>]+")
# Capitalised in a question without being a name of anything.
_NOT_NAMES_TEXT = """
    a an and are at be book call can check could compare count create do does fetch find for from get give hello hey hi
    how i i'd i'm in is it let list look may my name of on order please read reply say search send set should show tell
    thank thanks that the then this to turn use using was we what what's when where which who why will with would write
    you celsius fahrenheit monday tuesday wednesday thursday friday saturday sunday
"""
_NOT_NAMES = frozenset(_NOT_NAMES_TEXT.split())
_PLACE_FIELDS = ("city", "location", "place", "country", "town", "destination", "origin")
_FREE_FIELDS = ("query", "question", "text", "message", "prompt", "input", "body", "content", "q")


def proper_names(text: str) -> list[str]:
    """List the names of things in a text, each once, in their order."""
    found: dict[str, None] = {}
    for match in _PROPER.finditer(text):
        words = match.group().split(" ")
        while words and words[0].lower() in _NOT_NAMES:
            del words[0]
        while words and words[-1].lower() in _NOT_NAMES:
            del words[-1]
        name = " ".join(words).removesuffix("'s").removesuffix("\u2019s")
        if name:
            found[name] = None
    return list(found)


@dataclass
class Material:
    """What a text offers for filling in; taking a number uses it up."""

    text: str
    names: list[str] = field(default_factory=list[str])
    numbers: list[str] = field(default_factory=list[str])

    @classmethod
    def of(cls, text: str) -> "Material":
        """Gather the material of a text."""
        return cls(text, proper_names(text), _NUMBER.findall(text))

    def mentions(self, word: object) -> bool:
        """Tell whether the text contains a word."""
        return re.search(rf"\b{re.escape(str(word))}\b", self.text, re.IGNORECASE) is not None


def fill(schema: JsonObject, material: Material) -> Json:
    """Make a value that the schema accepts."""
    return _value(schema, material, schema, "", 0)


def _value(schema: Json, material: Material, root: JsonObject, name: str, depth: int) -> Json:
    if not isinstance(schema, dict) or depth > DEEPEST:
        return None
    if "$ref" in schema:
        return _value(_resolved(schema["$ref"], root), material, root, name, depth + 1)
    if "const" in schema:
        return schema["const"]
    enum = schema.get("enum")
    if isinstance(enum, list) and enum:
        return next((item for item in enum if material.mentions(item)), enum[0])
    for key in ("anyOf", "oneOf", "allOf"):
        options = schema.get(key)
        if isinstance(options, list) and options:
            return _value(options[0], material, root, name, depth + 1)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0] if kind else None
    if kind is None and "properties" in schema:
        kind = "object"
    if kind == "object":
        return _object(schema, material, root, depth)
    if kind == "array":
        return _array(schema, material, root, name, depth)
    makers: dict[str, Callable[[JsonObject, Material, str], Json]] = {
        "string": _string,
        "integer": _number,
        "number": _number,
        "boolean": _boolean,
    }
    if kind == "null":
        return None
    return makers[kind if isinstance(kind, str) and kind in makers else "string"](schema, material, name)


def _resolved(reference: Json, root: JsonObject) -> Json:
    try:
        file, keys = split(str(reference))
        _, found = walk(root, keys)
    except (LookupError, ValueError):
        return None
    return None if file else found


def _object(schema: JsonObject, material: Material, root: JsonObject, depth: int) -> Json:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    required = schema.get("required")
    wanted = required if isinstance(required, list) else list(properties)
    return {
        key: _value(sub, material, root, key, depth + 1)
        for key, sub in properties.items()
        if key in wanted or _told(sub, material)
    }


def _told(schema: Json, material: Material) -> bool:
    """Tell whether the text itself names a value for an optional property."""
    enum = schema.get("enum") if isinstance(schema, dict) else None
    return isinstance(enum, list) and any(material.mentions(item) for item in enum)


def _array(schema: JsonObject, material: Material, root: JsonObject, name: str, depth: int) -> Json:
    items = schema.get("items")
    kind = items.get("type") if isinstance(items, dict) else None
    if kind == "string" and material.names and isinstance(items, dict) and "enum" not in items:
        return list(material.names)
    if kind in ("integer", "number") and len(material.numbers) > 1:
        return [_value(items, material, root, name, depth + 1) for _ in list(material.numbers)]
    least = schema.get("minItems")
    count = max(1, least if isinstance(least, int) else 1)
    return [_value(items, material, root, name, depth + 1) for _ in range(count)]


def _string(schema: JsonObject, material: Material, name: str) -> Json:
    text, kind = material.text, schema.get("format")
    patterns = {"date": _DATE, "email": _EMAIL, "uri": _URL, "url": _URL}
    for key, pattern in patterns.items():
        if kind == key or key in name.lower().split("_"):
            found = pattern.search(text)
            usual = {"date": "2026-01-31", "email": "user@example.com"}
            return found.group() if found else usual.get(key, "https://example.com/")
    if kind == "date-time":
        return "2026-01-31T12:00:00Z"
    quoted = _QUOTED.search(text)
    if quoted and name.lower() not in _PLACE_FIELDS:
        return quoted.group(1)
    if name.lower() in _FREE_FIELDS or not material.names:
        return _after_preposition(text) if name.lower() in _PLACE_FIELDS else text.strip() or name
    return material.names[0]


def _after_preposition(text: str) -> str:
    found = re.search(r"\b(?:in|at|for|of|to|from)\s+(?:the\s+)?([\w'-]+)", text)
    return found.group(1) if found else "Paris"


def _number(schema: JsonObject, material: Material, name: str) -> Json:
    del name
    whole = schema.get("type") == "integer"
    low, high = schema.get("minimum"), schema.get("maximum")
    taken = material.numbers.pop(0) if material.numbers else None
    value = float(taken) if taken is not None else 1.0
    if isinstance(low, int | float):
        value = max(value, low)
    if isinstance(high, int | float):
        value = min(value, high)
    return int(value) if whole or value.is_integer() else value


def _boolean(schema: JsonObject, material: Material, name: str) -> Json:
    del schema, name
    return not material.mentions("not")
