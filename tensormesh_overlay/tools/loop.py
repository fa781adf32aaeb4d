"""The conversation between a model and its tools, up to the answer. Sends nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tensormesh_overlay.errors import ConfigurationError, ToolLoopError
from tensormesh_overlay.tools.annotations import ArgumentError
from tensormesh_overlay.tools.function_tool import FunctionTool
from tensormesh_runtime.publication import public

if TYPE_CHECKING:
    from tensormesh_generated.models import (
        ChatCompletionChunk,
        ChatCompletionMessageToolCall,
        ChatCompletionResponse,
    )

LIMIT = 10
"""How often a model may be asked, unless the caller says otherwise."""

OnError = Callable[[Exception, "ToolCall"], str]
OnChunk = Callable[["ChatCompletionChunk"], Any]


@public
class ToolRun(NamedTuple):
    """
    What came of a conversation with tools.

    Attributes:
        answer: the last answer, which calls no tool.
        messages: the whole conversation, to go on with: what was given, calls and results, and the answer.
        answers: every answer of the model in order, the last one too: what each cost is in its `usage`.
    """

    answer: ChatCompletionResponse
    messages: list[Any]
    answers: list[ChatCompletionResponse]

    @property
    def text(self) -> str:
        """The text of the answer; empty where it has none."""
        return self.answer.choices[0].message.content or ""

    def __repr__(self) -> str:
        return f"ToolRun({self.text!r:.200}, {len(self.messages)} messages, {len(self.answers)} answers)"


@public
class ToolCall(NamedTuple):
    """One call of a tool that a model asks for: `tool.function(**arguments)`, whose outcome goes back in."""

    tool: FunctionTool
    arguments: dict[str, Any]


class Outcome(NamedTuple):
    """What a call of a tool gave, or raised."""

    value: Any = None
    error: Exception | None = None


class Ask(NamedTuple):
    """The fields of the next request."""

    fields: dict[str, Any]


Step = Ask | ToolCall
Loop = Generator[Step, Any, ToolRun]


def loop(
    tools: Iterable[Any], fields: Mapping[str, Any], limit: int, on_error: OnError | None, *, awaits: bool
) -> Loop:
    """
    The steps up to the answer: requests to send, whose answers are handed in, and tools to call, whose outcomes are.

    Args:
        tools: functions, `FunctionTool`s, and objects that describe tools as the service takes them.
        fields: those of the chat completion.
        limit: how often to ask the model at most.
        on_error: what to tell the model of an exception of a tool; without it, that is the caller's.
        awaits: whether functions may be asynchronous.

    Raises:
        ConfigurationError: there are no tools, or two of one name, or it is to stream.
        ToolLoopError: the limit is reached.
    """
    ours, offered = _offered([*_several(tools), *(fields.get("tools") or ())])
    for one in ours.values():
        if not awaits and inspect.iscoroutinefunction(one.function):
            raise ConfigurationError(f"the tool {one.name} is asynchronous: run_tools() of AsyncTensormesh awaits it")
    messages = fields.get("messages")
    if not isinstance(messages, Sequence) or isinstance(messages, str | bytes):
        raise ConfigurationError(f"run_tools() needs messages: a list of them, not {messages!r:.80}")
    if fields.get("stream"):
        raise ConfigurationError(
            "run_tools() takes no stream=True, since it gives whole answers: on_chunk= sees each as it is written"
        )
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ConfigurationError(f"limit is {limit!r}, and has to be how often to ask the model, once at least")
    messages = list(messages)
    answers: list[Any] = []
    asked = {**fields, "tools": offered}
    theirs = {name for one in offered for name in _names(one)} - ours.keys()
    for _ in range(limit):
        answer = yield Ask({**asked, "messages": messages})
        answers.append(answer)
        message = answer.choices[0].message
        messages = [*messages, message]
        calls = message.tool_calls or []
        if not calls or any(_name(call) in theirs for call in calls):
            return ToolRun(answer, messages, answers)
        for call in calls:
            text = yield from _called(call, ours, on_error)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": text})
        if asked.get("tool_choice") not in (None, "auto", "none"):
            # Who has to call a tool each time never comes to an answer.
            asked.pop("tool_choice")
    run = ToolRun(answers[-1], messages, answers)
    names = ", ".join(dict.fromkeys(_name(call) for call in answers[-1].choices[0].message.tool_calls or ()))
    raise ToolLoopError(
        f"the model was asked {limit} times and still calls tools ({names}): limit= lets it go on; "
        "error.run has all that was said",
        run=run,
    )


def outcome_of(call: ToolCall, *, catch: bool) -> Outcome:
    """Call a function."""
    try:
        return Outcome(call.tool.function(**call.arguments))
    except Exception as error:
        if not catch:
            raise
        return Outcome(error=error)


async def awaited_outcome_of(call: ToolCall, *, catch: bool) -> Outcome:
    """Call a function, and await it where there is something to await."""
    try:
        value = call.tool.function(**call.arguments)
        return Outcome(await value if inspect.isawaitable(value) else value)
    except Exception as error:
        if not catch:
            raise
        return Outcome(error=error)


def _several(tools: Any) -> list[Any]:
    if isinstance(tools, Mapping) or not isinstance(tools, Iterable):
        tools = [tools]  # a single one
    return list(tools)


def _offered(tools: list[Any]) -> tuple[dict[str, FunctionTool], list[Any]]:
    if not tools:
        raise ConfigurationError("run_tools() needs tools: functions that the model may call")
    found = [FunctionTool(one) if callable(one) and not isinstance(one, FunctionTool) else one for one in tools]
    names = [name for one in found for name in _names(one)]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigurationError(f"two tools are called {twice[0]!r}")
    ours = {one.name: one for one in found if isinstance(one, FunctionTool)}
    return ours, [one.to_dict() if isinstance(one, FunctionTool) else one for one in found]


def _names(tool: Any) -> list[str]:
    """What a tool is called; nothing, where it is of a kind that has no name."""
    held = tool.to_dict() if hasattr(tool, "to_dict") else tool
    function = held.get("function") if isinstance(held, Mapping) else None
    name = function.get("name") if isinstance(function, Mapping) else None
    return [name] if isinstance(name, str) else []


def _name(call: ChatCompletionMessageToolCall) -> str:
    return call.function.name or ""


def _called(call: Any, ours: dict[str, FunctionTool], on_error: OnError | None) -> Generator[Step, Any, str]:
    """What to tell the model of a call. Its own mistakes are told to it, so that it can mend them."""
    found = ours.get(_name(call))
    if found is None:
        return f"Error: there is no tool {_name(call)!r}; there are {', '.join(ours)}."
    try:
        arguments = found.arguments(call.function.arguments if call.function.is_set("arguments") else None)
    except ArgumentError as error:
        return f"Error: {error}."
    asked = ToolCall(found, arguments)
    outcome: Outcome = yield asked
    if outcome.error is not None and on_error is not None:
        return on_error(outcome.error, asked)
    return found.result(outcome.value)
