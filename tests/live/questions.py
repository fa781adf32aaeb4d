"""What every host is asked, as it is sent: one case for each feature, and one for each way to be refused."""

from __future__ import annotations

from typing import Any, NamedTuple

CHAT, TEXT, RESPONSES = "/v1/chat/completions", "/v1/completions", "/v1/responses"

LONG = "word " * 10_000
HELLO: dict[str, Any] = {"messages": [{"role": "user", "content": "Hello"}], "temperature": 0, "max_tokens": 120}
SILENT = {"chat_template_kwargs": {"enable_thinking": False}}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the current weather for a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
FLAT_WEATHER = {"type": "function", **WEATHER["function"]}  # type: ignore[dict-item]
PARIS: dict[str, Any] = {
    "messages": [{"role": "user", "content": "What is the weather in Paris?"}],
    "temperature": 0,
    "max_tokens": 120,
    "tools": [WEATHER],
}
CALLED = [
    *PARIS["messages"],
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}
        ],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
]
ONE = {"prompt": "One, two, three", "temperature": 0, "max_tokens": 8}
TELL: dict[str, Any] = {"input": "Hello", "temperature": 0, "max_output_tokens": 120}
ASK: dict[str, Any] = {
    "input": "What is the weather in Paris?",
    "temperature": 0,
    "max_output_tokens": 120,
    "tools": [FLAT_WEATHER],
}


class Question(NamedTuple):
    """A request; where it has a body, each host adds the model that it has, unless another is named."""

    name: str
    path: str
    body: dict[str, Any] | None = None
    key: bool = True

    def __str__(self) -> str:
        return self.name


def _both(name: str, path: str, body: dict[str, Any], **streamed: Any) -> list[Question]:
    """Whole, and streamed."""
    return [Question(name, path, body), Question(f"{name}_stream", path, {**body, "stream": True, **streamed})]


QUESTIONS = [
    Question("models", "/v1/models"),
    Question("health", "/health"),
    Question("version", "/version"),
    *_both("chat", CHAT, HELLO),
    Question("chat_stream_usage", CHAT, {**HELLO, "stream": True, "stream_options": {"include_usage": True}}),
    Question(
        "chat_stream_usage_throughout",
        CHAT,
        {**HELLO, "stream": True, "stream_options": {"include_usage": True, "continuous_usage_stats": True}},
    ),
    *_both("chat_two", CHAT, {**HELLO, "n": 2, "temperature": 1, "seed": 1}),
    *_both("chat_length", CHAT, {**HELLO, "max_tokens": 3}),
    *_both("chat_silent", CHAT, {**HELLO, **SILENT}),
    *_both("chat_logprobs", CHAT, {**HELLO, "logprobs": True, "top_logprobs": 2}),
    *_both("chat_logprobs_alone", CHAT, {**HELLO, "logprobs": True}),
    *_both("chat_token_ids", CHAT, {**HELLO, "return_token_ids": True}),
    *_both("chat_parts", CHAT, {**HELLO, "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]}),
    *_both("chat_effort", CHAT, {**HELLO, "reasoning_effort": "low"}),
    *_both("chat_ignore_eos", CHAT, {**HELLO, "ignore_eos": True, "max_tokens": 60}),
    *_both("chat_json", CHAT, {**HELLO, **SILENT, "response_format": {"type": "json_object"}}),
    Question("chat_unknown_field", CHAT, {**HELLO, "never_heard_of": {"a": 1}}),
    Question("chat_gateway_fields", CHAT, {**HELLO, "metadata": {"a": "b"}, "typical_p": 0.5, "user": "me"}),
    *_both("tools", CHAT, PARIS),
    *_both("tools_silent", CHAT, {**PARIS, **SILENT}),
    *_both("tools_none", CHAT, {**PARIS, "tool_choice": "none"}),
    *_both("tools_required", CHAT, {**PARIS, "tool_choice": "required"}),
    *_both("tools_named", CHAT, {**PARIS, "tool_choice": {"type": "function", "function": {"name": "get_weather"}}}),
    *_both("tools_answered", CHAT, {**PARIS, "messages": CALLED}),
    *_both("tools_logprobs", CHAT, {**PARIS, "logprobs": True}),
    Question("tools_undescribed", CHAT, {**PARIS, "tools": [{"type": "function", "function": {"name": "f"}}]}),
    *_both("text", TEXT, ONE),
    Question("text_stream_usage", TEXT, {**ONE, "stream": True, "stream_options": {"include_usage": True}}),
    *_both("text_echo", TEXT, {**ONE, "echo": True}),
    *_both("text_logprobs", TEXT, {**ONE, "logprobs": 2}),
    *_both("text_echo_logprobs", TEXT, {**ONE, "echo": True, "logprobs": 1}),
    *_both("text_many", TEXT, {**ONE, "prompt": ["One,", "Two,"], "n": 2, "temperature": 1, "seed": 1}),
    *_both("text_tokens", TEXT, {**ONE, "prompt": [300, 301, 302]}),
    *_both("text_stop", TEXT, {**ONE, "max_tokens": 60, "stop": ["e"]}),
    *_both("responses", RESPONSES, TELL),
    *_both("responses_length", RESPONSES, {**TELL, "max_output_tokens": 3}),
    *_both("responses_silent", RESPONSES, {**TELL, **SILENT}),
    *_both("responses_instructions", RESPONSES, {**TELL, "instructions": "Be brief.", "metadata": {"a": "b"}}),
    *_both("responses_items", RESPONSES, {**TELL, "input": [{"role": "user", "content": "Hello"}]}),
    *_both("responses_tools", RESPONSES, ASK),
    *_both("responses_tools_required", RESPONSES, {**ASK, "tool_choice": "required"}),
    *_both(
        "responses_tools_answered",
        RESPONSES,
        {
            **ASK,
            "input": [
                {"role": "user", "content": "What is the weather in Paris?"},
                {
                    "type": "function_call",
                    "call_id": "call_1",
                    "name": "get_weather",
                    "arguments": '{"city": "Paris"}',
                },
                {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
            ],
        },
    ),
    *_both(
        "responses_logprobs",
        RESPONSES,
        {**TELL, **SILENT, "include": ["message.output_text.logprobs"], "top_logprobs": 1},
    ),
    Question("tokenize", "/tokenize", {"prompt": "Grüße, 世界 🌍"}),
    Question("tokenize_strings", "/tokenize", {"prompt": "Grüße, 世界 🌍", "return_token_strs": True}),
    Question("tokenize_messages", "/tokenize", {"messages": HELLO["messages"]}),
    Question("tokenize_tools", "/tokenize", {"messages": HELLO["messages"], "tools": [WEATHER]}),
    Question("tokenize_nothing", "/tokenize", {"prompt": ""}),
    Question("detokenize", "/detokenize", {"tokens": [300, 301]}),
    Question("detokenize_nothing", "/detokenize", {"tokens": []}),
    Question("detokenize_unknown_token", "/detokenize", {"tokens": [10_000_000]}),
]

REFUSED = [
    Question("models_without_key", "/v1/models", key=False),
    Question("chat_without_key", CHAT, HELLO, key=False),
    Question("text_without_key", TEXT, ONE, key=False),
    Question("responses_without_key", RESPONSES, TELL, key=False),
    Question("tokenize_without_key", "/tokenize", {"prompt": "x"}, key=False),
    Question("chat_unknown_model", CHAT, {**HELLO, "model": "nobody/nothing"}),
    Question("text_unknown_model", TEXT, {**ONE, "model": "nobody/nothing"}),
    Question("responses_unknown_model", RESPONSES, {**TELL, "model": "nobody/nothing"}),
    Question("tokenize_unknown_model", "/tokenize", {"prompt": "x", "model": "nobody/nothing"}),
    Question("detokenize_unknown_model", "/detokenize", {"tokens": [1], "model": "nobody/nothing"}),
    Question("chat_stream_unknown_model", CHAT, {**HELLO, "stream": True, "model": "nobody/nothing"}),
    Question("chat_without_messages", CHAT, {}),
    Question("chat_empty_messages", CHAT, {"messages": []}),
    Question("chat_greedy_two", CHAT, {**HELLO, "n": 2}),
    Question("chat_hot", CHAT, {**HELLO, "temperature": 3}),
    Question("chat_temperature_text", CHAT, {**HELLO, "temperature": "warm"}),
    Question("chat_no_tokens", CHAT, {**HELLO, "max_tokens": 0}),
    Question("chat_top_p", CHAT, {**HELLO, "top_p": 0}),
    Question("chat_too_many_stops", CHAT, {**HELLO, "stop": ["a", "b", "c", "d", "e"]}),
    Question("chat_stop_number", CHAT, {**HELLO, "stop": 5}),
    Question("chat_several_wrong", CHAT, {**HELLO, "max_tokens": 1.5, "n": "two", "stream": "perhaps"}),
    Question("chat_stream_options_whole", CHAT, {**HELLO, "stream_options": {"include_usage": True}}),
    Question("chat_top_logprobs_alone", CHAT, {**HELLO, "top_logprobs": 2}),
    Question("chat_tool_choice_alone", CHAT, {**HELLO, "tool_choice": "auto"}),
    Question("chat_null", CHAT, {**HELLO, "include_reasoning": None}),
    Question("text_null", TEXT, {**ONE, "min_tokens": None}),
    Question("responses_null", RESPONSES, {**TELL, "priority": None}),
    Question("chat_no_tools", CHAT, {**HELLO, "tools": []}),
    Question("chat_bad_bias", CHAT, {**HELLO, "logit_bias": {"x": 1}}),
    Question("chat_bias_text", CHAT, {**HELLO, "logit_bias": {"5": "x"}}),
    Question("chat_bad_tool", CHAT, {**HELLO, "tools": [{"type": "function", "function": "f"}]}),
    Question("chat_bad_effort", CHAT, {**HELLO, "reasoning_effort": "enormous"}),
    Question("chat_bad_role", CHAT, {"messages": [{"role": 5, "content": "Hello"}]}),
    Question("chat_too_long", CHAT, {"messages": [{"role": "user", "content": LONG}]}),
    Question("chat_no_room", CHAT, {**HELLO, "max_tokens": 100_000}),
    Question("text_too_long", TEXT, {"prompt": LONG}),
    Question("text_no_prompt", TEXT, {}),
    Question("text_empty", TEXT, {"prompt": ""}),
    Question("text_prompt_object", TEXT, {"prompt": {"a": 1}}),
    Question("responses_too_long", RESPONSES, {"input": LONG}),
    Question("responses_no_input", RESPONSES, {}),
    Question("responses_input_number", RESPONSES, {"input": 5}),
    Question("responses_no_tokens", RESPONSES, {**TELL, "max_output_tokens": 0}),
    Question("tokenize_without_text", "/tokenize", {}),
    Question("tokenize_list", "/tokenize", {"prompt": ["a", "b"]}),
    Question("detokenize_negative", "/detokenize", {"tokens": [-1]}),
    Question("detokenize_text", "/detokenize", {"tokens": ["a"]}),
]
