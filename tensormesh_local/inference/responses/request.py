"""
The request of POST /v1/responses.

Knows its fields and how its input items become a conversation; refuses to
answer it and to look up earlier responses.
"""

import json
from dataclasses import dataclass, replace

from tensormesh_local.catalogue import Model
from tensormesh_local.engine.answer import Ask
from tensormesh_local.engine.conversation import Conversation, Message
from tensormesh_local.engine.sampling import Sampling
from tensormesh_local.engine.tools import ToolUse
from tensormesh_local.errors import Refusal, bad_request, error_body, response_not_found
from tensormesh_local.inference.documented import check_documented
from tensormesh_local.inference.logprobs import check_logprobs
from tensormesh_local.inference.messages import content_text
from tensormesh_local.inference.response_format import checked_schema
from tensormesh_local.inference.sampling import check_sampling, read_sampling
from tensormesh_local.inference.surface import Turn
from tensormesh_local.inference.thinking import Thinking, read_thinking
from tensormesh_local.inference.tools import read_tool_use
from tensormesh_local.validation import Reader
from tensormesh_local.wire import Json, JsonObject

# Items that carry nothing an answer is made from.
_PASSED_OVER = ("reasoning", "item_reference", "web_search_call", "file_search_call")


@dataclass(frozen=True, slots=True)
class ResponsesRequest:
    """A responses request that was read and found in order."""

    model: Model
    conversation: Conversation
    tools: ToolUse
    sampling: Sampling
    thinking: Thinking
    json_schema: JsonObject | None
    stream: bool
    top_logprobs: int | None
    logprobs: bool
    body: JsonObject

    def ask(self) -> Ask:
        """Put the question."""
        return Ask(
            self.conversation,
            self.tools,
            self.thinking.on,
            self.thinking.effort,
            self.json_schema,
            self.sampling.greedy,
            self.sampling.seed,
        )


def _item(item: Reader) -> Message | None:
    kind = item.body.get("type", "message")
    if kind == "message":
        return Message(item.required_text("role"), content_text(item.body.get("content")))
    if kind == "function_call":
        call = {"name": item.required_text("name"), "arguments": item.text("arguments")}
        written = f"\n<tool_call>{json.dumps(call, ensure_ascii=False)}</tool_call>"
        return Message("assistant", "", written, item.text("call_id"))
    if kind == "function_call_output":
        output = item.body.get("output")
        text = output if isinstance(output, str) else content_text(output)
        return Message("tool", text, "", item.text("call_id"))
    if kind not in _PASSED_OVER:
        item.choice("type", ("message", "function_call", "function_call_output", *_PASSED_OVER))
    return None


def _conversation(reader: Reader) -> tuple[Message, ...]:
    given = reader.body.get("input")
    instructions = reader.text("instructions")
    found = [Message("system", instructions)] if instructions else []
    if isinstance(given, str):
        return (*found, Message("user", given))
    if given is None:
        reader.missing("input")
    elif not isinstance(given, list):
        reader.wrong("input", "string_type", "Input should be a valid string", given)
    items = reader.children("input") if isinstance(given, list) else None
    messages = [_item(item) for item in items or ()]
    return (*found, *(message for message in messages if message is not None))


def _json_schema(reader: Reader) -> JsonObject | None:
    """Read `text.format`, which takes schemas where chat does not."""
    text = reader.child("text")
    form = text.child("format") if text is not None else None
    kind = form.body.get("type") if form is not None else None
    if form is None or kind == "text":
        return None
    if kind == "json_object":
        return {}
    if kind == "json_schema":
        schema = form.child("schema")
        return checked_schema(schema.body) if schema is not None else {}
    form.choice("type", ("text", "json_schema", "json_object"))
    return None


def _refuse_state(reader: Reader) -> None:
    """Nothing is kept between requests, so nothing can be gone on with."""
    if reader.body.get("prompt") is not None:
        raise Refusal(400, error_body("prompt template is not supported", "invalid_request_error", "prompt", 400))
    if reader.flag("background"):
        raise Refusal(
            400,
            error_body("background can only be used when `store` is true", "invalid_request_error", "background", 400),
        )
    previous = reader.text("previous_response_id")
    if previous:
        raise response_not_found(previous)


def _wants_logprobs(include: Json) -> bool:
    return isinstance(include, list) and "message.output_text.logprobs" in include


def read_responses(turn: Turn, body: JsonObject) -> ResponsesRequest:
    """
    Read a responses request.

    Raises:
        Refusal: 400 for a field or a rule, 404 for a model or an earlier response.
    """
    reader = Reader(body)
    name = reader.required_text("model")
    stream = bool(reader.flag("stream"))
    messages = _conversation(reader)
    # One request has one answer here; a stray chat field is an unknown key.
    sampling = replace(read_sampling(reader, limits=("max_output_tokens",)), n=1)
    top = reader.integer("top_logprobs")
    tools = read_tool_use(reader, flat=True)
    reasoning = reader.child("reasoning")
    effort = None
    if reasoning is not None:
        effort = reasoning.choice("effort", ("none", "minimal", "low", "medium", "high", "xhigh"))
    thinking = read_thinking(reader, effort)
    schema = _json_schema(reader)
    reader.child("metadata")
    _refuse_state(reader)
    check_documented(reader, "ResponseCreateRequest")
    reader.finish()
    if not messages:
        raise bad_request("`input` must hold at least one item.", "input")
    model = turn.surface.model(name)
    check_sampling(reader, sampling)
    check_logprobs("top_logprobs", top)
    return ResponsesRequest(
        model,
        Conversation(messages, tools.tools),
        tools,
        sampling,
        thinking.of(model),
        schema,
        stream,
        top,
        _wants_logprobs(body.get("include")),
        body,
    )
