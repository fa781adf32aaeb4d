"""
The answer of POST /v1/responses, and its shape when sent whole.

Knows the response object and its output items; the events of a stream are
`responses_stream`'s.
"""

from dataclasses import dataclass

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.engine.generation import Generation
from tensormesh_local.inference.logprobs import chat_logprobs, delta_logprobs
from tensormesh_local.inference.responses.request import ResponsesRequest
from tensormesh_local.inference.surface import random_id
from tensormesh_local.inference.usage import Usage

# What is given back where it was asked, and has no effect.
_RETURNED = ("prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "safety_identifier")


@dataclass(frozen=True, slots=True)
class Item:
    """
    One output item.

    Args:
        kind: reasoning, message or function_call.
        id: its id.
        call: which tool call it is.
        call_id: the id its result has to name.
    """

    kind: str
    id: str
    call: int = -1
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class ResponsesAnswer:
    """Everything that is sent, whole or in events."""

    id: str
    created: int
    request: ResponsesRequest
    said: Generation
    usage: Usage
    items: tuple[Item, ...]

    def text(self, item: Item) -> str:
        """Give the text, thought or arguments of an item."""
        if item.kind == "reasoning":
            return self.said.text("reasoning") or ""
        if item.kind == "message":
            return self.said.text("content") or ""
        return self.said.text("arguments", item.call) or ""

    def reasoning(self, item: Item, status: str | None) -> JsonObject:
        """Write a reasoning item; without content while it is in progress."""
        content: list[Json] = [{"text": self.text(item), "type": "reasoning_text"}]
        return {
            "id": item.id,
            "summary": [],
            "type": "reasoning",
            "content": None if status == "in_progress" else content,
            "encrypted_content": None,
            "status": status,
        }

    def part(self, item: Item) -> JsonObject:
        """Write the one part of a message."""
        return {"annotations": [], "text": self.text(item), "type": "output_text", "logprobs": self._logprobs()}

    def _logprobs(self) -> Json:
        if not self.request.logprobs:
            return None
        tokens = [step.token for step in self.said.of("content")]
        return chat_logprobs(tokens, self.request.top_logprobs or 0)["content"]

    def delta_logprobs(self, tokens: list[int]) -> list[Json]:
        """Give the probabilities of the tokens of a delta; none where they were not asked for."""
        return delta_logprobs(tokens, self.request.top_logprobs or 0) if self.request.logprobs else []

    def message(self, item: Item, status: str) -> JsonObject:
        """Write a message item; without content while it is in progress."""
        return {
            "id": item.id,
            "content": [] if status == "in_progress" else [self.part(item)],
            "role": "assistant",
            "status": status,
            "type": "message",
            "phase": None,
        }

    def call(self, item: Item, status: str) -> JsonObject:
        """Write a function call; without arguments while it is in progress."""
        return {
            "arguments": "" if status == "in_progress" else self.text(item),
            "call_id": item.call_id,
            "name": self.said.calls[item.call].name,
            "type": "function_call",
            "id": item.id,
            "async": None,
            "caller": None,
            "namespace": None,
            "status": status,
        }

    def output(self, *, streamed: bool) -> list[Json]:
        """Write all items; thought has a status only where it was streamed."""
        written: list[Json] = []
        for item in self.items:
            if item.kind == "reasoning":
                written.append(self.reasoning(item, "completed" if streamed else None))
            elif item.kind == "message":
                written.append(self.message(item, "completed"))
            else:
                written.append(self.call(item, "completed"))
        return written


def items_of(said: Generation, *, hidden: bool) -> tuple[Item, ...]:
    """List the output items of what was said."""
    found: list[Item] = []
    if said.text("reasoning") is not None and not hidden:
        found.append(Item("reasoning", f"rs_{random_id()}"))
    if said.text("content") is not None:
        found.append(Item("message", f"msg_{random_id()}"))
    for position in range(len(said.calls)):
        if said.text("call", position) is not None:
            found.append(Item("function_call", f"fc_{random_id()}", position, f"chatcmpl-tool-{random_id()}"))
    return tuple(found)


def response_object(full: ResponsesAnswer, *, done: bool, streamed: bool) -> JsonObject:
    """Write the response object, at the beginning of a stream or at the end."""
    body, sampling = full.request.body, full.request.sampling
    cut = done and full.said.finish_reason == "length"
    status = "in_progress" if not done else "incomplete" if cut else "completed"
    temperature, top_p = sampling.temperature, sampling.top_p
    return {
        "id": full.id,
        "created_at": full.created,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "instructions": body.get("instructions"),
        "metadata": body.get("metadata"),
        "model": full.request.model.name,
        "object": "response",
        "output": full.output(streamed=streamed) if done else [],
        "parallel_tool_calls": full.request.tools.parallel,
        "temperature": 1.0 if temperature is None else temperature,
        "tool_choice": body.get("tool_choice") or full.request.tools.mode,
        "tools": [_tool(item) for item in _list(body.get("tools"))],
        "top_p": 1.0 if top_p is None else top_p,
        "background": False,
        "max_output_tokens": sampling.max_tokens,
        "max_tool_calls": body.get("max_tool_calls"),
        "previous_response_id": None,
        "prompt": None,
        "reasoning": _reasoning(body.get("reasoning")),
        "service_tier": "auto",
        "status": status,
        "text": body.get("text"),
        "top_logprobs": full.request.top_logprobs or None,
        "truncation": body.get("truncation") or "disabled",
        "usage": full.usage.responses() if done else None,
        "user": body.get("user"),
        "presence_penalty": sampling.presence_penalty or 0.0,
        "frequency_penalty": sampling.frequency_penalty or 0.0,
        "kv_transfer_params": None,
        "ec_transfer_params": None,
        "input_messages": None,
        "output_messages": None,
        **{name: body[name] for name in _RETURNED if body.get(name) is not None},
    }


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _reasoning(asked: Json) -> Json:
    """Give the reasoning settings back with every key the engine knows."""
    if not isinstance(asked, dict):
        return None
    return {"context": None, "effort": None, "generate_summary": None, "mode": None, "summary": None, **asked}


def _tool(tool: Json) -> Json:
    """Give a tool back with every key the engine knows of a function."""
    if not isinstance(tool, dict) or tool.get("type") != "function":
        return tool
    blank: JsonObject = {
        "name": None,
        "parameters": None,
        "strict": None,
        "type": "function",
        "allowed_callers": None,
        "async": None,
        "defer_loading": None,
        "description": None,
        "output_schema": None,
    }
    return {**blank, **tool}
