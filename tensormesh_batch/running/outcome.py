"""What becomes of a row, by what the host made of it."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from tensormesh_overlay.error_bodies import message_of
from tensormesh_overlay.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ProtocolError,
    TensormeshError,
    ValidationError,
)

NOBODY = frozenset({401, 402})
"""What a host says to all rows alike: the key is wrong, or there is nothing left to pay with."""

FORBIDDEN = 403
"""What it says to all rows alike, or of one that it does not like."""

_NO_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
"""What OpenAI and those who follow it call a 429 that waiting does not help."""

_GONE = frozenset({502, 503, 504, 521, 522, 523})
"""What whoever stands before a host says when it does not answer."""

_AGAIN = frozenset({408, 409, 425})
"""What passes, beside all that a host calls its own fault."""


class Outcome(Enum):
    """What becomes of a row."""

    TURNED_AWAY = auto()
    """The host had no room: it goes again, which counts as no try."""
    AGAIN = auto()
    """It failed in a way that passes: it goes again, as often as tries are left."""
    REFUSED = auto()
    """It will fail again: it is set aside with its reason."""
    STOP = auto()
    """So will every other."""
    FORBIDDEN = auto()
    """So will every other, unless some were answered: then it is set aside."""


def outcome(error: TensormeshError) -> Outcome:
    """What becomes of a row that failed."""
    match error:
        case APIStatusError(status_code=429) if error.code in _NO_MONEY:
            return Outcome.STOP
        case APIStatusError(status_code=429):
            return Outcome.TURNED_AWAY
        case APIStatusError(status_code=503) if error.retry_after is not None:
            return Outcome.TURNED_AWAY
        case APIStatusError(status_code=status) if status in NOBODY:
            return Outcome.STOP
        case APIStatusError(status_code=status) if status == FORBIDDEN:
            return Outcome.FORBIDDEN
        case APIStatusError(status_code=status) if status in _AGAIN or status >= 500:
            return Outcome.AGAIN
        case APIConnectionError() | ProtocolError():
            return Outcome.AGAIN
        case _:
            return Outcome.REFUSED


def is_gone(error: TensormeshError) -> bool:
    """Whether the host itself may be away."""
    if isinstance(error, APIStatusError):
        return error.status_code in _GONE
    return isinstance(error, APIConnectionError) and not isinstance(error, APITimeoutError)


def is_unseen(error: TensormeshError) -> bool:
    """Whether nobody saw the row."""
    return isinstance(error, APIConnectionError) and not error.sent


def may_be_paid(error: TensormeshError) -> bool:
    """Whether the host may have answered, and counted it, though no answer came."""
    if isinstance(error, APIStatusError):
        return error.status_code in (408, 504, 520, 522, 524)
    return isinstance(error, ProtocolError) or (isinstance(error, APIConnectionError) and error.sent)


def described(error: TensormeshError) -> dict[str, Any]:
    """An error as OpenAI's error files write it: a code and a message."""
    if isinstance(error, APIStatusError):
        return {"code": str(error.status_code), "message": message_of(error.body) or str(error)}
    match error:
        case APITimeoutError():
            code = "timeout"
        case APIConnectionError():
            code = "connection"
        case ProtocolError():
            code = "protocol"
        case ValidationError():
            code = "invalid_request"
        case _:
            code = "error"
    return {"code": code, "message": str(error)}
