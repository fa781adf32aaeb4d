"""What the events of the Responses API add up to. Decoded JSON in, decoded JSON out."""

from __future__ import annotations

from typing import Any

from tensormesh_overlay.assembly import Assembly, JsonObject

LAST = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled"})


_GROWING = {
    "response.output_text.delta": ("message", "content", "output_text", "text"),
    "response.refusal.delta": ("message", "content", "refusal", "refusal"),
    "response.reasoning_text.delta": ("reasoning", "content", "reasoning_text", "text"),
    "response.reasoning_summary_text.delta": ("reasoning", "summary", "summary_text", "text"),
    "response.function_call_arguments.delta": ("function_call", "", "", "arguments"),
    "response.mcp_call_arguments.delta": ("mcp_call", "", "", "arguments"),
    "response.code_interpreter_call_code.delta": ("code_interpreter_call", "", "", "code"),
}
"""Event -> the kind of item it adds to, the item's list of parts, the kind of part, and the text there that grows."""


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
            text = {name: "".join(self.texts[place])}
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
        kind, delta = event.get("type"), event.get("delta")
        if not isinstance(kind, str):
            return
        growing = _GROWING.get(kind)
        if growing is not None and isinstance(delta, str):
            kind, parts, part, name = growing
            index = _number(event.get("summary_index" if parts == "summary" else "content_index"))
            self._item(event, {"type": kind}).texts.setdefault((parts, index, part, name), []).append(delta)
        elif kind in ("response.output_item.added", "response.output_item.done"):
            given = event.get("item")
            if isinstance(given, dict):
                item = self._item(event, given)
                item.given, item.done = given, kind.endswith("done")
        else:
            self.complete = self.complete or kind in LAST
            response = event.get("response")
            if isinstance(response, dict):
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
