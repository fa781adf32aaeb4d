"""
The request of POST /v1/chat/completions.

Knows its fields and the rules between them; refuses to answer it.
"""

from dataclasses import dataclass

from tensormesh_local.catalogue import Model
from tensormesh_local.engine.answer import Ask
from tensormesh_local.engine.conversation import Conversation
from tensormesh_local.engine.sampling import Sampling
from tensormesh_local.engine.tools import ToolUse
from tensormesh_local.errors import bad_request
from tensormesh_local.inference.documented import check_documented
from tensormesh_local.inference.logprobs import check_logprobs
from tensormesh_local.inference.messages import read_messages
from tensormesh_local.inference.response_format import read_response_format
from tensormesh_local.inference.sampling import check_sampling, read_sampling
from tensormesh_local.inference.stream_options import read_stream_options
from tensormesh_local.inference.surface import Turn
from tensormesh_local.inference.thinking import Thinking, read_thinking
from tensormesh_local.inference.tools import read_tool_use
from tensormesh_local.validation import Reader
from tensormesh_local.wire import JsonObject


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat request that was read and found in order."""

    model: Model
    conversation: Conversation
    tools: ToolUse
    sampling: Sampling
    thinking: Thinking
    json_schema: JsonObject | None
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
            self.json_schema,
            self.sampling.greedy,
            self.sampling.seed,
            index,
        )


def _top_logprobs(reader: Reader) -> int | None:
    wanted, top = bool(reader.flag("logprobs")), reader.integer("top_logprobs")
    if top is not None and top != 0 and not wanted:
        raise bad_request("when using `top_logprobs`, `logprobs` must be set to true.", "top_logprobs")
    check_logprobs("top_logprobs", top)
    return (top or 0) if wanted else None


def read_chat(turn: Turn, body: JsonObject) -> ChatRequest:
    """
    Read a chat request.

    Raises:
        Refusal: 400 for a field or a rule, 404 for a model.
    """
    surface = turn.surface
    reader = Reader(body)
    name = reader.required_text("model")
    stream = bool(reader.flag("stream"))
    usage, continuous = read_stream_options(reader, stream=stream)
    messages = read_messages(reader)
    sampling = read_sampling(reader, limits=("max_tokens", "max_completion_tokens"))
    top_logprobs = _top_logprobs(reader)
    token_ids, prompt_text = bool(reader.flag("return_token_ids")), bool(reader.flag("return_prompt_text"))
    asked_id = reader.text("request_id")
    tools = read_tool_use(reader, flat=False)
    schema = read_response_format(reader, allow_schema=surface.options.allow_json_schema)
    thinking = read_thinking(reader)
    check_documented(reader, "ChatCompletionRequest", apart=("response_format",))
    reader.finish()
    model = surface.model(name)
    check_sampling(reader, sampling)
    return ChatRequest(
        model,
        Conversation(messages, tools.tools),
        tools,
        sampling,
        thinking.of(model),
        schema,
        stream,
        usage,
        continuous,
        top_logprobs,
        token_ids,
        prompt_text,
        asked_id,
    )
