"""
The names that OpenTelemetry has for what is known of a call of a model: its semantic conventions for generative AI.

They are still in development, and move: https://github.com/open-telemetry/semantic-conventions-genai. What is sent
under which name is said here, and nowhere else.
"""

from __future__ import annotations

PROVIDER = "tensormesh"
SCOPE = "tensormesh"
"""By which name tracer and meter are asked for."""

OPERATIONS = {"create_chat_completion": "chat", "create_response": "chat", "create_completion": "text_completion"}
"""The calls that are told of, by their ids in the documents."""

OPERATION_NAME = "gen_ai.operation.name"
PROVIDER_NAME = "gen_ai.provider.name"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"
ERROR_TYPE = "error.type"
STATUS_CODE = "http.response.status_code"
REQUEST_ID = "http.response.header.x-request-id"

REQUEST_MODEL = "gen_ai.request.model"
STREAM = "gen_ai.request.stream"
MAX_TOKENS = "gen_ai.request.max_tokens"
STOP_SEQUENCES = "gen_ai.request.stop_sequences"
CHOICE_COUNT = "gen_ai.request.choice.count"
REASONING_LEVEL = "gen_ai.request.reasoning.level"
PREVIOUS_RESPONSE_ID = "gen_ai.request.previous_response.id"
OUTPUT_TYPE = "gen_ai.output.type"
FLOATS = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
}
"""Fields of a request that are numbers there."""
WHOLE_NUMBERS = {
    "max_tokens": MAX_TOKENS,
    "max_completion_tokens": MAX_TOKENS,
    "max_output_tokens": MAX_TOKENS,
    "seed": "gen_ai.request.seed",
    "top_k": "gen_ai.request.top_k",
}

RESPONSE_ID = "gen_ai.response.id"
RESPONSE_MODEL = "gen_ai.response.model"
FINISH_REASONS = "gen_ai.response.finish_reasons"
TIME_TO_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"

INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
CACHED_TOKENS = "gen_ai.usage.cache_read.input_tokens"
REASONING_TOKENS = "gen_ai.usage.reasoning.output_tokens"

INPUT_MESSAGES = "gen_ai.input.messages"
OUTPUT_MESSAGES = "gen_ai.output.messages"
SYSTEM_INSTRUCTIONS = "gen_ai.system_instructions"
TOOL_DEFINITIONS = "gen_ai.tool.definitions"

DURATION_METRIC = "gen_ai.client.inference.duration"
FIRST_CHUNK_METRIC = "gen_ai.client.inference.time_to_first_chunk"
CHUNK_METRIC = "gen_ai.client.inference.time_per_output_chunk"
TOKEN_METRICS = {
    INPUT_TOKENS: ("gen_ai.client.inference.usage.input_tokens", "Input tokens used."),
    OUTPUT_TOKENS: ("gen_ai.client.inference.usage.output_tokens", "Output tokens used."),
    CACHED_TOKENS: ("gen_ai.client.inference.usage.cache_read.input_tokens", "Input tokens that came from the cache."),
    REASONING_TOKENS: ("gen_ai.client.inference.usage.reasoning.output_tokens", "Output tokens used for reasoning."),
}
"""Counters: the attribute of a span whose values each adds up, its name, and what it counts."""
SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""The borders of the histograms."""

CAPTURE_VARIABLE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
CAPTURES = frozenset({"true", "1", "span_only", "span_and_event"})
"""What of its values asks for prompts and answers in spans."""
DISABLED_VARIABLE = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"
SUPPRESSED = "suppress_instrumentation"
"""What is true in a context in which nothing is to be told of."""
