"""
Whether somebody in this process listens, and to whom a call is told then.

OpenTelemetry is never imported because it is installed: to load it takes longer than a call, and where nobody has
loaded it, nobody listens.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from sys import modules
from typing import TYPE_CHECKING, Any, overload

from tensormesh_overlay.telemetry.conventions import OPERATIONS
from tensormesh_overlay.transport_errors import AsOurs
from tensormesh_runtime.types import Request, StreamRequest
from tensormesh_transport.resources import Loading

if TYPE_CHECKING:
    from tensormesh_overlay.telemetry.recording import Recording
    from tensormesh_overlay.telemetry.streams import StreamRecording

    Begin = Callable[[Any, str | None], Any]

PACKAGE = "opentelemetry"
"""Nobody listens where this is no loaded module."""

_API = ("opentelemetry.trace", "opentelemetry.metrics")

_found: tuple[Any, Any, Begin | None] = (None, None, None)
"""The providers that were there last, and what tells them of a call."""


@overload
def recording(request: Request[Any], base_url: str | None) -> Recording | None: ...
@overload
def recording(request: StreamRequest[Any, Any], base_url: str | None) -> StreamRecording | None: ...


def recording(request: Request[Any] | StreamRequest[Any, Any], base_url: str | None) -> Any:
    """
    What tells of a call, which begins now; None where nobody listens, or calls of this kind are not told of.

    Args:
        base_url: where the call goes.

    Raises:
        APIConnectionError: the system does not let this process load what it takes.
    """
    if request.operation.id not in OPERATIONS:
        return None
    begin = _begin()
    return None if begin is None else begin(request, base_url)


def load() -> None:
    """
    Load what tells of calls, where somebody listens: else the first call does.

    Raises:
        APIConnectionError: the system does not let this process load what it takes.
    """
    if PACKAGE in modules:
        _begin()


def _begin() -> Begin | None:
    global _found
    tracers, meters = _provider(_API[0], "get_tracer_provider"), _provider(_API[1], "get_meter_provider")
    found = _found
    if tracers is not found[0] or meters is not found[1]:
        found = _found = (tracers, meters, _telling(tracers, meters))
    return found[2]


def _provider(name: str, ask: str) -> Any:
    # A module that another thread is loading just now may have nothing in it yet.
    get = getattr(modules.get(name), ask, None)
    return None if get is None else get()


def _telling(tracers: Any, meters: Any) -> Begin | None:
    # Those that come with the API stand for nobody.
    idle = [provider is None or type(provider).__module__.startswith(_API) for provider in (tracers, meters)]
    if all(idle) or tracers is None:
        return None
    with AsOurs("telemetry"), Loading():
        from tensormesh_overlay.telemetry.listener import is_disabled, listener
        from tensormesh_overlay.telemetry.streams import begin

    return None if is_disabled() else partial(begin, listener(tracers, None if idle[1] else meters))
