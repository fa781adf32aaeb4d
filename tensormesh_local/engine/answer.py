"""
The built-in engine: a question in, an answer out, no weights and no chance.

Knows when to think, when to call a tool, when to write JSON, but not
tokens, limits and API formats.
"""

import json
import zlib
from dataclasses import dataclass

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.engine import replies
from tensormesh_local.engine.conversation import Conversation
from tensormesh_local.engine.schema_values import MOST_READ, Material, fill
from tensormesh_local.engine.told_schema import named_keys, written_example, written_schema
from tensormesh_local.engine.tool_calls import Call, calls_for
from tensormesh_local.engine.tools import ToolUse

_SEEDS = 4
NO_TOOLS = ToolUse()


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """
    What an answer has to look like.

    Args:
        json_schema: None for text, {} for any JSON object, else the schema to fit.
        choices: the texts of which it has to be one; where there are none, any.
    """

    json_schema: JsonObject | None = None
    choices: tuple[str, ...] = ()


TEXT = OutputFormat()


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """
    What the engine is asked for.

    Args:
        conversation: what was said.
        tools: what may be called.
        thinking: whether to reason first.
        effort: how long to reason.
        output_format: what the answer has to look like.
        separator: what stands between a thought and the answer.
        greedy: always the first variant of an answer.
        seed: which variant otherwise.
        index: which of several choices this is.
    """

    conversation: Conversation
    tools: ToolUse = NO_TOOLS
    thinking: bool = False
    effort: str | None = None
    output_format: OutputFormat = TEXT
    separator: str = ""
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


def answer(request: GenerationRequest) -> Answer:
    """Answer one question."""
    talk = request.conversation
    calls = calls_for(request.tools, talk.question, talk.tool_results, talk.called)
    reasoning = None
    if request.thinking:
        reasoning = replies.thought(talk.question, calling=bool(calls), effort=request.effort)
    if calls:
        return Answer("", reasoning, calls)
    variant = variant_of(greedy=request.greedy, seed=request.seed, index=request.index)
    if (text := formatted(request.output_format, talk, variant)) is not None:
        return Answer(text, reasoning)
    if talk.tool_results:
        text = replies.with_results(talk.question, talk.tool_results)
        text = text if variant == 0 else f"{text} ({variant + 1})"
    else:
        text = replies.reply(talk.question, variant)
    if talk.images:
        text = replies.with_images(text, talk.images, asked=bool(talk.question.strip()))
    return Answer(f"{request.separator}{text}" if request.thinking else text, reasoning)


def formatted(output_format: OutputFormat, talk: Conversation, variant: int) -> str | None:
    """Give what has to look like something; None where any text will do."""
    if output_format.json_schema is not None:
        return _json(output_format.json_schema, talk, variant)
    return _chosen(output_format.choices, talk.question, variant) if output_format.choices else None


def _chosen(choices: tuple[str, ...], question: str, variant: int) -> str:
    """Choose what the question names, else by the wording that is due."""
    text = question[:MOST_READ].lower()
    named = (choice for choice in choices if choice and choice.lower() in text)
    return next(named, choices[variant % len(choices)])


def _json(schema: JsonObject, talk: Conversation, variant: int) -> str:
    """Write an object: of the schema, of what the prompt says of it in words, else one answer."""
    material = Material.of(talk.question)
    value = fill(schema, material) if schema else _told(talk, material, variant)
    return json.dumps(value, ensure_ascii=False)


def _told(talk: Conversation, material: Material, variant: int) -> Json:
    for message in reversed(talk.messages):
        if message.role == "assistant":
            continue
        if schema := written_schema(message.text):
            return fill(schema, material)
        if keys := named_keys(message.text):
            return {key: _value_for(key, material, variant) for key in keys}
        if schema := written_example(message.text):
            return fill(schema, material)
    results = talk.tool_results
    text = replies.with_results(talk.question, results) if results else replies.reply(talk.question, variant)
    return {"answer": text}


def _value_for(key: str, material: Material, variant: int) -> str | int:
    if key in ("age", "count", "number", "year", "total", "id", "price", "amount"):
        return (int(float(material.numbers[0])) if material.numbers else 42) + variant
    value = material.names[0] if material.names else f"example {key}"
    return value if variant == 0 else f"{value} {variant + 1}"
