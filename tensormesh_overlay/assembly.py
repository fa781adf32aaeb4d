"""
What the events of a stream add up to: one class for each kind of stream. Decoded JSON in, decoded JSON out.

An assembly sees each event before the caller does. It may change it (think blocks leave the text), it knows which
part of it is text and which is reasoning, and whether the host has said all it had to say.
"""

from __future__ import annotations

from collections import defaultdict
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

    def texts(self, event: JsonObject) -> list[str]:
        """The pieces of visible text in an event."""
        return []

    def reasonings(self, event: JsonObject) -> list[str]:
        """The pieces of reasoning in an event."""
        return []

    def result(self) -> JsonObject | None:
        """What the events have added up to so far, as an answer that was not streamed; None before the first."""
        return None


class _Choice:
    """One choice of a streamed answer."""

    __slots__ = ("calls", "content", "done", "logprobs", "message", "rest", "splitter", "texts", "usual")

    def __init__(self, splitter: ThinkSplitter | None) -> None:
        self.splitter = splitter
        self.content: list[str] = []
        self.texts: defaultdict[str, list[str]] = defaultdict(list)
        self.calls: ToolCalls | None = None
        self.logprobs: JsonObject = {}
        self.message: JsonObject = {}
        self.rest: JsonObject = {}
        self.done = False
        self.usual: JsonObject = {}
        """A piece of it that says nothing beside what every piece says."""


class ChoicesAssembly(Assembly):
    """What chat and text completions have in common: choices by index, and fields around them."""

    _piece = ""
    """The key of a choice that every event brings more of."""

    def __init__(self) -> None:
        self._choices: dict[int, _Choice] = {}
        self._around: JsonObject = {}
        self._usual: JsonObject = {}
        self._open = 0

    def take(self, event: JsonObject) -> None:
        choices, piece = event.get("choices"), self._piece
        for raw in choices if isinstance(choices, list) else ():
            if isinstance(raw, dict):
                index = raw.get("index")
                if type(index) is not int:
                    index = 0
                choice = self._choices.get(index) or self._begin(index)
                self._take_piece(choice, raw)
                # Most events differ from the last in nothing but their piece, and comparing them costs least.
                choice.usual[piece] = raw.get(piece)
                if raw != choice.usual:
                    self._take_rest(choice, raw)
        self._usual["choices"] = choices
        if event != self._usual:
            self._usual = event.copy()
            self._around |= {key: value for key, value in event.items() if value is not None}

    def _take_rest(self, choice: _Choice, raw: JsonObject) -> None:
        rest = {key: value for key, value in raw.items() if value is not None and key not in ("index", self._piece)}
        for key, value in rest.items():
            _take_field(choice, key, value)
        if not rest:
            choice.usual = raw.copy()
        elif raw.get("finish_reason"):
            self._finish(choice)

    def _begin(self, index: int) -> _Choice:
        self._open += 1
        self.complete = False
        choice = self._choices[index] = _Choice(self._splitter())
        return choice

    def _finish(self, choice: _Choice) -> None:
        if not choice.done:
            choice.done = True
            self._open -= 1
            self.complete = not self._open

    def _splitter(self) -> ThinkSplitter | None:
        return None

    def _take_piece(self, choice: _Choice, raw: JsonObject) -> None:
        raise NotImplementedError

    def result(self) -> JsonObject | None:
        if not (self._around or self._choices):
            return None
        choices = []
        for index in sorted(self._choices):
            choice = self._choices[index]
            logprobs = {"logprobs": _copied(choice.logprobs)} if choice.logprobs else {}
            rest = {"finish_reason": None, **_copied(choice.rest), **logprobs}
            choices.append({**rest, "index": index, **self._result(choice)})
        whole = {**self._around, "choices": choices}
        kind = whole.get("object")
        if isinstance(kind, str):
            whole["object"] = kind.removesuffix(".chunk")
        return whole

    def _result(self, choice: _Choice) -> JsonObject:
        raise NotImplementedError


class ChatAssembly(ChoicesAssembly):
    """Chunks of a chat completion, their think blocks split off."""

    _piece = "delta"

    def __init__(self, think: ThinkPolicy) -> None:
        super().__init__()
        self._think = think

    def _splitter(self) -> ThinkSplitter | None:
        return None if self._think == "keep" else ThinkSplitter(inside=self._think == "open")

    def _take_piece(self, choice: _Choice, raw: JsonObject) -> None:
        delta = raw.get("delta")
        if not isinstance(delta, dict):
            delta = {}
        splitter = choice.splitter
        content = delta.get("content")
        if len(delta) == 1 and isinstance(content, str) and (splitter is None or splitter.visible):
            # The usual case: one more piece of the answer.
            choice.content.append(content)
        else:
            if "reasoning_content" in delta:
                unify_reasoning(delta)
            if splitter is not None:
                _split_delta(splitter, delta, ends=bool(raw.get("finish_reason")))
            if delta:
                raw["delta"] = delta
            self._take_delta(choice, delta)

    def _take_delta(self, choice: _Choice, delta: JsonObject) -> None:
        for key, value in delta.items():
            if key == "content" and isinstance(value, str):
                choice.content.append(value)
            elif key in _GROWING_TEXTS and isinstance(value, str):
                choice.texts[key].append(value)
            elif key == "tool_calls" and isinstance(value, list):
                if choice.calls is None:
                    choice.calls = ToolCalls()
                choice.calls.feed(value)
            elif value is not None:
                _grow(choice.message, key, value, texts=True)

    def flush(self) -> list[JsonObject]:
        events = []
        for index, choice in self._choices.items():
            delta: JsonObject = {}
            if choice.splitter is not None:
                _split_delta(choice.splitter, delta, ends=True)
            if delta:
                raw = {"index": index, "delta": delta}
                self._take_piece(choice, raw)
                events.append({**self._around, "choices": [raw]})
        return events

    def texts(self, event: JsonObject) -> list[str]:
        return _pieces(event, "content")

    def reasonings(self, event: JsonObject) -> list[str]:
        return _pieces(event, "reasoning")

    def _result(self, choice: _Choice) -> JsonObject:
        texts = {key: "".join(pieces) for key, pieces in choice.texts.items()}
        message = {"content": None, **_copied(choice.message), **texts}
        split = choice.splitter is not None and choice.splitter.split
        content = "".join(choice.content)
        # Where the whole answer has null, its stream may have an empty text, and blank lines before tool calls.
        null = not content.strip() if choice.calls else not content and (split or texts.get("reasoning"))
        if choice.content and not null:
            message["content"] = content
        if choice.calls:
            message["tool_calls"] = choice.calls.result()
        return {"message": message}


class TextAssembly(ChoicesAssembly):
    """Pieces of a text completion."""

    _piece = "text"

    def _take_piece(self, choice: _Choice, raw: JsonObject) -> None:
        text = raw.get("text")
        if isinstance(text, str):
            choice.content.append(text)

    def texts(self, event: JsonObject) -> list[str]:
        return [text for choice in _choices(event) if (text := choice.get("text")) and isinstance(text, str)]

    def _result(self, choice: _Choice) -> JsonObject:
        return {"text": "".join(choice.content)}


def assembly(event_type: str, think: ThinkPolicy) -> Assembly:
    """The assembly for streams of the model `event_type`."""
    if event_type == "ChatCompletionChunk":
        return ChatAssembly(think)
    if event_type == "TextCompletionResponse":
        return TextAssembly()
    if event_type == "ResponseStreamEvent":
        # Of a module of its own, which chats do without.
        from tensormesh_overlay.response_assembly import ResponseAssembly

        return ResponseAssembly()
    return Assembly()


def _split_delta(splitter: ThinkSplitter, delta: JsonObject, *, ends: bool) -> None:
    given, content = delta.get("reasoning"), delta.get("content")
    if isinstance(given, str):
        splitter.follow(given)
    text = content if isinstance(content, str) else ""
    if not (text or ends):
        return
    reasoning, visible = splitter.feed(text)
    if ends and not splitter.visible:
        more, rest = splitter.flush()
        reasoning, visible = reasoning + more, visible + rest
    if visible != text:
        delta["content"] = visible or None
    if reasoning:
        delta["reasoning"] = given + reasoning if isinstance(given, str) else reasoning


def _choices(event: JsonObject) -> list[JsonObject]:
    choices = event.get("choices")
    return [choice for choice in choices if type(choice) is dict] if isinstance(choices, list) else []


def _pieces(event: JsonObject, key: str) -> list[str]:
    pieces, choices = [], event.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        delta = choice.get("delta") if type(choice) is dict else None
        text = delta.get(key) if type(delta) is dict else None
        if text and type(text) is str:
            pieces.append(text)
    return pieces


_GROWING_TEXTS = frozenset({"reasoning", "reasoning_content", "refusal"})


def _take_field(choice: _Choice, key: str, value: Any) -> None:
    if key == "logprobs" and isinstance(value, dict):
        for name, item in value.items():
            _grow(choice.logprobs, name, item)
    else:
        _grow(choice.rest, key, value)


_SAID_ONCE = frozenset({"id", "name", "role", "type"})


def _grow(whole: JsonObject, key: str, value: Any, *, texts: bool = False) -> None:
    """Add a field of a piece: lists, objects and `texts` arrive in pieces too, anything else is said once or again."""
    have = whole.get(key)
    if isinstance(value, dict):
        inner = whole[key] = have if isinstance(have, dict) else {}
        for name, item in value.items():
            _grow(inner, name, item, texts=texts)
    elif isinstance(value, list):
        if isinstance(have, list):
            have += value
        else:
            whole[key] = value.copy()
    elif texts and isinstance(value, str) and isinstance(have, str) and key not in _SAID_ONCE:
        whole[key] = have + value
    elif value is not None or key not in whole:
        whole[key] = value


def _copied(value: Any) -> Any:
    """A value for an answer that does not grow with it."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return value.copy() if isinstance(value, list) else value
