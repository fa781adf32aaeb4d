"""
What the answer of a call needs, loaded before the call is sent.

Later there may be no more files to be had, and an answer that has come would be lost.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from tensormesh_generated import models
from tensormesh_runtime.kinds import InstanceOf
from tensormesh_runtime.types import Operation, Request, StreamRequest

_STREAMS = "tensormesh_overlay.streaming.streams"
"""Nobody who never streams needs it."""

WHOLE: set[str] = set()
STREAMED: set[str] = set()
"""Operations of whose answers everything is loaded, by their ids."""

_loaded: set[Any] = set()


def needs_loading(request: Request[Any] | StreamRequest[Any, Any]) -> bool:
    """Whether something is to be loaded for the answer of a call."""
    operation, streams = request.operation, isinstance(request, StreamRequest)
    if streams and _STREAMS not in sys.modules:
        return True
    return operation.answer != "" and operation.id not in (STREAMED if streams else WHOLE)


def load(request: Request[Any] | StreamRequest[Any, Any]) -> None:
    """
    Load it.

    Raises:
        TensormeshError: the system does not let this process read it now.
    """
    operation = request.operation
    if isinstance(request, StreamRequest):
        _load_assembly(operation)
    if not operation.answer:
        return
    loaded = set(_loaded)  # of what another thread is loading, not all may be there
    InstanceOf(getattr(models, operation.answer)).load(loaded)
    if isinstance(request, StreamRequest):
        request.event.load(loaded)
        STREAMED.add(operation.id)
    else:
        WHOLE.add(operation.id)
    _loaded.update(loaded)


def _load_assembly(operation: Operation) -> None:
    from tensormesh_overlay.streaming.assemblies import assembly

    import_module(_STREAMS)
    if operation.stream:
        assembly(operation.stream.adds, "split", operation.stream)
