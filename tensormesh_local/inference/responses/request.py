"""
The request of POST /v1/responses.

Knows its fields and how its input items become a conversation; does not
answer it or look up earlier responses.
"""

from dataclasses import dataclass
from typing import Any

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.catalogue import Model
from tensormesh_local.engine.answer import GenerationRequest, OutputFormat
from tensormesh_local.engine.conversation import Conversation, Message
from tensormesh_local.engine.sampling import Sampling
from tensormesh_local.engine.tools import ToolUse
from tensormesh_local.errors import bad_request, response_not_found, unreadable
from tensormesh_local.inference.body import read_body
from tensormesh_local.inference.logprobs import check_logprobs
from tensormesh_local.inference.messages import check_role, read_content, written_call
from tensormesh_local.inference.response_format import checked_schema
from tensormesh_local.inference.sampling import check_sampling, read_sampling
from tensormesh_local.inference.structured_outputs import read_output_format
from tensormesh_local.inference.surface import RequestContext
from tensormesh_local.inference.thinking import Thinking, read_thinking
from tensormesh_local.inference.tools import check_tool_choice, read_tool_use

_NEEDED = {"message": "role", "function_call": "name", "function": "name"}


@dataclass(frozen=True, slots=True)
class ResponsesRequest:
    """A responses request that was read and found in order."""

    model: Model
    conversation: Conversation
    tools: ToolUse
    sampling: Sampling
    thinking: Thinking
    output_format: OutputFormat
    stream: bool
    top_logprobs: int | None
    logprobs: bool
    body: JsonObject

    def generation_request(self) -> GenerationRequest:
        """Put the question."""
        return GenerationRequest(
            self.conversation,
            self.tools,
            self.thinking.on,
            self.thinking.effort,
            self.output_format,
            self.model.separator,
            self.sampling.greedy,
            self.sampling.seed,
        )


def _item(item: Any) -> Message | None:
    match item.type or "message":
        case "message":
            content = read_content(item.content)
            return Message(check_role(item.role), content.text, images=content.images)
        case "function_call":
            return Message("assistant", "", written_call(item), item.call_id, called=(item.name,))
        case "function_call_output":
            return Message("tool", read_content(item.output).text, "", item.call_id)
        case _:
            # It carries nothing an answer is made from.
            return None


def _conversation(fields: Any) -> tuple[Message, ...]:
    found = [Message("system", fields.instructions)] if fields.instructions else []
    if isinstance(fields.input, str):
        return (*found, Message("user", fields.input))
    return (*found, *(message for message in map(_item, fields.input) if message is not None))


def _check_kinds(body: dict[str, Any], fields: Any) -> None:
    """Refuse items and tools without what their kind needs: the documents have one object for all kinds."""
    items = () if isinstance(fields.input, str) else fields.input
    problems = [
        {"type": "missing", "loc": (name, at, needed), "msg": "Field required", "input": body[name][at]}
        for name, found in (("input", items), ("tools", fields.tools or ()))
        for at, one in enumerate(found)
        if (needed := _NEEDED.get(one.type or "message")) and getattr(one, needed) is None
    ]
    if problems:
        raise unreadable(problems)


def _json_schema(text: Any) -> JsonObject | None:
    """Read `text.format`, which takes schemas where chat does not."""
    form = text and text.format
    if form is None or form.type == "text":
        return None
    return checked_schema(form.schema_ or {}) if form.type == "json_schema" else {}


def read_responses(context: RequestContext, body: JsonObject) -> ResponsesRequest:
    """
    Read a responses request; nothing is kept between requests, so none can be gone on with.

    Raises:
        Refusal: 400 for a field or a rule, 404 for a model or an earlier response.
    """
    check_tool_choice(body, flat=True)
    if body.get("prompt") is not None:
        raise bad_request("prompt template is not supported", "prompt")
    fields = read_body("ResponseCreateRequest", body)
    _check_kinds(body, fields)
    if fields.background:
        raise bad_request("background can only be used when `store` is true", "background")
    if fields.previous_response_id:
        raise response_not_found(fields.previous_response_id)
    messages = _conversation(fields)
    if not messages:
        raise bad_request("`input` must hold at least one item.", "input")
    tools = read_tool_use(fields, [tool for tool in fields.tools or () if tool.type == "function"])
    output_format = read_output_format(fields, _json_schema(fields.text))
    sampling = read_sampling(fields, limits=("max_output_tokens",))
    model = context.surface.model(fields.model)
    check_sampling(fields, sampling)
    check_logprobs("top_logprobs", fields.top_logprobs)
    return ResponsesRequest(
        model,
        Conversation(messages, tools.tools),
        tools,
        sampling,
        read_thinking(fields, fields.reasoning and fields.reasoning.effort).of(model),
        output_format,
        bool(fields.stream),
        fields.top_logprobs,
        "message.output_text.logprobs" in (fields.include or ()),
        body,
    )
