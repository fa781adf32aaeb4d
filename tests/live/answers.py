"""What an answer looks like, whatever it says: its status, its media type, and the paths and types of its fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx

_BY_TOKEN = ("top_logprobs", "prompt_logprobs")
"""Here objects have tokens for keys."""


class Look(NamedTuple):
    """
    How an answer looks.

    Attributes:
        fields: such as `choices[].index int`. Those of a stream stand together, because an engine under load puts
            several tokens, and the thought and the text, into one event; each begins with the name of the event.
    """

    status: int
    media_type: str
    fields: frozenset[str]


def look(answer: httpx.Response) -> Look:
    """The look of an answer that was read."""
    media_type = answer.headers.get("content-type", "")
    if media_type.startswith("text/event-stream"):
        return Look(answer.status_code, media_type, frozenset(_stream_fields(answer.text)))
    found = _fields(answer.json(), "", "") if media_type == "application/json" else ()
    return Look(answer.status_code, media_type, frozenset(found))


def _stream_fields(text: str) -> Iterator[str]:
    for block in text.removesuffix("\n\n").split("\n\n"):
        event = dict(line.split(": ", 1) for line in block.split("\n"))
        if event["data"] == "[DONE]":
            yield "[DONE]"
        else:
            yield from _fields(json.loads(event["data"]), event.get("event", ""), "")


def _fields(value: Any, path: str, key: str) -> Iterator[str]:
    yield f"{path} {type(value).__name__}"
    if isinstance(value, dict):
        tokens = key in _BY_TOKEN and "token" not in value
        for name, item in value.items():
            yield from _fields(item, f"{path}.{'*' if tokens else name}", name)
    elif isinstance(value, list):
        for item in value:
            yield from _fields(item, f"{path}[]", key)
