"""What the events of a stream add up to by the names that the documents give. Decoded JSON in, decoded JSON out."""

from __future__ import annotations

from typing import Any

from tensormesh_overlay.streaming.assembly import Assembly, JsonObject
from tensormesh_overlay.streaming.growth import Text, grow, grown
from tensormesh_runtime.types import Streaming

REASONING = "reasoning"
"""The key of an answer under which its reasoning stands, if it has any: all else that is text is the text of it."""


class FieldsAssembly(Assembly):
    """Events that hold pieces of the answer's fields, fields that are said whole, or all of the answer."""

    def __init__(self, stream: Streaming) -> None:
        self._stream = stream
        self._end = stream.end.removeprefix("type:") if stream.end.startswith("type:") else None
        self._answer: JsonObject | None = None
        self._is_whole = False
        self._let_go = False

    @property
    def empty(self) -> bool:
        return self._answer is None and not self._let_go

    @property
    def lost(self) -> bool:
        return self._let_go and not self._is_whole

    def let_go(self) -> None:
        if not self._is_whole:
            self._let_go, self._answer = True, None

    def take(self, event: JsonObject) -> bool:
        if self._end is not None and event.get("type") == self._end:
            self._complete = True
        whole = event.get(self._stream.final) if self._stream.final else None
        if isinstance(whole, dict):
            self._answer, self._is_whole = whole, True
        elif not (self._is_whole or self._let_go):
            self._add(event)
        return False

    def _add(self, event: JsonObject) -> None:
        if self._answer is None:
            self._answer = {}
        for key in self._stream.said:
            if key in event:
                self._answer[key] = event[key]
        for key, source in self._stream.pieces:
            piece = event.get(source)
            if isinstance(piece, str):
                if type(self._answer.get(key)) is not Text:
                    self._answer[key] = Text()
                self._answer[key].append(piece)
            elif isinstance(piece, list):
                grow(self._answer, key, piece)

    def events_of(self, whole: JsonObject) -> list[JsonObject]:
        event = {source: whole[key] for key, source in self._stream.pieces if key in whole}
        event |= {key: whole[key] for key in self._stream.said if key in whole}
        self._answer, self._is_whole, self._complete = whole, True, True
        return [event] if event else []

    def texts(self, event: JsonObject) -> list[str]:
        return self._pieces(event, reasoning=False)

    def reasonings(self, event: JsonObject) -> list[str]:
        return self._pieces(event, reasoning=True)

    def _pieces(self, event: JsonObject, *, reasoning: bool) -> list[str]:
        sources = (source for key, source in self._stream.pieces if (key == REASONING) is reasoning)
        return [piece for source in sources if isinstance(piece := event.get(source), str) and piece]

    def usage(self) -> Any:
        return (self._answer or {}).get("usage")

    def result(self) -> JsonObject | None:
        result: JsonObject | None = grown(self._answer)
        return result
