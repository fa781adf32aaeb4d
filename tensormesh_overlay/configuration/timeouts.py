"""How long each part of a call may take, worked out from the client's setting and the call's own."""

from __future__ import annotations

import math

from tensormesh_overlay.configuration.config import (
    DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS,
    DEFAULT_TIMEOUT_SECONDS,
    DEFAULT_TOTAL_TIMEOUT_SECONDS,
    checked,
    seconds,
    timeout,
)
from tensormesh_runtime.types import CallOptions, Timeout
from tensormesh_transport.messages import Timeouts


def timeouts(client: float | Timeout, options: CallOptions, *, streaming: bool, generates: bool = False) -> Timeouts:
    """
    The limits of one call: its own, then the client's, then the default.

    One number is the limit of each part and, for a whole answer, of everything together. A stream may go on for as
    long as it says something: its own limit is the silence between two pieces.

    What nobody limits has time enough for what it is. To connect, and to say the first word, no host needs long; but a
    whole answer that a model writes begins when the model has ended, so until then there is no sign of it.

    Args:
        generates: whether a model writes the answer.

    Raises:
        ConfigurationError: a limit is not a number of seconds above 0.
    """
    own, base = Timeout(), _parts(client, streaming=streaming)
    if options.timeout is not None:
        own = _parts(checked("timeout", timeout, options.timeout), streaming=streaming)
    quiet = None
    if options.stream_idle_timeout is not None:
        quiet = checked("stream_idle_timeout", seconds, options.stream_idle_timeout)
    connect = own.connect or base.connect or DEFAULT_TIMEOUT_SECONDS
    total = own.total or base.total
    if total is not None and own.total is None:
        # A part that the call itself allows more is not cut short by the client's total.
        total = max(total, *(part or total for part in own))
    if total is None and not streaming:
        parts = (part for part in (*own, *base) if part is not None)
        total = max(DEFAULT_TOTAL_TIMEOUT_SECONDS, *parts, 0.0)
    most = math.inf if total is None else total
    beginning = most if generates and not streaming else DEFAULT_TIMEOUT_SECONDS
    first_byte = own.first_byte or base.first_byte or beginning
    idle = own.idle or base.idle or (DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS if streaming else first_byte)
    idle = (quiet if streaming else None) or idle
    return Timeouts(min(connect, most), min(first_byte, most), min(idle, most), total)


def _parts(limit: float | Timeout, *, streaming: bool) -> Timeout:
    if isinstance(limit, Timeout):
        return limit
    return Timeout(limit, limit) if streaming else Timeout(limit, limit, limit, limit)
