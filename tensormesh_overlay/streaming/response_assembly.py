"""What the events of the Responses API add up to. Decoded JSON in, decoded JSON out."""

from __future__ import annotations

import json
from typing import Any

from tensormesh_overlay.error_bodies import message_of, status_of
from tensormesh_overlay.errors import StreamError, StreamEventError
from tensormesh_overlay.streaming.assembly import Assembly, JsonObject
from tensormesh_overlay.streaming.growth import joined, whole_number
from tensormesh_overlay.streaming.halves import Halves
from tensormesh_overlay.think_blocks.fields import text_of, unify_item, unify_response

LAST = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled"})


_TEXTS = {
    "output_text": ("message", "content", "output_text", "text"),
    "refusal": ("message", "content", "refusal", "refusal"),
    "reasoning_text": ("reasoning", "content", "reasoning_text", "text"),
    "reasoning_summary_text": ("reasoning", "summary", "summary_text", "text"),
    "function_call_arguments": ("function_call", "", "", "arguments"),
    "custom_tool_call_input": ("custom_tool_call", "", "", "input"),
    "mcp_call_arguments": ("mcp_call", "", "", "arguments"),
    "code_interpreter_call_code": ("code_interpreter_call", "", "", "code"),
}
"""A text that grows -> the kind of item it belongs to, the item's list of parts, the kind of part, the text's key."""

_GROWING = {f"response.{text}.delta": ("delta", *place) for text, place in _TEXTS.items()}
_GROWING |= {f"response.{text}.done": (place[-1], *place) for text, place in _TEXTS.items()}
"""Event -> the key of a piece, or of the whole text when it is done, and where that belongs."""


_NAMES = ("id", "call_id")
_PLACE = ("output_index", "item_id", "content_index", "summary_index")


class _Item:
    """One item of a response, as far as it has come."""

    def __init__(self, given: JsonObject) -> None:
        self.given = given
        self.done = False
        self.texts: dict[tuple[str, int, str, str], list[str]] = {}

    def result(self) -> JsonObject:
        if self.done:
            return self.given
        fields: JsonObject = {}
        for place in sorted(self.texts):
            parts, _, kind, name = place
            text = {name: joined(self.texts[place])}
            if parts:
                fields.setdefault(parts, []).append({"type": kind, **text})
            else:
                fields |= text
        return self.given | fields


class ResponseAssembly(Assembly):
    """Events of the Responses API, which repeat the whole at their end."""

    def __init__(self) -> None:
        self._response: JsonObject | None = None
        self._items: dict[int, _Item] = {}
        self._places: dict[str | int, int] = {}
        self._last = -1
        self._let_go = False
        self._end: JsonObject = {}
        """The event after which the host may end."""

    @property
    def lost(self) -> bool:
        return self._let_go and not (self.complete and _holds_output(self._response))

    def let_go(self) -> None:
        self._let_go = True
        self._items.clear()
        self._places.clear()
        self._last = -1

    def take(self, event: JsonObject) -> bool:
        self._take(event)
        return False

    def _take(self, event: JsonObject) -> None:
        kind = event.get("type")
        if not isinstance(kind, str):
            return
        if kind in _GROWING:
            key, item_kind, parts, part, name = _GROWING[kind]
            text = event.get(key)
            if text is not None and not isinstance(text, str):
                text = json.dumps(text, ensure_ascii=False) if name == "arguments" else text_of(text)
                event[key] = event[key] if text is None else text
            if isinstance(text, str):
                index = whole_number(event.get("summary_index" if parts == "summary" else "content_index"))
                pieces = self._item(event, {"type": item_kind}).texts.setdefault((parts, index, part, name), [])
                if key != "delta":
                    pieces.clear()
                pieces.append(text)
        elif kind in ("response.output_item.added", "response.output_item.done"):
            given = event.get("item")
            if isinstance(given, dict):
                unify_item(given)
                item = self._item(event, given)
                item.given, item.done = given, kind.endswith("done")
        else:
            if kind in LAST:
                self._complete, self._end = True, event
            response = event.get("response")
            unify_response(response)
            if isinstance(response, dict) and (kind in LAST or not self.complete):
                self._response = response

    def _item(self, event: JsonObject, given: JsonObject) -> _Item:
        name = next((name for name in (event.get("item_id"), *map(given.get, _NAMES)) if name), None)
        place = self._place(event, name, given)
        item = self._items.get(place)
        if item is None:
            item = self._items[place] = _Item(given)
            self._last = max(self._last, place)
        return item

    def _place(self, event: JsonObject, name: Any, given: JsonObject) -> int:
        """The place of an item among the others, by its number or, from hosts that do not count them, by its id."""
        number, kind, last = event.get("output_index"), event.get("type"), self._last
        named = isinstance(name, str | int)
        known = self._places.get(name) if named else None
        if number is not None:
            place = whole_number(number)
            item = self._items.get(place)
            if named and item is not None and name != next(filter(None, map(item.given.get, _NAMES)), name):
                # Some hosts give all items one number, and others rename them on the way.
                begins = kind == "response.output_item.added"
                if known is None:
                    place = last + 1 if begins else place
                elif self._is(known, given) or not self._is(place, given):  # others give all items one name
                    place = known
        elif known is not None:
            return known
        else:
            item = self._items.get(last)
            again = item is not None and item.done and kind == "response.output_item.done" and item.given != given
            begins = kind == "response.output_item.added" or item is None or again
            other = item is not None and item.given.get("type") != given.get("type")
            place = last + 1 if begins or named or other else last
        if named:
            self._places[name] = place
        return place

    def _is(self, place: int, given: JsonObject) -> bool:
        """Whether the item at a place is of the kind of another."""
        item = self._items.get(place)
        return item is not None and item.given.get("type") == given.get("type")

    def join_halves(self, event: JsonObject, halves: Halves) -> None:
        kind, text = event.get("type"), event.get("delta")
        if isinstance(kind, str) and kind in _GROWING and isinstance(text, str):
            event["delta"] = halves.whole((json.dumps([event.get(key) for key in _PLACE]), kind), text)

    def add_halves(self, halves: Halves) -> list[JsonObject]:
        return [
            {"type": kind, **dict(zip(_PLACE, json.loads(place), strict=True)), "delta": text}
            for (place, kind), text in halves.flush().items()
        ]

    def fault(self) -> StreamError | None:
        response, end = self._response or {}, self._end
        named = (response.get("status"), str(end.get("type")).removeprefix("response."))
        status = next((status for status in named if status in ("failed", "incomplete", "cancelled")), None)
        if not self.complete or status is None:
            return None
        details = response.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else details
        why = message_of(response) or message_of(end) or reason or "the host says no more"
        body = {"response": response} if response else end
        error = StreamEventError(f"the response is {status}: {why}", status_code=status_of(response or end), body=body)
        return self.secrets().conceal(error)

    @property
    def empty(self) -> bool:
        return self._response is None and not self._items and not self._let_go

    def events_of(self, whole: JsonObject) -> list[JsonObject]:
        unify_response(whole)
        output = whole.get("output")
        events: list[JsonObject] = []
        for place, item in enumerate(output if isinstance(output, list) else ()):
            parts = item.get("content") if isinstance(item, dict) else None
            for index, part in enumerate(parts if isinstance(parts, list) else ()):
                if isinstance(part, dict) and part.get("type") == "output_text":
                    where = {"item_id": item.get("id"), "output_index": place, "content_index": index}
                    events.append({"type": "response.output_text.delta", **where, "delta": part.get("text")})
        status = whole.get("status")
        kind = f"response.{status}" if f"response.{status}" in LAST else "response.completed"
        return [*events, {"type": kind, "response": whole}]

    def texts(self, event: JsonObject) -> list[str]:
        return _delta(event, "response.output_text.delta")

    def reasonings(self, event: JsonObject) -> list[str]:
        return _delta(event, "response.reasoning_text.delta", "response.reasoning_summary_text.delta")

    def usage(self) -> Any:
        return (self._response or {}).get("usage")

    def result(self) -> JsonObject | None:
        response = self._response
        if not self._items:
            return response
        if self.complete and response is not None and _holds_output(response):
            return self._filled(response)
        output = [self._items[place].result() for place in sorted(self._items)]
        if response is None and self._end:
            return {"status": self._end["type"].removeprefix("response."), "output": output}
        return {**(response or {}), "output": output}

    def _filled(self, response: JsonObject) -> JsonObject:
        """The host's last word, with what came before where it leaves that out."""
        output, lost = [], False
        for place, item in enumerate(response["output"]):
            name = next(filter(None, map(item.get, _NAMES)), None) if isinstance(item, dict) else None
            came = self._items.get(self._places.get(name, place) if isinstance(name, str | int) else place)
            before = {} if came is None or not isinstance(item, dict) else came.result()
            if before and before.get("type", item.get("type")) == item.get("type"):
                found = {key: before[key] for key in _SAID if _says(before.get(key)) and not _says(item.get(key))}
                item, lost = {**item, **found}, lost or bool(found)
            output.append(item)
        return {**response, "output": output} if lost else response


_SAID = ("content", "summary", "arguments", "input")
"""The fields of an item that pieces add up to."""


def _says(value: Any) -> bool:
    """Whether there is any text in a field of an item."""
    if isinstance(value, list):
        return any(part.get("text") or part.get("refusal") for part in value if isinstance(part, dict))
    return bool(value)


def _holds_output(response: JsonObject | None) -> bool:
    output = (response or {}).get("output")
    return isinstance(output, list) and any(isinstance(item, dict) for item in output)


def _delta(event: JsonObject, *kinds: str) -> list[str]:
    text = event.get("delta")
    return [text] if event.get("type") in kinds and text and isinstance(text, str) else []
