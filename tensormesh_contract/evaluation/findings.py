"""
What can be wrong between a host and its document, and the finding of one such thing.

Knows kinds, their weight and their plain words; does not look for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tensormesh_contract.exchanges.exchange import Request
from tensormesh_documents.json_types import Json
from tensormesh_documents.places import Place


class Level(StrEnum):
    """How much a finding weighs."""

    BROKEN = "broken"
    """The host contradicts the document: a client that trusts it may fail."""
    UNKNOWN = "unknown"
    """The host says, or takes, what the document does not know."""
    UNSEEN = "unseen"
    """The document says what the host did not show. No failure: nobody may have asked for it."""
    APART = "apart"
    """Our document and the host's own differ. No failure: no answer was looked at."""


class Kind(StrEnum):
    """What a finding is, in the words of the report."""

    SPELLING = "field spelt otherwise"
    MISSING_FIELD = "required field missing"
    TYPE = "other type"
    FORMAT = "other format"
    CONSTANT = "other value than the only one"
    BODY = "unreadable body"
    MEDIA_TYPE = "other content type"
    MISSING_HEADER = "required header missing"
    HEADER_VALUE = "other header value"
    STREAM_EVENT = "event fits no schema"
    STREAM_END = "stream ends otherwise"
    SERVER_ERROR = "server error"
    NO_ANSWER = "no answer"
    EXAMPLE_REFUSED = "documented example refused"
    PARAMETER_REFUSED = "documented parameter refused"
    IMPLAUSIBLE = "value that cannot be"
    STREAM_IDENTITY = "stream of several answers"
    NOT_SENT = "asked for, and not sent"
    NOT_HEEDED = "asked for, and not heeded"
    NOT_ASKED = "sent, and not asked for"
    ERROR_AS_SUCCESS = "error as a success"
    ENVELOPE = "answer in an envelope"
    OPEN_TO_STRANGERS = "open without a key"
    NO_LONGER = "no longer"
    BEHAVIOUR = "behaviour"
    UNDOCUMENTED_FIELD = "undocumented field"
    UNKNOWN_VALUE = "unknown value"
    UNKNOWN_EVENT = "unknown event"
    STATUS = "undeclared status"
    UNDOCUMENTED_HEADER = "undocumented header"
    WRONG_ACCEPTED = "wrong request accepted"
    NEVER_SEEN = "documented, never seen"
    HEADER_NEVER_SEEN = "documented header, never seen"
    NEVER_SUCCEEDED = "never succeeded"
    THEIR_DOCUMENT = "the host's document cannot be read"
    THEIR_OPERATION = "operation of the host's document only"
    OUR_OPERATION = "operation of our document only"
    THEIR_FIELD = "field of the host's document only"
    OUR_FIELD = "field of our document only"
    OTHER_DOCUMENT_TYPE = "type differs from the host's document"
    OTHER_DOCUMENT_VALUES = "values differ from the host's document"
    OTHER_DOCUMENT_REQUIRED = "required differs from the host's document"


_UNKNOWN = frozenset(
    {
        Kind.UNDOCUMENTED_FIELD,
        Kind.UNKNOWN_VALUE,
        Kind.UNKNOWN_EVENT,
        Kind.STATUS,
        Kind.UNDOCUMENTED_HEADER,
        Kind.WRONG_ACCEPTED,
    }
)
_UNSEEN = frozenset({Kind.NEVER_SEEN, Kind.HEADER_NEVER_SEEN, Kind.NEVER_SUCCEEDED})
_APART = frozenset(
    {
        Kind.THEIR_DOCUMENT,
        Kind.THEIR_OPERATION,
        Kind.OUR_OPERATION,
        Kind.THEIR_FIELD,
        Kind.OUR_FIELD,
        Kind.OTHER_DOCUMENT_TYPE,
        Kind.OTHER_DOCUMENT_VALUES,
        Kind.OTHER_DOCUMENT_REQUIRED,
    }
)


def level_of(kind: Kind) -> Level:
    """Tell how much a kind weighs."""
    for level, kinds in ((Level.UNKNOWN, _UNKNOWN), (Level.UNSEEN, _UNSEEN), (Level.APART, _APART)):
        if kind in kinds:
            return level
    return Level.BROKEN


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing between a host and its document.

    Args:
        kind: what it is.
        surface: of which document.
        operation: method and path.
        where: where in the answer, such as `200 choices[].message`; empty for the answer as a whole.
        name: the field, header, status or value that it is about.
        detail: the rest of the sentence.
        place: where to change the document.
        examples: values that were seen, secrets left out.
        count: how often.
        requests: what to send to see it again, in order; of those that showed it, the plainest.
        snippet: YAML to put at the place; empty where there is nothing to suggest.
        hint: a guess worth reading, such as an old name.
        accepted: why somebody accepts it; empty when nobody has.
        exchanges: in which exchanges of the run it was seen, by their numbers.
        operations: every operation it was seen at, where that is more than the one.
        places: every place to change, where that is more than the one.
        names: everything it is about, where that is more than the one name.
        change: what a host does that does the same everywhere, in words; empty for what it does here only.
        parts: the findings that are one change, each of a place; none where it is of a place itself.
    """

    kind: Kind
    surface: str
    operation: str
    where: str
    name: str
    detail: str
    place: Place
    examples: tuple[Json, ...] = ()
    count: int = 1
    requests: tuple[Request, ...] = ()
    snippet: str = ""
    hint: str = ""
    accepted: str = ""
    exchanges: frozenset[int] = field(default=frozenset(), repr=False)
    operations: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    names: tuple[str, ...] = ()
    change: str = ""
    parts: tuple[Finding, ...] = ()

    @property
    def level(self) -> Level:
        """How much it weighs."""
        return level_of(self.kind)

    @property
    def fails(self) -> bool:
        """Whether a run that has it has failed."""
        return self.level in (Level.BROKEN, Level.UNKNOWN) and not self.accepted

    @property
    def every_operation(self) -> tuple[str, ...]:
        """The operations that it was seen at."""
        return self.operations or (self.operation,)

    @property
    def every_place(self) -> tuple[Place, ...]:
        """The places to change."""
        return self.places or (self.place,)

    @property
    def every_name(self) -> tuple[str, ...]:
        """What it is about."""
        return self.names or (self.name,)

    @property
    def subject(self) -> str:
        """Where and what, as one path."""
        return " ".join(part for part in (self.where, self.name) if part)
