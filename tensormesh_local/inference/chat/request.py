"""
The request of POST /v1/chat/completions.

Knows its fields and the rules between them; does not answer it.
"""

from dataclasses import dataclass
from typing import Any

from tensormesh_local.catalogue import Model
from tensormesh_local.engine.answer import Ask, Form
from tensormesh_local.engine.conversation import Conversation
from tensormesh_local.engine.sampling import Sampling
from tensormesh_local.engine.tools import ToolUse
from tensormesh_local.errors import bad_request
from tensormesh_local.inference.body import read_body
from tensormesh_local.inference.logprobs import check_logprobs
from tensormesh_local.inference.messages import read_messages
from tensormesh_local.inference.response_format import check_response_format, read_response_format
from tensormesh_local.inference.sampling import check_sampling, read_sampling
from tensormesh_local.inference.stream_options import check_stream_options, read_stream_options
from tensormesh_local.inference.structured_outputs import read_form
from tensormesh_local.inference.surface import Turn
from tensormesh_local.inference.thinking import Thinking, read_thinking
from tensormesh_local.inference.tools import check_tool_choice, read_tool_use
from tensormesh_local.json_values import JsonObject


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat request that was read and found in order."""

    model: Model
    conversation: Conversation
    tools: ToolUse
    sampling: Sampling
    thinking: Thinking
    form: Form
    stream: bool
    include_usage: bool
    continuous_usage: bool
    top_logprobs: int | None
    token_ids: bool
    prompt_text: bool
    id: str | None

    def ask(self, index: int) -> Ask:
        """Put the question for one choice."""
        return Ask(
            self.conversation,
            self.tools,
            self.thinking.on,
            self.thinking.effort,
            self.form,
            self.model.gap,
            self.sampling.greedy,
            self.sampling.seed,
            index,
        )


def _top_logprobs(fields: Any) -> int | None:
    top: int = fields.top_logprobs or 0
    if top and not fields.logprobs:
        raise bad_request("when using `top_logprobs`, `logprobs` must be set to true.", "top_logprobs")
    check_logprobs("top_logprobs", top)
    return top if fields.logprobs else None


def read_chat(turn: Turn, body: JsonObject) -> ChatRequest:
    """
    Read a chat request.

    Raises:
        Refusal: 400 for a field or a rule, 404 for a model.
    """
    surface = turn.surface
    check_tool_choice(body, flat=False)
    check_stream_options(body)
    check_response_format(body, allow_schema=surface.options.allow_json_schema)
    fields = read_body("ChatCompletionRequest", body)
    top_logprobs = _top_logprobs(fields)
    tools = read_tool_use(fields, [tool.function for tool in fields.tools or ()])
    messages = read_messages(fields.messages)
    form = read_form(fields, read_response_format(fields.response_format))
    sampling = read_sampling(fields, limits=("max_tokens", "max_completion_tokens"))
    model = surface.model(fields.model)
    check_sampling(fields, sampling)
    return ChatRequest(
        model,
        Conversation(messages, tools.tools),
        tools,
        sampling,
        read_thinking(fields).of(model),
        form,
        bool(fields.stream),
        *read_stream_options(fields.stream_options),
        top_logprobs,
        bool(fields.return_token_ids),
        bool(fields.return_prompt_text),
        fields.request_id,
    )
