"""
Server-sent events as bytes, and a paced response of them.

Knows the framing, but not what the events say.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable

from starlette.responses import StreamingResponse

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.accounts import Tokens
from tensormesh_local.json_output import dump

DONE = b"data: [DONE]\n\n"


def data_event(value: JsonObject) -> bytes:
    """Frame an event that has only data."""
    return b"data: " + dump(value) + b"\n\n"


def named_event(name: str, value: JsonObject) -> bytes:
    """Frame an event with a name."""
    return b"event: " + name.encode() + b"\n" + data_event(value)


async def _paced(events: Iterable[bytes], seconds: float) -> AsyncIterator[bytes]:
    for position, event in enumerate(events):
        # Even without a pace the loop gets its turn, so that a caller who has
        # gone away is noticed and other requests are not held up.
        await asyncio.sleep(seconds if position else 0)
        yield event


class EventStream(StreamingResponse):
    """
    A streamed answer, one event to a write.

    Args:
        events: the events.
        pace_seconds: the pause between two of them.
        tokens: what all of them together use.
    """

    def __init__(self, events: Iterable[bytes], pace_seconds: float, tokens: Tokens) -> None:
        self.tokens = tokens
        super().__init__(_paced(events, pace_seconds), media_type="text/event-stream")
