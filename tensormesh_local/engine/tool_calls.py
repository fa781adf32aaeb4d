"""
Which tools a question calls for, and with which arguments.

Knows how to match a question with tool names and descriptions and to call one
tool several times for several names; does not run anything.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from tensormesh_local.engine.schema_values import LARGEST, Material, fill
from tensormesh_local.engine.tools import Tool, ToolUse

_WORD = re.compile(r"[A-Za-z]{3,}")
# Words of tool descriptions that say nothing about their subject.
_EMPTY_WORDS_TEXT = """
    all and any are back by call can create current data delete does fetch find for from function get give given has
    have info into its list look lookup make new number one out put read result return returns run search send set show
    some that the this tool update use used user using value what when where which will with you your
"""
_EMPTY_WORDS = frozenset(_EMPTY_WORDS_TEXT.split())
STEM = 5
MOST_CALLS = 128
ENOUGH_DESCRIBED = 2


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool; arguments are JSON text, as in the API."""

    name: str
    arguments: str


def _stems(text: str) -> set[str]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", text).replace("_", " ")
    words = {word.lower() for word in _WORD.findall(spaced)}
    return {word[:STEM] for word in words - _EMPTY_WORDS}


def _fits(tool: Tool, question: set[str]) -> bool:
    """A word of its name is enough; of its description it takes two."""
    if question & _stems(tool.name):
        return True
    return len(question & _stems(tool.description)) >= ENOUGH_DESCRIBED


def _spread(tool: Tool, material: Material) -> list[Material]:
    """Give each name of the question a call of its own, when the tool takes one name."""
    properties = tool.parameters.get("properties")
    required = tool.parameters.get("required")
    if len(material.names) < ENOUGH_DESCRIBED or not isinstance(properties, dict):
        return [material]
    keys = required if isinstance(required, list) else list(properties)
    plain = [
        key
        for key in keys
        if isinstance(key, str)
        and isinstance(sub := properties.get(key), dict)
        and sub.get("type") == "string"
        and "enum" not in sub
        and "const" not in sub
    ]
    if len(plain) != 1 or any(isinstance(s, dict) and s.get("type") == "array" for s in properties.values()):
        return [material]
    return [replace(material, names=(name,)) for name in material.names[:MOST_CALLS]]


def _calls(tool: Tool, question: Material) -> Iterator[Call]:
    for material in _spread(tool, question):
        arguments = fill(tool.parameters, material) if tool.parameters else {}
        shown = arguments if isinstance(arguments, dict) else {}
        yield Call(tool.name, json.dumps(shown, ensure_ascii=False))


def calls_for(use: ToolUse, question: str, results: Sequence[str], called: Collection[str] = ()) -> tuple[Call, ...]:
    """
    Decide what to call.

    Args:
        use: the tools and the liberty taken with them.
        question: what the user said last.
        results: tool results already there; with them, "auto" answers in words.
        called: the tools that gave them; "required" calls another where there is one, or agents would never end.
    """
    if use.mode == "none" or not use.tools or (use.mode == "auto" and results):
        return ()
    if use.mode == "named":
        chosen = [tool for tool in use.tools if tool.name == use.name]
    else:
        stems = _stems(question)
        left = [tool for tool in use.tools if tool.name not in called] or use.tools
        chosen = [tool for tool in left if _fits(tool, stems)]
        if not chosen and use.mode == "required":
            chosen = [left[0]]
    material = Material.of(question)
    calls = (call for tool in chosen for call in _calls(tool, material))
    found, budget = list[Call](), LARGEST
    for call in islice(calls, MOST_CALLS if use.parallel else 1):
        found.append(call)
        budget -= len(call.arguments)
        if budget <= 0:
            break
    return tuple(found)
