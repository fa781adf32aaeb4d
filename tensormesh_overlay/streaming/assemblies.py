"""Which kind of stream adds up in which way."""

from __future__ import annotations

from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.streaming.assembly import Assembly
from tensormesh_runtime.types import Streaming


def assembly(adds: str, think: ThinkPolicy, stream: Streaming | None = None) -> Assembly:
    """
    The assembly for streams whose events add up as the documents say.

    Args:
        adds: the word for it in the documents; empty where nobody knows.
        stream: what else they say of the stream.
    """
    # Each is of a module of its own, which other streams do without.
    if adds in ("chat", "completion"):
        from tensormesh_overlay.streaming.choices_assembly import ChatAssembly, TextAssembly

        return ChatAssembly(think) if adds == "chat" else TextAssembly()
    if adds == "response":
        from tensormesh_overlay.streaming.response_assembly import ResponseAssembly

        return ResponseAssembly()
    if adds and stream is not None:
        from tensormesh_overlay.streaming.fields_assembly import FieldsAssembly

        return FieldsAssembly(stream)
    return Assembly()
