"""
What the events of a stream add up to: one class for each kind of stream. Decoded JSON in, decoded JSON out.

An assembly sees each event before the caller does. It may change it (think blocks leave the text), it knows which
part of it is text and which is reasoning, and whether the host has said all it had to say.
"""

from __future__ import annotations

from typing import Any

JsonObject = dict[str, Any]


class Assembly:
    """A stream of any kind: events that add up to nothing."""

    _complete = False

    @property
    def complete(self) -> bool:
        """Whether the host may end here."""
        return self._complete

    def take(self, event: JsonObject) -> None:
        """See an event, and change it where the caller should see another."""
        self._complete = True

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
