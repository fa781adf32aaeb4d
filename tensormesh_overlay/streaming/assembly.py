"""
What the events of a stream add up to: one class for each kind of stream. Decoded JSON in, decoded JSON out.

An assembly sees each event before the caller does. It may change it (think blocks leave the text), it knows which
part of it is text and which is reasoning, and whether the host has said all it had to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tensormesh_overlay.error_bodies import is_error
from tensormesh_overlay.errors import StreamError
from tensormesh_overlay.sent_secrets import SentSecrets, no_secrets
from tensormesh_overlay.streaming.halves import Halves

JsonObject = dict[str, Any]


class Plain(NamedTuple):
    """
    What can be said of an event that is a piece of text, and around it holds nothing but single values.

    Attributes:
        key: under which the text stands, wherever that is.
        text: it.
        like: makes an event that differs in its text.
    """

    key: str
    text: str
    like: Callable[[str], JsonObject]


class Assembly:
    """A stream of any kind: events that add up to nothing."""

    _complete = False
    failed = False
    """Whether the last event said beside its piece of text that the host has failed."""
    secrets: Callable[[], SentSecrets] = staticmethod(no_secrets)
    """Finds out what the call sent that no error may show."""

    @property
    def complete(self) -> bool:
        """Whether the host may end here."""
        return self._complete

    @property
    def empty(self) -> bool:
        """Whether there should be an answer, and nothing of one has come."""
        return False

    @property
    def lost(self) -> bool:
        """Whether what the events have added up to so far was let go."""
        return False

    @property
    def lost_for_good(self) -> bool:
        """Whether no event to come can make up for that."""
        return False

    def let_go(self) -> None:
        """So much has come that no more of it may be kept; what is needed to read on stays."""

    def take(self, event: JsonObject) -> bool:
        """
        See an event, and change it where the caller should see another.

        Returns:
            Whether it differs from the one before in nothing but its piece of text.
        """
        self._complete = True
        return False

    def plain(self, event: JsonObject) -> Plain | None:
        """What can be said of an event that many others may be like; None of one that is more than a piece of text."""
        return None

    def join_halves(self, event: JsonObject, halves: Halves) -> None:
        """Make the pieces of text in an event whole characters, in place."""

    def add_halves(self, halves: Halves) -> list[JsonObject]:
        """Events for the halves of characters whose other half never came."""
        return []

    def forget(self, event: JsonObject) -> None:
        """The last event is no measure for those to come."""

    def is_error(self, event: JsonObject) -> bool:
        """Whether an event is the host's report of an error."""
        return is_error(event)

    def events_of(self, whole: JsonObject) -> list[JsonObject]:
        """The events of a whole answer that came in place of a stream."""
        return [whole]

    def flush(self) -> list[JsonObject]:
        """Events for what was held back, when nothing more comes."""
        return []

    def fault(self) -> StreamError | None:
        """Why the text is not the whole of what was asked for, where the host says so in its last event."""
        return None

    def texts(self, event: JsonObject) -> list[str]:
        """The pieces of visible text in an event."""
        return []

    def reasonings(self, event: JsonObject) -> list[str]:
        """The pieces of reasoning in an event."""
        return []

    def usage(self) -> Any:
        """The counts of tokens that the host told last, as they came."""
        return None

    def result(self) -> JsonObject | None:
        """What the events have added up to so far, as an answer that was not streamed; None before the first."""
        return None
