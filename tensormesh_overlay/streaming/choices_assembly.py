"""What the events of chat and text completions add up to. Decoded JSON in, decoded JSON out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.error_bodies import is_error, looks_like_error, status_of
from tensormesh_overlay.errors import StreamError
from tensormesh_overlay.streaming.assembly import Assembly, JsonObject, Plain
from tensormesh_overlay.streaming.growth import grow, grown, joined, whole_number
from tensormesh_overlay.streaming.halves import Halves
from tensormesh_overlay.streaming.tool_calls import ToolCalls
from tensormesh_overlay.think_blocks.fields import unify_message
from tensormesh_overlay.think_blocks.messages import split_delta
from tensormesh_overlay.think_blocks.splitter import ThinkSplitter

MOST_CHOICES = 65_536
"""More choices than any host gives."""


class _Choice:
    """One choice of a streamed answer."""

    __slots__ = ("_counted", "_length", "calls", "content", "message", "rest", "splitter", "usual")

    def __init__(self, think: ThinkPolicy) -> None:
        self.splitter = None if think == "keep" else ThinkSplitter(inside=think == "open")
        self.rest: JsonObject = {}
        self.forget()

    def forget(self) -> None:
        """All that it has added up to, but for why it ended."""
        self.content: list[str] = []
        self.calls = ToolCalls()
        self.message: JsonObject = {}
        self.rest = {"finish_reason": self.rest.get("finish_reason")} if self.rest else {}
        self.usual: JsonObject = {}
        """A piece of it that says nothing beside what every piece says."""
        self._counted = self._length = 0

    def text_beyond(self, content: Any) -> str:
        """What a text that repeats the content says beyond it; nothing where it does not. Looks at each piece once."""
        self._length += sum(map(len, self.content[self._counted :]))
        self._counted = len(self.content)
        if not isinstance(content, str) or len(content) <= self._length:
            return ""
        before = joined(self.content)
        return content[len(before) :] if content.startswith(before) else ""


class _Choices(dict[int, _Choice]):
    """The choices of an answer by index, each made when it is first asked for."""

    def __init__(self, think: ThinkPolicy) -> None:
        self._think: ThinkPolicy = think

    def __missing__(self, index: int) -> _Choice:
        if len(self) == MOST_CHOICES:
            raise StreamError(f"the stream has more than {MOST_CHOICES} choices")
        choice = self[index] = _Choice(self._think)
        return choice


_TEXTS = ("content", "reasoning", "reasoning_content", "refusal")
_OF_AN_ANSWER = frozenset({"choices", "id", "model", "object", "usage"})
"""An event that has none of these is a heartbeat or the like."""


class ChoicesAssembly(Assembly):
    """What chat and text completions have in common: choices by index, and fields around them."""

    _piece = ""
    """The key of a choice that every event brings more of."""

    def __init__(self, think: ThinkPolicy = "keep") -> None:
        self._choices = _Choices(think)
        self._around: JsonObject = {}
        self._usual: JsonObject = {}
        self._lost = self._whole = False
        self._counting: _Choice | None = None
        """The first choice that came with counts of its own."""

    def take(self, event: JsonObject) -> bool:
        choices, piece = event.get("choices"), self._piece
        alike = type(choices) is list
        for raw in choices if type(choices) is list else ():
            if type(raw) is dict:
                index = raw.get("index")
                choice = self._choices[index if type(index) is int else whole_number(index)]
                alike = self._take_piece(choice, raw) and alike
                if type(index) is bool:  # it is equal to a number, and none
                    alike = False
                # Most events differ from the last in nothing but their piece, and comparing them costs least.
                usual = choice.usual
                usual[piece] = raw.get(piece)
                if raw != usual:
                    alike = False
                    self._take_rest(choice, raw)
            else:
                alike = False
        usual = self._usual
        usual["choices"] = choices
        if event == usual:
            return alike
        self._usual = event.copy()
        if "base_resp" in event and is_error(event):
            self.failed = True
        if event.keys() & _OF_AN_ANSWER:
            for key, value in event.items():
                # Some hosts say in their last event that they no longer know who they are, or what it cost.
                if value is not None and (value not in ("", {}) or key not in self._around):
                    self._around[key] = value
        return False

    def plain(self, event: JsonObject) -> Plain | None:
        choices, own = event.get("choices"), self._piece
        choice = choices[0] if type(choices) is list and len(choices) == 1 else None
        if type(choice) is not dict:
            return None
        piece: Any = choice.get(own)
        inside = type(piece) is dict and len(piece) == 1
        key, text = next(iter(piece.items())) if inside else (own, piece)
        around = [value for name, value in event.items() if name != "choices"]
        around += [value for name, value in choice.items() if name != own]
        if type(text) is not str or any(isinstance(value, dict | list) for value in around):
            return None

        def like(text: str) -> JsonObject:
            made, only = event.copy(), choice.copy()
            only[own] = {key: text} if inside else text
            made["choices"] = [only]
            return made

        return Plain(key, text, like)

    @property
    def lost(self) -> bool:
        return self._lost

    @property
    def lost_for_good(self) -> bool:
        return self._lost

    def let_go(self) -> None:
        self._lost = True
        self._around = {key: value for key, value in self._around.items() if key in _OF_AN_ANSWER - {"choices"}}
        self._usual = {}
        self._counting = None
        for choice in self._choices.values():
            choice.forget()

    def join_halves(self, event: JsonObject, halves: Halves) -> None:
        choices = event.get("choices")
        for raw in choices if isinstance(choices, list) else ():
            piece = raw.get(self._piece) if isinstance(raw, dict) else None
            if isinstance(piece, dict) and isinstance(piece.get("content"), list | dict):
                unify_message(piece)
            where, keys = (piece, _TEXTS) if isinstance(piece, dict) else (raw, (self._piece,))
            for key in keys if piece is not None else ():
                if isinstance(where.get(key), str):
                    where[key] = halves.whole((whole_number(raw.get("index")), key), where[key])

    def add_halves(self, halves: Halves) -> list[JsonObject]:
        return self._last_event(
            {"index": index, **({key: text} if key == self._piece else {self._piece: {key: text}})}
            for (index, key), text in halves.flush().items()
        )

    def _last_event(self, pieces: Iterable[JsonObject]) -> list[JsonObject]:
        """One event of what was held back of all choices; none where that is nothing."""
        choices = list(pieces)
        around = {key: value for key, value in self._around.items() if key != "usage"}
        return [{**around, "choices": choices}] if choices else []

    def forget(self, event: JsonObject) -> None:
        self._usual = {}
        choices = event.get("choices")
        for raw in choices if isinstance(choices, list) else ():
            if isinstance(raw, dict):
                self._choices[whole_number(raw.get("index"))].usual = {}

    @property
    def empty(self) -> bool:
        return not self._choices

    def is_error(self, event: JsonObject) -> bool:
        if is_error(event):
            return True
        named = "id" in event and status_of(event) is None
        return not (event.get("usage") or named) and looks_like_error(event)

    def _take_rest(self, choice: _Choice, raw: JsonObject) -> None:
        rest = {key: value for key, value in raw.items() if value is not None and key not in ("index", self._piece)}
        for key, value in rest.items():
            grow(choice.rest, key, value)
        if rest.get("error"):
            self.failed = True
        if "usage" in rest and self._counting is None:
            self._counting = choice
        if not rest:
            choice.usual = raw.copy()

    def events_of(self, whole: JsonObject) -> list[JsonObject]:
        self._whole = True
        choices = whole.get("choices")
        pieces = [
            {("delta" if key == "message" else key): value for key, value in choice.items()}
            for choice in (choices if isinstance(choices, list) else ())
            if isinstance(choice, dict)
        ]
        kind = whole.get("object")
        return [{**whole, "choices": pieces, **({"object": f"{kind}.chunk"} if kind == "chat.completion" else {})}]

    @property
    def complete(self) -> bool:
        if self._whole:  # nothing of it is missing, whether it says why it ended or not
            return bool(self._choices)
        return bool(self._choices) and all(choice.rest.get("finish_reason") for choice in self._choices.values())

    def usage(self) -> Any:
        told = self._around.get("usage")
        if told or self._counting is None:
            return told
        # Some hosts count within a choice.
        counted = self._counting.rest.get("usage")
        return grown(counted) if isinstance(counted, dict) else told

    def _take_piece(self, choice: _Choice, raw: JsonObject) -> bool:
        """Take the piece of a choice, and tell whether it is nothing but text."""
        raise NotImplementedError

    def result(self) -> JsonObject | None:
        if not (self._around or self._choices):
            return None
        choices = []
        for index in sorted(self._choices):
            choice = self._choices[index]
            choices.append({"finish_reason": None, **grown(choice.rest), "index": index, **self._result(choice)})
        whole = {**self._around, "choices": choices}
        if usage := self.usage():
            whole["usage"] = usage
        kind = whole.get("object")
        if isinstance(kind, str):
            whole["object"] = kind.removesuffix(".chunk")
        return whole

    def _result(self, choice: _Choice) -> JsonObject:
        raise NotImplementedError


class ChatAssembly(ChoicesAssembly):
    """Chunks of a chat completion, their think blocks split off."""

    _piece = "delta"

    def _take_piece(self, choice: _Choice, raw: JsonObject) -> bool:
        delta = raw.get("delta")
        if type(delta) is not dict:
            delta = _in_place_of_a_delta(choice, raw)
            if delta:
                raw["delta"] = delta
        splitter = choice.splitter
        content = delta.get("content")
        if len(delta) == 1 and type(content) is str and (splitter is None or splitter.visible):
            # The usual case: one more piece of the answer.
            choice.content.append(content)
            return True
        else:
            unify_message(delta)
            if splitter is not None:
                split_delta(splitter, delta, ends=bool(raw.get("finish_reason")))
            if delta:
                raw["delta"] = delta
            for key, value in delta.items():
                if key == "content" and isinstance(value, str):
                    choice.content.append(value)
                elif key == "tool_calls" and isinstance(value, list):
                    choice.calls.feed(value)
                elif value is not None:
                    grow(choice.message, key, value, texts=True)
            return False

    def flush(self) -> list[JsonObject]:
        pieces: list[JsonObject] = []
        for index, choice in self._choices.items():
            delta: JsonObject = {}
            if choice.splitter is not None:
                split_delta(choice.splitter, delta, ends=True)
            if delta:
                raw = {"index": index, "delta": delta}
                self._take_piece(choice, raw)
                pieces.append(raw)
        return self._last_event(pieces)

    def texts(self, event: JsonObject) -> list[str]:
        return _pieces(event, "content")

    def reasonings(self, event: JsonObject) -> list[str]:
        return _pieces(event, "reasoning")

    def _result(self, choice: _Choice) -> JsonObject:
        message = {"content": None, **grown(choice.message)}
        message["role"] = role if (role := message.get("role")) and isinstance(role, str) else "assistant"
        split = choice.splitter is not None and choice.splitter.split
        content = joined(choice.content)
        # Where the whole answer has null, its stream may have an empty text, and blank lines before tool calls.
        null = not content.strip() if choice.calls else not content and (split or message.get("reasoning"))
        if choice.content and not null:
            message["content"] = content
        if choice.calls:
            message["tool_calls"] = choice.calls.result()
        return {"message": message}


class TextAssembly(ChoicesAssembly):
    """Pieces of a text completion."""

    _piece = "text"

    def _take_piece(self, choice: _Choice, raw: JsonObject) -> bool:
        text = raw.get("text")
        if isinstance(text, str):
            choice.content.append(text)
        return isinstance(text, str)

    def texts(self, event: JsonObject) -> list[str]:
        choices = event.get("choices")
        raws = [raw for raw in choices if isinstance(raw, dict)] if isinstance(choices, list) else []
        return [text for raw in raws if isinstance(text := raw.get("text"), str) and text]

    def _result(self, choice: _Choice) -> JsonObject:
        return {"text": joined(choice.content)}


def _in_place_of_a_delta(choice: _Choice, raw: JsonObject) -> JsonObject:
    """What a choice without a delta brings: its text itself, or in another place, or a message with all until now."""
    delta, message = raw.get("delta"), raw.get("message")
    if delta and isinstance(delta, str | list):
        return {"content": delta}
    if delta is None and isinstance(message, dict):
        if not (choice.content or choice.message or choice.calls):
            del raw["message"]
            return message
        grown_by = choice.text_beyond(message.get("content"))
        calls = {} if choice.calls or not message.get("tool_calls") else {"tool_calls": message["tool_calls"]}
        return {"content": grown_by, **calls} if grown_by else calls
    if delta is None and isinstance(raw.get("text"), str):
        return {"content": raw.pop("text")}
    return {}


def _pieces(event: JsonObject, key: str) -> list[str]:
    choices = event.get("choices")
    return [
        text
        for choice in (choices if type(choices) is list else ())
        if type(choice) is dict
        and type(delta := choice.get("delta")) is dict
        and type(text := delta.get(key)) is str
        and text
    ]
