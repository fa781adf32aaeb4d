"""The inference surfaces of a client. A module of its own, so that building a client does not load their calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Unpack

from tensormesh_generated.namespaces.inference import AsyncInference, Inference
from tensormesh_overlay.calls.sender import AsyncSender, Sender
from tensormesh_overlay.configuration.config import Config
from tensormesh_overlay.configuration.target import SurfaceName
from tensormesh_transport.messages import AsyncTransport, Transport

if TYPE_CHECKING:
    from tensormesh_generated.models import ChatCompletionResponse, ChatCompletionToolLike
    from tensormesh_generated.namespaces.fields import CreateChatCompletionFields
    from tensormesh_overlay.tools.function_tool import FunctionTool
    from tensormesh_overlay.tools.loop import OnChunk, OnError, ToolRun

    Tool = Callable[..., Any] | FunctionTool | ChatCompletionToolLike


class InferenceSurface(Inference, Sender):
    """The calls of one inference surface, and itself a client for the low-level functions."""

    def __init__(self, surface: SurfaceName, config: Config, transport: Transport) -> None:
        Sender.__init__(self, surface, config, transport)
        Inference.__init__(self, Sender(surface, config, transport))

    def run_tools(
        self,
        tools: Iterable[Tool],
        /,
        *,
        limit: int = 10,
        on_error: OnError | None = None,
        on_chunk: OnChunk | None = None,
        **fields: Unpack[CreateChatCompletionFields],
    ) -> ToolRun:
        """
        Ask a model that may call Python functions, call them, and ask again, until the answer is there.

        Calls are made one after another. A call that does not fit its function is told to the model, which can mend it.
        Once a tool was called, `tool_choice` forces no other.

        Args:
            tools: functions (their name, docstring and types are what the model is told), `tool(...)`s, and tools as
                the service takes them; where the model calls one of the last, that is the answer.
            limit: how often to ask the model at most.
            on_error: what to tell the model of an exception of a function; without it, the exception is yours.
            on_chunk: called with each chunk of each answer as it is written; without it, answers are not streamed. They
                have a `usage` then only where `stream_options={"include_usage": True}` asks for it.
            fields: those of `chat.completions.create`, and its options.

        Raises:
            ConfigurationError: a function cannot be a tool; or what was asked for cannot be done with tools.
            ToolLoopError: the limit is reached. `error.run` has all that was said.
            TensormeshError: a request failed.
        """
        from tensormesh_overlay.tools.loop import Ask, loop, outcome_of

        steps = loop(tools, fields, limit, on_error, awaits=False)
        outcome: Any = None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as end:
                run: ToolRun = end.value
                return run
            if isinstance(step, Ask):
                outcome = self._ask_model(step.fields, on_chunk)
            else:
                outcome = outcome_of(step, catch=on_error is not None)

    def _ask_model(self, fields: dict[str, Any], on_chunk: OnChunk | None) -> ChatCompletionResponse:
        answer: ChatCompletionResponse
        if on_chunk is None:
            answer = self.chat.completions.create(**fields)
            return answer
        streamed: dict[str, Any] = {**fields, "stream": True}
        with self.chat.completions.create(**streamed) as chunks:
            for chunk in chunks:
                on_chunk(chunk)
            answer = chunks.get_final_completion()
        return answer


class AsyncInferenceSurface(AsyncInference, AsyncSender):
    """The asynchronous version of `InferenceSurface`."""

    def __init__(self, surface: SurfaceName, config: Config, transport: AsyncTransport) -> None:
        AsyncSender.__init__(self, surface, config, transport)
        AsyncInference.__init__(self, AsyncSender(surface, config, transport))

    async def run_tools(
        self,
        tools: Iterable[Tool],
        /,
        *,
        limit: int = 10,
        on_error: OnError | None = None,
        on_chunk: OnChunk | None = None,
        **fields: Unpack[CreateChatCompletionFields],
    ) -> ToolRun:
        """
        Ask a model that may call Python functions, call them, and ask again, until the answer is there.

        Functions may be asynchronous. Calls are made one after another. A call that does not fit its function is told
        to the model, which can mend it. Once a tool was called, `tool_choice` forces no other.

        Args:
            tools: functions (their name, docstring and types are what the model is told), `tool(...)`s, and tools as
                the service takes them; where the model calls one of the last, that is the answer.
            limit: how often to ask the model at most.
            on_error: what to tell the model of an exception of a function; without it, the exception is yours.
            on_chunk: called with each chunk of each answer as it is written, and awaited where it is asynchronous;
                without it, answers are not streamed. They have a `usage` then only where
                `stream_options={"include_usage": True}` asks for it.
            fields: those of `chat.completions.create`, and its options.

        Raises:
            ConfigurationError: a function cannot be a tool; or what was asked for cannot be done with tools.
            ToolLoopError: the limit is reached. `error.run` has all that was said.
            TensormeshError: a request failed.
        """
        from tensormesh_overlay.tools.loop import Ask, awaited_outcome_of, loop

        steps = loop(tools, fields, limit, on_error, awaits=True)
        outcome: Any = None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as end:
                run: ToolRun = end.value
                return run
            if isinstance(step, Ask):
                outcome = await self._ask_model(step.fields, on_chunk)
            else:
                outcome = await awaited_outcome_of(step, catch=on_error is not None)

    async def _ask_model(self, fields: dict[str, Any], on_chunk: OnChunk | None) -> ChatCompletionResponse:
        answer: ChatCompletionResponse
        if on_chunk is None:
            answer = await self.chat.completions.create(**fields)
            return answer
        streamed: dict[str, Any] = {**fields, "stream": True}
        async with await self.chat.completions.create(**streamed) as chunks:
            async for chunk in chunks:
                told = on_chunk(chunk)
                if inspect.isawaitable(told):
                    await told
            answer = await chunks.get_final_completion()
        return answer


class InferenceSurfaces:
    """Both inference surfaces of a client."""

    def __init__(self, config: Config, transport: Transport) -> None:
        self.serverless = InferenceSurface("serverless", config, transport)
        """Models that are always there, shared by all and billed by the token."""
        self.on_demand = InferenceSurface("on_demand", config, transport)
        """Your own deployment, at a base URL of its own and by `X-User-Id`."""


class AsyncInferenceSurfaces:
    """The asynchronous version of `InferenceSurfaces`."""

    def __init__(self, config: Config, transport: AsyncTransport) -> None:
        self.serverless = AsyncInferenceSurface("serverless", config, transport)
        """Models that are always there, shared by all and billed by the token."""
        self.on_demand = AsyncInferenceSurface("on_demand", config, transport)
        """Your own deployment, at a base URL of its own and by `X-User-Id`."""
