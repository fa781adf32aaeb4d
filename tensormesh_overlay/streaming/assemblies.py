"""Which kind of stream adds up in which way."""

from __future__ import annotations

from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.streaming.assembly import Assembly


def assembly(event_type: str, think: ThinkPolicy) -> Assembly:
    """The assembly for streams of the model `event_type`."""
    # Each is of a module of its own, which other streams do without.
    if event_type in ("ChatCompletionChunk", "TextCompletionResponse"):
        from tensormesh_overlay.streaming.choices_assembly import ChatAssembly, TextAssembly

        return TextAssembly() if event_type == "TextCompletionResponse" else ChatAssembly(think)
    if event_type == "ResponseStreamEvent":
        from tensormesh_overlay.streaming.response_assembly import ResponseAssembly

        return ResponseAssembly()
    return Assembly()
