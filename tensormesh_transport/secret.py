"""What may be sent, and not be shown."""

from __future__ import annotations

from typing import Any, SupportsIndex


class Secret(str):
    """
    A text that no `repr` shows: many tools print the local variables of every frame that an error came through.

    Nor does one show part of it: some of them cut what is long, and show the beginning.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __getitem__(self, place: SupportsIndex | slice) -> Secret:
        return Secret(super().__getitem__(place))


class SecretBytes(bytes):
    """The same for bytes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "b'***'"

    def __getitem__(self, place: Any) -> Any:
        part = super().__getitem__(place)
        return SecretBytes(part) if isinstance(part, bytes) else part
