"""Puts together the tool calls of a streamed answer, whose names and arguments arrive in pieces."""

from __future__ import annotations

import json
from typing import Any

from tensormesh_overlay.streaming.brackets import Brackets
from tensormesh_overlay.streaming.growth import Text, grow, grown, whole_number


class _Call:
    """One call, as far as it has come."""

    def __init__(self, index: int | None) -> None:
        self.index = index
        self.id = ""
        self.fields: dict[str, Any] = {"type": "function"}
        self.function: dict[str, Any] = {}
        self._name = Text()
        self._arguments = Text()
        self._brackets: Brackets | None = None
        self._looked_at = 0

    def add(self, piece: dict[str, Any], function: dict[str, Any]) -> None:
        for key, value in piece.items():
            if key not in ("index", "function") and value is not None and not (key == "id" and self.id):
                grow(self.fields, key, value, texts=key == "custom")
        for key, value in function.items():
            if key == "name" and isinstance(value, str):
                if not self._name.is_same(value):
                    self._name.append(value)
            elif key == "arguments" and value is not None:
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                if text.lstrip().startswith("{") and self._arguments.is_same("{}"):
                    # Nothing can follow a whole object, so it only said that there is none yet.
                    self._arguments, self._brackets, self._looked_at = Text(), None, 0
                self._arguments.append(text)
            elif value is not None:
                grow(self.function, key, value)

    def is_repeated_by(self, index: int | None, id_: str, arguments: Any) -> bool:
        """Whether a piece that names its call only says again, as a whole, what came before."""
        if id_ != self.id if id_ else index is None or index != self.index:
            return False
        text = arguments.strip() if isinstance(arguments, str) else ""
        return text.endswith("}") and (self._arguments.is_same(text) or self._arguments.is_like(text))

    def is_followed_by(self, name: str, index: int | None, arguments: Any) -> bool:
        """Whether a piece with this name begins another call: it does after whole arguments, unless it only repeats."""
        if not name or not self._name:
            return False
        more = arguments.strip() if isinstance(arguments, str) else arguments is not None
        repeats = not more and index is not None and index == self.index and self._name.is_same(name)
        return not repeats and self._has_whole_arguments()

    def is_continued_by(self, name: str, arguments: Any) -> bool:
        """Whether a piece of the same name can only belong to this call, whatever its id: no object begins so."""
        text = arguments.strip() if isinstance(arguments, str) else ""
        begun = bool(self._arguments) and not self._has_whole_arguments()
        return bool(text) and not text.startswith("{") and begun and self._name.is_same(name)

    def result(self) -> dict[str, Any]:
        fields: dict[str, Any] = grown(self.fields)
        if "custom" in fields and not (self._name or self._arguments):
            return fields
        name = {"name": self._name.joined()} if self._name else {}
        return {**fields, "function": {**grown(self.function), **name, "arguments": self._arguments.joined()}}

    def _has_whole_arguments(self) -> bool:
        """Whether the arguments are the whole of a JSON object, so that nothing but white space can follow."""
        pieces = self._arguments.pieces
        brackets = self._brackets = self._brackets or Brackets()
        for piece in pieces[self._looked_at :]:
            brackets.feed(piece)
        self._looked_at = len(pieces)
        return brackets.hold(lambda: "".join(pieces))


class ToolCalls:
    """
    The calls of one message, piece by piece.

    Hosts differ: some leave out `index` or `id`, some repeat the name or the id with every piece or make up an id for
    each, some give all calls the same index or an argument another index than its call, some give arguments as an
    object. So a piece that names a function may begin a call; one that does not belongs to a call if it can.
    """

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._by_id: dict[str, _Call] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    def feed(self, pieces: list[Any]) -> None:
        """Add the pieces of one chunk."""
        for piece in pieces:
            if isinstance(piece, dict):
                self._add(piece)

    def result(self) -> list[dict[str, Any]]:
        """The calls as an answer that was not streamed would hold them."""
        return [call.result() for call in self._calls]

    def _add(self, piece: dict[str, Any]) -> None:
        index = None if piece.get("index") is None else whole_number(piece["index"])
        id_ = _text(piece.get("id"))
        function = piece["function"] if isinstance(piece.get("function"), dict) else {}
        name = _text(function.get("name"))
        call = self._find(index, id_, name, function.get("arguments"))
        if call is not None and call.is_repeated_by(index, id_, function.get("arguments")):
            return
        if call is None or call.is_followed_by(name, index, function.get("arguments")):
            call = _Call(index)
            self._calls.append(call)
        call.add(piece, function)
        call.id = call.id or id_
        if index is not None:
            self._by_index[index] = call
        if id_:
            self._by_id[id_] = call

    def _find(self, index: int | None, id_: str, name: str, arguments: Any) -> _Call | None:
        """The call that a piece seems to belong to; None where it begins one."""
        at_index = None if index is None else self._by_index.get(index)
        if at_index is not None and (not id_ or at_index.id in ("", id_)):
            return at_index
        if id_ in self._by_id:
            return self._by_id[id_]
        if name and at_index is not None and at_index.is_continued_by(name, arguments):
            return at_index
        if id_ or (name and index is not None):
            return None if name else at_index
        return self._calls[-1] if self._calls else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
