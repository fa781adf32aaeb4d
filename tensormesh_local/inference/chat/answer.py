"""
The answer of POST /v1/chat/completions, and its shape when sent whole.

Knows the fields of a completion; chunks are `chat_stream`'s.
"""

from dataclasses import dataclass

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.generation import Generation
from tensormesh_local.inference.chat.request import ChatRequest
from tensormesh_local.inference.logprobs import chat_logprobs
from tensormesh_local.inference.surface import RequestContext
from tensormesh_local.inference.usage import SYSTEM_FINGERPRINT, Usage


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """Everything that is sent, whole or in chunks."""

    id: str
    context: RequestContext
    request: ChatRequest
    prompt: list[int]
    usage: Usage
    choices: tuple[Generation, ...]
    call_ids: tuple[tuple[str, ...], ...]

    @property
    def prompt_text(self) -> str | None:
        """The prompt after its template, if it was asked for."""
        return tokenizer.decode(self.prompt) if self.request.prompt_text else None

    @property
    def tells_tokens(self) -> bool:
        """Whether each token is told of, marks included; hidden thoughts hide them all."""
        request = self.request
        return (request.token_ids or request.top_logprobs is not None) and not request.thinking.hidden

    def token_ids(self, tokens: list[int]) -> Json:
        """Give the ids of tokens, if they were asked for."""
        return [*tokens] if self.request.token_ids and self.tells_tokens else None

    def logprobs(self, tokens: list[int]) -> Json:
        """Give the probabilities of tokens, if they were asked for."""
        top = self.request.top_logprobs
        return None if top is None or not self.tells_tokens else chat_logprobs(tokens, top)

    @property
    def forced(self) -> bool:
        """Whether a call was demanded; the engine then sends "" and not null as content."""
        return self.request.tools.mode in ("required", "named")


def completion(full: ChatAnswer) -> JsonObject:
    """Write the whole answer."""
    return {
        "id": full.id,
        "object": "chat.completion",
        "created": full.context.created,
        "model": full.request.model.name,
        "choices": [_choice(full, index) for index in range(len(full.choices))],
        "service_tier": None,
        "system_fingerprint": SYSTEM_FINGERPRINT,
        "usage": full.usage.chat(),
        "prompt_logprobs": None,
        "prompt_token_ids": [*full.prompt] if full.request.token_ids else None,
        "prompt_text": full.prompt_text,
        "kv_transfer_params": None,
        "ec_transfer_params": None,
        "metrics": None,
    }


def _choice(full: ChatAnswer, index: int) -> JsonObject:
    choice = full.choices[index]
    return {
        "index": index,
        "message": _message(full, index),
        "logprobs": full.logprobs(choice.tokens),
        "finish_reason": choice.finish_reason,
        "stop_reason": choice.stop_reason,
        "token_ids": full.token_ids(choice.tokens),
        "routed_experts": None,
    }


def _message(full: ChatAnswer, index: int) -> JsonObject:
    choice = full.choices[index]
    calls: list[Json] = [
        {
            "id": full.call_ids[index][position],
            "type": "function",
            "function": {"name": call.name, "arguments": choice.text("arguments", position) or ""},
        }
        for position, call in enumerate(choice.calls)
        if choice.text("call", position) is not None
    ]
    message: JsonObject = {
        "role": "assistant",
        "content": choice.text("content") if not (calls and full.forced) else "",
        "refusal": None,
        "annotations": None,
        "audio": None,
        "function_call": None,
    }
    if calls:
        message["tool_calls"] = calls
    hidden = full.request.thinking.hidden
    message[full.context.presentation.reasoning_field] = None if hidden else choice.text("reasoning")
    return message
