"""A text that may be sent, and not be shown."""

from __future__ import annotations


class Secret(str):
    """A text that no `repr` shows: many tools print the local variables of every frame that an error came through."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"
