"""
The built-in engine: a question in, an answer out, no weights and no chance.

Knows when to think, when to call a tool, when to write JSON, but not
tokens, limits and API formats.
"""

import json
import re
import zlib
from dataclasses import dataclass

from tensormesh_local.engine import replies
from tensormesh_local.engine.conversation import Conversation
from tensormesh_local.engine.schema_values import MOST_READ, Material, fill
from tensormesh_local.engine.tool_calls import Call, calls_for
from tensormesh_local.engine.tools import ToolUse
from tensormesh_local.json_values import JsonObject

_KEYS = re.compile(r"\b(?:keys?|fields?|propert(?:y|ies))\b:?\s+([^.?!\n]+)", re.IGNORECASE)
_SEEDS = 4
NO_TOOLS = ToolUse()


@dataclass(frozen=True, slots=True)
class Form:
    """
    What an answer has to look like.

    Args:
        json_schema: None for text, {} for any JSON object, else the schema to fit.
        choices: the texts of which it has to be one; where there are none, any.
    """

    json_schema: JsonObject | None = None
    choices: tuple[str, ...] = ()


TEXT = Form()


@dataclass(frozen=True, slots=True)
class Ask:
    """
    One question to the engine.

    Args:
        conversation: what was said.
        tools: what may be called.
        thinking: whether to reason first.
        effort: how long to reason.
        form: what the answer has to look like.
        gap: what stands between a thought and the answer.
        greedy: always the first variant of an answer.
        seed: which variant otherwise.
        index: which of several choices this is.
    """

    conversation: Conversation
    tools: ToolUse = NO_TOOLS
    thinking: bool = False
    effort: str | None = None
    form: Form = TEXT
    gap: str = ""
    greedy: bool = False
    seed: int = 0
    index: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine has to say; `reasoning` is None when it did not think."""

    content: str
    reasoning: str | None = None
    calls: tuple[Call, ...] = ()


def variant_of(*, greedy: bool, seed: int, index: int) -> int:
    """Choose among wordings: seeds differ now and then, choices always."""
    start = 0 if greedy or seed == 0 else zlib.crc32(str(seed).encode()) % _SEEDS
    return start + index


def answer(ask: Ask) -> Answer:
    """Answer one question."""
    talk = ask.conversation
    calls = calls_for(ask.tools, talk.question, talk.tool_results)
    reasoning = None
    if ask.thinking:
        reasoning = replies.thought(talk.question, calling=bool(calls), effort=ask.effort)
    if calls:
        return Answer("", reasoning, calls)
    variant = variant_of(greedy=ask.greedy, seed=ask.seed, index=ask.index)
    if (formed := in_form(ask.form, talk, variant)) is not None:
        return Answer(formed, reasoning)
    if talk.tool_results:
        text = replies.with_results(talk.question, talk.tool_results)
        text = text if variant == 0 else f"{text} ({variant + 1})"
    else:
        text = replies.reply(talk.question, variant)
    if talk.images:
        text = replies.with_images(text, talk.images, asked=bool(talk.question.strip()))
    return Answer(f"{ask.gap}{text}" if ask.thinking else text, reasoning)


def in_form(form: Form, talk: Conversation, variant: int) -> str | None:
    """Give what has to look like something; None where any text will do."""
    if form.json_schema is not None:
        return _json(form.json_schema, talk, variant)
    return _chosen(form.choices, talk.question, variant) if form.choices else None


def _chosen(choices: tuple[str, ...], question: str, variant: int) -> str:
    """Choose what the question names, else by the wording that is due."""
    text = question[:MOST_READ].lower()
    named = (choice for choice in choices if choice and choice.lower() in text)
    return next(named, choices[variant % len(choices)])


def _json(schema: JsonObject, talk: Conversation, variant: int) -> str:
    """Write an object: of the schema, of the keys the question names, else one answer."""
    material = Material.of(talk.question)
    value = fill(schema, material) if schema else _named_keys(talk, material, variant)
    return json.dumps(value, ensure_ascii=False)


def _named_keys(talk: Conversation, material: Material, variant: int) -> JsonObject:
    for message in reversed(talk.messages):
        found = _KEYS.search(message.text) if message.role != "assistant" else None
        names = re.findall(r"[A-Za-z_]\w*", found.group(1)) if found else []
        keys = [name for name in names if name not in ("and", "or", "the", "a", "with", "only")]
        if keys:
            return {key: _value_for(key, material, variant) for key in keys}
    results = talk.tool_results
    text = replies.with_results(talk.question, results) if results else replies.reply(talk.question, variant)
    return {"answer": text}


def _value_for(key: str, material: Material, variant: int) -> str | int:
    if key in ("age", "count", "number", "year", "total", "id", "price", "amount"):
        return (int(float(material.numbers[0])) if material.numbers else 42) + variant
    value = material.names[0] if material.names else f"example {key}"
    return value if variant == 0 else f"{value} {variant + 1}"
