"""Answers of the service as messages of LangChain, whole or in chunks. No I/O."""

from __future__ import annotations

from typing import Any

from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage, AIMessageChunk, InvalidToolCall, ToolCall
from langchain_core.messages.ai import InputTokenDetails, OutputTokenDetails, UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.output_parsers.openai_tools import make_invalid_tool_call, parse_tool_call
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from tensormesh import RunningCost
from tensormesh.errors import ValidationError
from tensormesh.types import ChatCompletionChunk, ChatCompletionResponse, UsageInfo

PROVIDER = "tensormesh"
REASONING = "reasoning_content"
"""The name under which LangChain makes reasoning blocks of a message's `additional_kwargs`."""

_FIRST_CALL = 1000
"""
Calls of a streamed message are numbered from here. LangChain merges blocks of one number, whatever their kind, and it
numbers those of thoughts and text from 0.
"""


def usage_metadata(usage: UsageInfo) -> UsageMetadata:
    """The counts of an answer in LangChain's words, those of cached and of reasoning tokens among them."""
    came, went = usage.prompt_tokens or 0, usage.completion_tokens or 0
    found = UsageMetadata(input_tokens=came, output_tokens=went, total_tokens=usage.total_tokens or came + went)
    cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else None
    if cached is not None:
        found["input_token_details"] = InputTokenDetails(cache_read=cached)
    thought = usage.completion_tokens_details.reasoning_tokens if usage.completion_tokens_details else None
    if thought is not None:
        found["output_token_details"] = OutputTokenDetails(reasoning=thought)
    return found


def result_of(answer: ChatCompletionResponse, costs: RunningCost | None) -> ChatResult:
    """A whole answer. Its counts stand in its first message only, as they are of all choices together."""
    around = _around(answer)
    usage = usage_metadata(answer.usage) if answer.usage is not None else None
    generations = []
    for position, choice in enumerate(answer.choices):
        first = position == 0
        about = {**around, "finish_reason": choice.finish_reason}
        if first:
            about |= _cost(answer.usage, answer.model, costs)
        if choice.logprobs is not None:
            about["logprobs"] = choice.logprobs.to_dict()
        calls, broken = _calls(choice.message.tool_calls)
        message = AIMessage(
            content=choice.message.content or "",
            additional_kwargs=_beside(choice.message),
            tool_calls=calls,
            invalid_tool_calls=broken,
            usage_metadata=usage if first else None,
            response_metadata=about,
            id=answer.id,
        )
        generations.append(ChatGeneration(message=message))
    return ChatResult(generations=generations)


class ChunkDecoder:
    """The chunks of LangChain of a streamed answer: `feed` for each event, `flush` at the end."""

    def __init__(self, costs: RunningCost | None) -> None:
        self._costs = costs
        self._usage: UsageInfo | None = None
        self._model: str | None = None
        self._id: str | None = None

    def feed(self, event: ChatCompletionChunk) -> list[ChatGenerationChunk]:
        """What an event adds to the message."""
        self._usage, self._model, self._id = event.usage or self._usage, event.model or self._model, event.id
        found = []
        for choice in event.choices or ():
            if choice.index:
                raise ValidationError("a stream of several choices is no message of LangChain: leave out n, or stream")
            delta = choice.delta
            about: dict[str, Any] = {}
            if choice.logprobs is not None:
                about["logprobs"] = choice.logprobs.to_dict()
            if choice.finish_reason is not None:
                # Texts of several chunks are put together, so that each is said in one of them only.
                about |= {**_around(event), "finish_reason": choice.finish_reason}
            calls = [
                tool_call_chunk(
                    name=call.function.name if call.function else None,
                    args=call.function.arguments if call.function else None,
                    id=call.id,
                    index=_FIRST_CALL + (call.index or 0),
                )
                for call in delta.tool_calls or ()
            ]
            message = AIMessageChunk(
                content=delta.content or "",
                additional_kwargs=_beside(delta),
                tool_call_chunks=calls,
                response_metadata=about,
                id=event.id,
            )
            found.append(ChatGenerationChunk(message=message))
        return found

    def flush(self) -> list[ChatGenerationChunk]:
        """What is known of the whole at its end: the last counts that came, and what they cost."""
        if self._usage is None:
            return []
        about = _cost(self._usage, self._model, self._costs)
        usage = usage_metadata(self._usage)
        message = AIMessageChunk(content="", usage_metadata=usage, response_metadata=about, id=self._id)
        return [ChatGenerationChunk(message=message)]


def _around(answer: ChatCompletionResponse | ChatCompletionChunk) -> dict[str, Any]:
    known = {"model_name": answer.model, "model_provider": PROVIDER, "system_fingerprint": answer.system_fingerprint}
    return {name: value for name, value in known.items() if value is not None}


def _beside(said: Any) -> dict[str, Any]:
    """What a message or a delta has beside its text and its calls."""
    beside = {REASONING: said.reasoning, "refusal": said.refusal}
    return {name: value for name, value in beside.items() if value}


def _calls(raw: Any) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    calls, broken = [], []
    for one in raw or ():
        call = one.to_dict()
        try:
            parsed = parse_tool_call(call, return_id=True)
        except OutputParserException as error:
            broken.append(make_invalid_tool_call(call, str(error)))
            continue
        if parsed is not None:
            calls.append(ToolCall(name=parsed["name"], args=parsed["args"], id=parsed["id"], type="tool_call"))
    return calls, broken


def _cost(usage: UsageInfo | None, model: str | None, costs: RunningCost | None) -> dict[str, str]:
    """What an answer cost, where that can be known: an unknown price is an unknown cost, and no error."""
    if costs is None or usage is None:
        return {}
    try:
        cost = costs.add(usage, model=model)
    except ValidationError:
        return {}
    return {"cost": f"{cost.amount:f}", "currency": cost.currency_code or "USD"}
