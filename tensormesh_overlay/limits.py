"""How long each part of a call may take, worked out from the client's setting and the call's own."""

from __future__ import annotations

from dataclasses import dataclass

from tensormesh_generated.types import CallOptions, Timeout
from tensormesh_overlay.config import DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS, DEFAULT_TIMEOUT_SECONDS, seconds, timeout
from tensormesh_overlay.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for each part of one try; `total` is None where only silence ends it."""

    connect: float
    first_byte: float
    idle: float
    total: float | None


def limits(client: float | Timeout, options: CallOptions, *, streaming: bool) -> Limits:
    """
    The limits of one call.

    One number is the limit of each part and, for a whole answer, of everything together. A stream may go on for as
    long as it says something: its own limit is the silence between two pieces.

    Raises:
        ConfigurationError: a limit is not a number of seconds above 0.
    """
    own = options.timeout
    try:
        base = timeout(own) if own is not None else client
        idle = None if options.stream_idle_timeout is None else seconds(options.stream_idle_timeout)
    except (TypeError, ValueError, OverflowError) as error:
        name = "timeout" if options.stream_idle_timeout is None else "timeout or stream_idle_timeout"
        raise ConfigurationError(f"{name} cannot be used: {error}") from error
    if not isinstance(base, Timeout):
        silence = idle or DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS if streaming else base
        return Limits(base, base, silence, None if streaming else base)
    number = client if not isinstance(client, Timeout) else None
    connect = base.connect or _part(client, "connect") or number or DEFAULT_TIMEOUT_SECONDS
    first_byte = base.first_byte or _part(client, "first_byte") or number or DEFAULT_TIMEOUT_SECONDS
    quiet = DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS if streaming else first_byte
    silence = (idle if streaming else None) or base.idle or _part(client, "idle") or quiet
    return Limits(connect, first_byte, silence, base.total or _part(client, "total"))


def _part(client: float | Timeout, name: str) -> float | None:
    return getattr(client, name) if isinstance(client, Timeout) else None
