"""
What the events of a stream add up to: one class for each kind of stream. Decoded JSON in, decoded JSON out.

An assembly sees each event before the caller does. It may change it (think blocks leave the text), it knows which
part of it is text and which is reasoning, and whether the host has said all it had to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tensormesh_overlay.config import ThinkPolicy
from tensormesh_overlay.think import ThinkSplitter, unify_reasoning
from tensormesh_overlay.tool_calls import ToolCalls

JsonObject = dict[str, Any]


class Assembly:
    """A stream of any kind: events that add up to nothing."""

    complete = False
    """Whether the host may end here."""

    def take(self, event: JsonObject) -> None:
        """See an event, and change it where the caller should see another."""
        self.complete = True

    def flush(self) -> list[JsonObject]:
        """Events for what was held back, when nothing more comes."""
        return []

    def texts(self, event: JsonObject) -> Iterator[str]:
        """The pieces of visible text in an event."""
        return iter(())

    def reasonings(self, event: JsonObject) -> Iterator[str]:
        """The pieces of reasoning in an event."""
        return iter(())

    def result(self) -> JsonObject | None:
        """What the events have added up to so far, as an answer that was not streamed; None before the first."""
        return None


class _Choice:
    """One choice of a streamed answer."""

    __slots__ = ("calls", "content", "done", "logprobs", "message", "reasoning", "rest", "splitter")

    def __init__(self, splitter: ThinkSplitter | None) -> None:
        self.splitter = splitter
        self.content: list[str] = []
        self.reasoning: list[str] = []
        self.calls: ToolCalls | None = None
        self.logprobs: JsonObject | None = None
        self.message: JsonObject = {}
        self.rest: JsonObject = {}
        self.done = False


class ChoicesAssembly(Assembly):
    """What chat and text completions have in common: choices by index, and fields around them."""

    def __init__(self) -> None:
        self._choices: dict[Any, _Choice] = {}
        self._around: JsonObject = {}
        self._open = 0

    def take(self, event: JsonObject) -> None:
        choices = event.get("choices")
        if not self._around or not choices or event.get("usage") is not None:
            _merge(self._around, event, skip="choices")
        for raw in choices if isinstance(choices, list) else ():
            if isinstance(raw, dict):
                index = raw.get("index") or 0
                try:
                    choice = self._choices[index]
                except (KeyError, TypeError):
                    choice = self._begin(index)
                self._take_choice(choice, raw)
                if raw.get("finish_reason") and not choice.done:
                    choice.done = True
                    self._open -= 1
                    self.complete = not self._open

    def _begin(self, index: Any) -> _Choice:
        self._open += 1
        self.complete = False
        choice = self._choices[index if isinstance(index, int) else repr(index)] = _Choice(self._splitter())
        return choice

    def _splitter(self) -> ThinkSplitter | None:
        return None

    def _take_choice(self, choice: _Choice, raw: JsonObject) -> None:
        raise NotImplementedError

    def result(self) -> JsonObject | None:
        if not self._around and not self._choices:
            return None
        kind = str(self._around.get("object", "")).removesuffix(".chunk")
        ordered = sorted(self._choices.items(), key=lambda item: str(item[0]).zfill(9))
        choices = [{"index": index, **self._result(choice)} for index, choice in ordered]
        return {**self._around, **({"object": kind} if kind else {}), "choices": choices}

    def _result(self, choice: _Choice) -> JsonObject:
        raise NotImplementedError


class ChatAssembly(ChoicesAssembly):
    """Chunks of a chat completion, their think blocks split off."""

    def __init__(self, think: ThinkPolicy) -> None:
        super().__init__()
        self._think = think

    def _splitter(self) -> ThinkSplitter | None:
        return None if self._think == "keep" else ThinkSplitter(inside=self._think == "open")

    def _take_choice(self, choice: _Choice, raw: JsonObject) -> None:
        delta = raw.get("delta")
        if not isinstance(delta, dict):
            delta = {}
        splitter = choice.splitter
        if len(delta) == 1 and "content" in delta and (splitter is None or splitter.visible):
            # The usual case: one more piece of the answer.
            if delta["content"]:
                choice.content.append(str(delta["content"]))
        else:
            if splitter is not None:
                _split_delta(splitter, delta, ends=bool(raw.get("finish_reason")))
                raw["delta"] = delta
            self._take_delta(choice, delta)
        for key, value in raw.items():
            if value is not None and key not in _OF_ANY_CHUNK:
                _take_rest(choice, key, value)

    def _take_delta(self, choice: _Choice, delta: JsonObject) -> None:
        for key, value in delta.items():
            if key == "content" and isinstance(value, str):
                choice.content.append(value)
            elif key == "reasoning" and isinstance(value, str):
                choice.reasoning.append(value)
            elif key == "tool_calls" and isinstance(value, list):
                if choice.calls is None:
                    choice.calls = ToolCalls()
                choice.calls.feed(value)
            elif key != "reasoning_content" and (value is not None or key not in choice.message):
                choice.message[key] = value

    def flush(self) -> list[JsonObject]:
        events = []
        for index, choice in self._choices.items():
            delta: JsonObject = {}
            if choice.splitter is not None and not choice.done:
                _split_delta(choice.splitter, delta, ends=True)
            if delta:
                raw = {"index": index, "delta": delta}
                self._take_choice(choice, raw)
                events.append({**self._around, "choices": [raw]})
        return events

    def texts(self, event: JsonObject) -> Iterator[str]:
        return _pieces(event, "content")

    def reasonings(self, event: JsonObject) -> Iterator[str]:
        return _pieces(event, "reasoning")

    def _result(self, choice: _Choice) -> JsonObject:
        message = dict(choice.message)
        text = "".join(choice.content)
        split = choice.splitter is not None and choice.splitter.split
        message["content"] = text if text or (choice.content and not split) else None
        if choice.calls and not text:
            message["content"] = None
        if choice.reasoning:
            message["reasoning"] = "".join(choice.reasoning)
        if choice.calls:
            message["tool_calls"] = choice.calls.result()
        return {"message": message, "logprobs": choice.logprobs, "finish_reason": None, **choice.rest}


class TextAssembly(ChoicesAssembly):
    """Pieces of a text completion."""

    def _take_choice(self, choice: _Choice, raw: JsonObject) -> None:
        for key, value in raw.items():
            if key == "text" and isinstance(value, str):
                choice.content.append(value)
            elif value is not None and key != "index":
                _take_rest(choice, key, value)

    def texts(self, event: JsonObject) -> Iterator[str]:
        choices = event.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            text = choice.get("text") if isinstance(choice, dict) else None
            if text and isinstance(text, str):
                yield text

    def _result(self, choice: _Choice) -> JsonObject:
        return {"text": "".join(choice.content), "logprobs": choice.logprobs, "finish_reason": None, **choice.rest}


LAST = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled"})


class ResponseAssembly(Assembly):
    """Events of the Responses API, which repeat the whole at their end."""

    def __init__(self) -> None:
        self._response: JsonObject | None = None
        self._items: dict[int, JsonObject] = {}
        self._texts: dict[tuple[Any, Any], list[str]] = {}

    def take(self, event: JsonObject) -> None:
        kind = event.get("type")
        response = event.get("response")
        if isinstance(response, dict):
            self._response = response
        if kind in LAST:
            self.complete = True
        elif kind in ("response.output_item.added", "response.output_item.done"):
            item = event.get("item")
            if isinstance(item, dict):
                self._items[_number(event.get("output_index"))] = item
        elif kind == "response.output_text.delta":
            place = (_number(event.get("output_index")), _number(event.get("content_index")))
            self._texts.setdefault(place, []).append(str(event.get("delta", "")))

    def texts(self, event: JsonObject) -> Iterator[str]:
        return _delta(event, "response.output_text.delta")

    def reasonings(self, event: JsonObject) -> Iterator[str]:
        return _delta(event, "response.reasoning_text.delta", "response.reasoning_summary_text.delta")

    def result(self) -> JsonObject | None:
        if self._response is None or self.complete:
            return self._response
        return {**self._response, "output": [self._item(place) for place in sorted(self._items)]}

    def _item(self, place: int) -> JsonObject:
        item = self._items[place]
        texts = {content: "".join(parts) for (output, content), parts in self._texts.items() if output == place}
        if not texts or item.get("content"):
            return item
        return {**item, "content": [{"type": "output_text", "text": texts[content]} for content in sorted(texts)]}


def assembly(event_type: str, think: ThinkPolicy) -> Assembly:
    """The assembly for streams of the model `event_type`."""
    if event_type == "ChatCompletionChunk":
        return ChatAssembly(think)
    if event_type == "TextCompletionResponse":
        return TextAssembly()
    return ResponseAssembly() if event_type == "ResponseStreamEvent" else Assembly()


def _split_delta(splitter: ThinkSplitter, delta: JsonObject, *, ends: bool) -> None:
    unify_reasoning(delta)
    given = delta.get("reasoning")
    if given and isinstance(given, str):
        splitter.reasoned = True
    content = delta.get("content")
    reasoning, visible = splitter.feed(content) if content and isinstance(content, str) else ("", "")
    if ends and not splitter.visible:
        more, rest = splitter.flush()
        reasoning, visible = reasoning + more, visible + rest
    if visible != (content or ""):
        delta["content"] = visible or None
    if reasoning:
        delta["reasoning"] = f"{given or ''}{reasoning}"


def _pieces(event: JsonObject, key: str) -> Iterator[str]:
    choices = event.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        delta = choice.get("delta") if isinstance(choice, dict) else None
        text = delta.get(key) if isinstance(delta, dict) else None
        if text and isinstance(text, str):
            yield text


def _delta(event: JsonObject, *kinds: str) -> Iterator[str]:
    text = event.get("delta")
    if event.get("type") in kinds and text and isinstance(text, str):
        yield text


_OF_ANY_CHUNK = frozenset({"index", "delta"})


def _take_rest(choice: _Choice, key: str, value: Any) -> None:
    """A field of a chunk's choice beside its text: lists arrive in pieces, anything else is said once or again."""
    have = choice.rest.get(key)
    if key == "logprobs" and isinstance(value, dict):
        choice.logprobs = _joined(choice.logprobs, value)
    elif isinstance(have, list) and isinstance(value, list):
        have += value
    else:
        choice.rest[key] = list(value) if isinstance(value, list) else value


def _merge(into: JsonObject, other: JsonObject, skip: str) -> None:
    for key, value in other.items():
        if key != skip and (value is not None or key not in into):
            into[key] = value


def _joined(one: JsonObject | None, other: JsonObject) -> JsonObject:
    """Log probabilities of two pieces: lists grow, anything else is the later one."""
    if one is None:
        return {key: list(value) if isinstance(value, list) else value for key, value in other.items()}
    for key, value in other.items():
        have = one.get(key)
        one[key] = [*have, *value] if isinstance(have, list) and isinstance(value, list) else value
    return one


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
