"""What the documents say of a thing in words, and what they say of it in numbers, as words."""

from __future__ import annotations

import json
import re
from typing import Any

from tools.documents import JsonObject

LONGEST = 80
"""How much of an example is shown."""

BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} character",
    "maxLength": "at most {} character",
    "minItems": "at least {} item",
    "maxItems": "at most {} item",
    "pattern": "like `{}`",
}


def sentence(node: JsonObject) -> str:
    """The description of a schema, a parameter or an operation; it begins with a word where it is deprecated."""
    text = str(node.get("description", "")).strip()
    return text if not node.get("deprecated") or text.startswith("Deprecated") else f"Deprecated. {text}".strip()


def described(node: JsonObject, schema: JsonObject) -> str:
    """
    What is said of a field or a parameter, in one text: words, format, bounds, default, example.

    Args:
        node: what says it.
        schema: that of its value.
    """
    text = sentence(node)
    facts = [*_facts(schema), *_example(node, schema)]
    if text and text[-1] not in ".!?:" and facts:
        text += "."
    return " ".join([text, *facts]).strip()


def deprecation(node: JsonObject) -> str:
    """Why a thing is deprecated, for who still uses it; empty where it is not."""
    if not node.get("deprecated"):
        return ""
    said = re.fullmatch(r"Deprecated\W+(.+?)(\.( .*)?)?", " ".join(sentence(node).split()))
    # Where the words do not begin with it, the word stands before a sentence about something else.
    return said[1] if said and str(node["description"]).strip().startswith("Deprecated") else "see its documentation"


def _facts(schema: JsonObject) -> list[str]:
    variants = [item for item in schema.get("oneOf") or schema.get("anyOf") or () if item.get("type") != "null"]
    inner = variants[0] if len(variants) == 1 else schema
    found = []
    if inner.get("format") in SPOKEN and (spoken := SPOKEN[inner["format"]]):
        found.append(f"{spoken}.")
    if bounds := [bound(key, inner[key]) for key in BOUNDS if key in inner]:
        text = ", ".join(bounds)
        found.append(f"{text[:1].upper()}{text[1:]}.")
    if "default" in schema:
        found.append(f"Default: `{_short(schema['default'])}`.")
    return found


def bound(word: str, value: Any) -> str:
    """What a word that keeps values out says, in words."""
    words = BOUNDS[word]
    return words.format(value) + "s" * (words.endswith(("character", "item")) and value != 1)


def _example(node: JsonObject, schema: JsonObject) -> list[str]:
    for holder in (node, schema):
        examples = holder.get("examples")
        if "example" in holder:
            return [f"Example: `{_short(holder['example'])}`."]
        if isinstance(examples, list) and examples:
            return [f"Example: `{_short(examples[0])}`."]
        if isinstance(examples, dict):  # a parameter's have names, and may refer to a component
            return [f"Example: `{_short(item['value'])}`." for item in examples.values() if "value" in item][:1]
    return []


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


SPOKEN = {
    "byte": "Base64 text",
    "date": "A date, such as 2026-01-31",
    "duration": "A span of time as in ISO 8601, such as PT5M",
    "email": "An e-mail address",
    "hostname": "The name of a host",
    "ipv4": "An IPv4 address",
    "ipv6": "An IPv6 address",
    "regex": "A regular expression",
    "time": "A time of day, such as 12:00:00Z",
    "uri": "A URI",
    "uri-reference": "A URI, or the end of one",
    "uuid": "A UUID",
}
"""Formats of text that stays text, and what they mean."""
