"""Puts together the tool calls of a streamed answer, whose names and arguments arrive in pieces."""

from __future__ import annotations

import json
from typing import Any


class ToolCalls:
    """
    The calls of one message, piece by piece.

    Hosts differ: some leave out `index`, some repeat the name or the id with every piece, some give all calls the
    same index, some give arguments as an object.
    """

    def __init__(self) -> None:
        self._calls: list[dict[str, Any]] = []
        self._places: dict[Any, int] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    def feed(self, pieces: list[Any]) -> None:
        """Add the pieces of one chunk."""
        for piece in pieces:
            if isinstance(piece, dict):
                self._add(piece)

    def result(self) -> list[dict[str, Any]]:
        """The calls as an answer that was not streamed would hold them."""
        return [{**call, "function": dict(call["function"])} for call in self._calls]

    def _add(self, piece: dict[str, Any]) -> None:
        function = piece.get("function")
        function = function if isinstance(function, dict) else {}
        call = self._find(piece, function)
        for key, value in piece.items():
            if key not in ("index", "function") and value is not None:
                call[key] = value
        target = call["function"]
        for key, value in function.items():
            if value is None:
                continue
            if key == "arguments":
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                target[key] = target.get(key, "") + text
            elif key == "name" and isinstance(value, str):
                have = target.get(key, "")
                target[key] = have if have == value else have + value
            else:
                target[key] = value

    def _find(self, piece: dict[str, Any], function: dict[str, Any]) -> dict[str, Any]:
        """The call that a piece belongs to; a new one where it visibly begins one."""
        index, name, known = piece.get("index"), piece.get("id"), self._calls
        place = self._places.get(("index", index)) if index is not None else None
        if place is None and name is not None:
            place = self._places.get(("id", name))
        if place is None and index is None and name is None and known:
            began = function.get("name") and known[-1]["function"].get("arguments")
            place = None if began and known[-1]["function"].get("name") != function["name"] else len(known) - 1
        if place is not None and index is not None and name and function.get("name"):
            had = known[place].get("id")
            if had and had != name and known[place]["function"].get("arguments"):
                place = None  # another call under the index of the one before
        if place is None:
            place = len(known)
            known.append({"type": "function", "function": {}})
        if index is not None:
            self._places["index", index] = place
        if name is not None:
            self._places["id", name] = place
        return known[place]
