"""
Whether a request that broke off is sent a second time, by itself and over a new connection. No I/O.

A host closes connections that nobody uses, and may do so in the moment in which one is used again. What is sent then
reaches nobody, and there is no way to look for the end before it has come. A request that nobody can have read goes out
once more. One that may have been read does not, whatever its method: RFC 9110 (9.2.2) asks for a means to tell that it
was not, and where there is none, it is for the caller to say how often it may be repeated.
"""

from __future__ import annotations

from typing import NamedTuple

from tensormesh_transport.core.exchange import Exchange
from tensormesh_transport.errors import ClosedError, ReadTimeoutError

REFUSAL_SECONDS = 1.0
"""How long a host's refusal of what came after its goodbye is waited for: it takes the time of a way there and back."""

LOOK_SECONDS = 0.05
"""How long between two looks whether it has come, or whether the request has arrived after all."""


class Loss(NamedTuple):
    """
    What the system knows of a connection that was lost.

    Attributes:
        handed_over: how many bytes of the request the system had taken.
        unacknowledged: how many bytes the other side's system has not said to have; None where that is not known.
        refused: whether the other side had closed the connection in order, and refused what came after.
    """

    handed_over: int
    unacknowledged: int | None = None
    refused: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a refusal, should it come, would show that nobody has read the request."""
        return not self.refused and self.unacknowledged is not None and 0 < self.handed_over <= self.unacknowledged

    @property
    def is_unseen(self) -> bool:
        """
        Whether nobody can have read any of the request.

        That it is broken off does not say so: who has read a request may break the connection off before its system has
        said that it came. Who had closed it in order before anything came reads nothing any more.
        """
        return not self.handed_over or (self.refused and (self.unacknowledged or 0) >= self.handed_over)


def may_go_again(exchange: Exchange, *, kept: bool) -> bool:
    """
    Whether an exchange ended in the way of one over a connection that the host was just closing.

    Args:
        kept: whether the connection had carried another exchange before. From a new one no host has reason to go.
    """
    error = exchange.error
    return kept and error is not None and exchange.untouched and not isinstance(error, ReadTimeoutError | ClosedError)
