"""
The request of POST /v1/chat/completions.

Knows its fields and the rules between them; does not answer it.
"""

from dataclasses import dataclass
from typing import Any

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.catalogue import Model
from tensormesh_local.engine.answer import GenerationRequest, OutputFormat
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
from tensormesh_local.inference.structured_outputs import read_output_format
from tensormesh_local.inference.surface import RequestContext
from tensormesh_local.inference.thinking import Thinking, read_thinking
from tensormesh_local.inference.tools import check_tool_choice, read_tool_use


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat request that was read and found in order."""

    model: Model
    conversation: Conversation
    tools: ToolUse
    sampling: Sampling
    thinking: Thinking
    output_format: OutputFormat
    stream: bool
    include_usage: bool
    continuous_usage: bool
    top_logprobs: int | None
    token_ids: bool
    prompt_text: bool
    id: str | None

    def generation_request(self, index: int) -> GenerationRequest:
        """Put the question for one choice."""
        return GenerationRequest(
            self.conversation,
            self.tools,
            self.thinking.on,
            self.thinking.effort,
            self.output_format,
            self.model.separator,
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


def read_chat(context: RequestContext, body: JsonObject) -> ChatRequest:
    """
    Read a chat request.

    Raises:
        Refusal: 400 for a field or a rule, 404 for a model.
    """
    surface = context.surface
    check_tool_choice(body, flat=False)
    check_stream_options(body)
    check_response_format(body, allow_schema=surface.options.allow_json_schema)
    fields = read_body("ChatCompletionRequest", body)
    top_logprobs = _top_logprobs(fields)
    tools = read_tool_use(fields, [tool.function for tool in fields.tools or ()])
    messages = read_messages(fields.messages)
    output_format = read_output_format(fields, read_response_format(fields.response_format))
    sampling = read_sampling(fields, limits=("max_tokens", "max_completion_tokens"))
    model = surface.model(fields.model)
    check_sampling(fields, sampling)
    return ChatRequest(
        model,
        Conversation(messages, tools.tools),
        tools,
        sampling,
        read_thinking(fields).of(model),
        output_format,
        bool(fields.stream),
        *read_stream_options(fields.stream_options),
        top_logprobs,
        bool(fields.return_token_ids),
        bool(fields.return_prompt_text),
        fields.request_id,
    )
