"""The models of a chat completion as one would write them by hand with pydantic, to be held against ours."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Open(BaseModel):
    """Unknown keys are kept, as ours keep them."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())


class PromptTokensDetails(Open):
    cached_tokens: int | None = None
    created_cache_tokens: int | None = None
    multimodal_tokens: int | dict[str, int] | None = None


class CompletionTokensDetails(Open):
    reasoning_tokens: int | None = None


class UsageInfo(Open):
    prompt_tokens: int
    total_tokens: int
    completion_tokens: int | None = None
    prompt_tokens_details: PromptTokensDetails | None = None
    completion_tokens_details: CompletionTokensDetails | None = None


class TokenLogprob(Open):
    token: str
    logprob: float
    bytes: list[int] | None = None
    top_logprobs: list[dict[str, Any]] | None = None


class ChoiceLogprobs(Open):
    content: list[TokenLogprob] | None = None
    refusal: list[TokenLogprob] | None = None


class ToolCallFunction(Open):
    name: str | None = None
    arguments: str


class ToolCall(Open):
    id: str | None = None
    type: Literal["function"] | None = None
    function: ToolCallFunction


class ChatCompletionMessage(Open):
    role: str
    content: str | None = None
    refusal: str | None = None
    annotations: list[dict[str, Any]] | dict[str, Any] | None = None
    audio: dict[str, Any] | None = None
    function_call: dict[str, Any] | None = None
    tool_calls: list[ToolCall] | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None


class ChatCompletionResponseChoice(Open):
    index: int
    message: ChatCompletionMessage
    finish_reason: str | None = None
    logprobs: ChoiceLogprobs | None = None
    raw_output: dict[str, Any] | None = None
    stop_reason: str | int | None = None
    token_ids: list[int] | None = None
    routed_experts: str | list[list[list[int]]] | None = None


class CachedTokenStats(Open):
    pass


class KvTransferParams(Open):
    cached_token_stats: CachedTokenStats | None = None


class ChatCompletionResponse(Open):
    id: str
    object: Literal["chat.completion"] | None = None
    created: int
    model: str
    choices: list[ChatCompletionResponseChoice]
    usage: UsageInfo | None = None
    perf_metrics: dict[str, Any] | None = None
    prompt_token_ids: list[int] | None = None
    service_tier: str | None = None
    system_fingerprint: str | None = None
    prompt_logprobs: list[dict[str, Any] | None] | None = None
    prompt_text: str | None = None
    kv_transfer_params: KvTransferParams | None = None
    ec_transfer_params: dict[str, Any] | None = None
    metrics: dict[str, Any] | None = None


class DeltaToolCallFunction(Open):
    name: str | None = None
    arguments: str | None = None


class DeltaToolCall(Open):
    index: int
    id: str | None = None
    type: str | None = None
    function: DeltaToolCallFunction | None = None


class DeltaMessage(Open):
    role: str | None = None
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[DeltaToolCall] | None = None
    refusal: str | None = None


class ChatCompletionStreamChoice(Open):
    index: int
    delta: DeltaMessage
    finish_reason: str | None = None
    logprobs: ChoiceLogprobs | None = None
    stop_reason: str | int | None = None
    token_ids: list[int] | None = None


class ChatCompletionChunk(Open):
    id: str
    object: Literal["chat.completion.chunk"] | None = None
    created: int
    model: str
    choices: list[ChatCompletionStreamChoice]
    usage: UsageInfo | None = None
    prompt_token_ids: list[int] | None = None
    prompt_text: str | None = None
    system_fingerprint: str | None = None
    service_tier: str | None = None
    perf_metrics: dict[str, Any] | None = None


class TextContentPart(Open):
    type: Literal["text"]
    text: str


class ImageUrlContentPart(Open):
    type: Literal["image_url"]
    image_url: dict[str, Any]


class InputAudioContentPart(Open):
    type: Literal["input_audio"]
    input_audio: dict[str, Any]


class AudioUrlContentPart(Open):
    type: Literal["audio_url"]
    audio_url: dict[str, Any]


class VideoUrlContentPart(Open):
    type: Literal["video_url"]
    video_url: dict[str, Any]


class FileContentPart(Open):
    type: Literal["file"]
    file: dict[str, Any]


class RefusalContentPart(Open):
    type: Literal["refusal"]
    refusal: str


class ThinkingContentPart(Open):
    type: Literal["thinking"]
    thinking: str


ContentPart = Annotated[
    TextContentPart
    | ImageUrlContentPart
    | InputAudioContentPart
    | AudioUrlContentPart
    | VideoUrlContentPart
    | FileContentPart
    | RefusalContentPart
    | ThinkingContentPart,
    Field(discriminator="type"),
]


class ChatMessage(Open):
    role: str
    content: str | list[ContentPart] | None = None
    name: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    refusal: str | None = None


class FunctionDefinition(Open):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class ChatCompletionTool(Open):
    type: Literal["function"]
    function: FunctionDefinition


class StreamOptions(Open):
    include_usage: bool | None = None
    continuous_usage_stats: bool | None = None


class ChatCompletionRequest(Open):
    """As many fields as ours: with pydantic those that are not given cost something too."""

    model: str
    messages: list[ChatMessage]
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    n: int | None = None
    stop: str | list[str] | None = None
    top_k: int | None = None
    min_p: float | None = None
    typical_p: float | None = None
    seed: int | None = None
    repetition_penalty: float | None = None
    mirostat_target: float | None = None
    mirostat_lr: float | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    response_format: dict[str, Any] | None = None
    tools: list[ChatCompletionTool] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    logit_bias: dict[str, float] | None = None
    user: str | None = None
    metadata: dict[str, Any] | None = None
    prompt_truncate_len: int | None = None
    context_length_exceeded_behavior: str | None = None
    return_token_ids: bool | None = None
    prompt_cache_isolation_key: str | None = None
    raw_output: bool | None = None
    perf_metrics_in_response: bool | None = None
    echo: bool | None = None
    echo_last: int | None = None
    ignore_eos: bool | None = None
    speculation: str | list[int] | None = None
    prediction: str | dict[str, Any] | None = None
    reasoning_effort: str | int | bool | None = None
    reasoning_history: str | None = None
    thinking: dict[str, Any] | None = None
    functions: list[dict[str, Any]] | None = None
    function_call: str | dict[str, Any] | None = None
    chat_template_kwargs: dict[str, Any] | None = None
    include_reasoning: bool | None = None
    thinking_token_budget: int | None = None
    add_generation_prompt: bool | None = None
    continue_final_message: bool | None = None
    add_special_tokens: bool | None = None
    documents: list[dict[str, Any]] | None = None
    chat_template: str | None = None
    media_io_kwargs: dict[str, Any] | None = None
    mm_processor_kwargs: dict[str, Any] | None = None
    return_prompt_text: bool | None = None
    stop_token_ids: list[int] | None = None
    include_stop_str_in_output: bool | None = None
    min_tokens: int | None = None
    skip_special_tokens: bool | None = None
    spaces_between_special_tokens: bool | None = None
    use_beam_search: bool | None = None
    length_penalty: float | None = None
    bad_words: list[str] | None = None
    allowed_token_ids: list[int] | None = None
    prompt_logprobs: int | None = None
    logprob_token_ids: list[int] | None = None
    return_tokens_as_token_ids: bool | None = None
    truncate_prompt_tokens: int | None = None
    truncation_side: str | None = None
    structured_outputs: dict[str, Any] | None = None
    repetition_detection: dict[str, Any] | None = None
    cache_salt: str | None = None
    priority: int | None = None
    request_id: str | None = None
    session_id: str | None = None
    stream_interval: int | None = None
    kv_transfer_params: dict[str, Any] | None = None
    ec_transfer_params: dict[str, Any] | None = None
    vllm_xargs: dict[str, Any] | None = None
