"""What the events of the Responses API add up to. Decoded JSON in, decoded JSON out."""

from __future__ import annotations

from typing import Any

from tensormesh_overlay.streaming.assembly import Assembly, JsonObject
from tensormesh_overlay.streaming.growth import joined

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

    def take(self, event: JsonObject) -> None:
        kind = event.get("type")
        if not isinstance(kind, str):
            return
        if kind in _GROWING:
            key, item_kind, parts, part, name = _GROWING[kind]
            text = event.get(key)
            if isinstance(text, str):
                index = _number(event.get("summary_index" if parts == "summary" else "content_index"))
                pieces = self._item(event, {"type": item_kind}).texts.setdefault((parts, index, part, name), [])
                if key != "delta":
                    pieces.clear()
                pieces.append(text)
        elif kind in ("response.output_item.added", "response.output_item.done"):
            given = event.get("item")
            if isinstance(given, dict):
                item = self._item(event, given)
                item.given, item.done = given, kind.endswith("done")
        else:
            self._complete = self._complete or kind in LAST
            response = event.get("response")
            if isinstance(response, dict) and (kind in LAST or not self.complete):
                self._response = response

    def _item(self, event: JsonObject, given: JsonObject) -> _Item:
        place = _number(event.get("output_index"))
        item = self._items.get(place)
        if item is None:
            item = self._items[place] = _Item(given)
        return item

    def texts(self, event: JsonObject) -> list[str]:
        return _delta(event, "response.output_text.delta")

    def reasonings(self, event: JsonObject) -> list[str]:
        return _delta(event, "response.reasoning_text.delta", "response.reasoning_summary_text.delta")

    def result(self) -> JsonObject | None:
        response = self._response
        if not self._items or (self.complete and response is not None and response.get("output")):
            return response
        return {**(response or {}), "output": [self._items[place].result() for place in sorted(self._items)]}


def _delta(event: JsonObject, *kinds: str) -> list[str]:
    text = event.get("delta")
    return [text] if event.get("type") in kinds and text and isinstance(text, str) else []


def _number(value: Any) -> int:
    return value if type(value) is int else 0
