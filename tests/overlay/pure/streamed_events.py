"""Events of streams, and what an assembly makes of them."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.streaming.assemblies import assembly
from tensormesh_overlay.streaming.assembly import Assembly

Json = dict[str, Any]

CHUNK = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
WORDS = st.text(alphabet="ab é\n\u2028", min_size=1, max_size=30).filter(str.strip)
TEXT = {"id": "t-1", "object": "text_completion", "created": 1, "model": "m"}


def chat(think: ThinkPolicy = "split") -> Assembly:
    return assembly("chat", think)


def text() -> Assembly:
    return assembly("completion", "split")


def response() -> Assembly:
    return assembly("response", "split")


def take(whole: Assembly, events: Iterable[Json]) -> list[Json]:
    """Show events to an assembly, to the end of the stream; what the caller sees of them."""
    seen = copy.deepcopy(list(events))
    for event in seen:
        whole.take(event)
    return seen + whole.flush()


def result(whole: Assembly, events: Iterable[Json]) -> Json:
    take(whole, events)
    final = whole.result()
    assert final is not None
    return final


def chunk(index: int = 0, delta: Json | None = None, **fields: Any) -> Json:
    """A chunk of one choice."""
    return {**CHUNK, "choices": [{"index": index, "delta": delta or {}, "finish_reason": None, **fields}]}


def message_of(events: Iterable[Json], think: ThinkPolicy = "split") -> Json:
    """The message of the one choice that deltas add up to."""
    (choice,) = result(chat(think), events)["choices"]
    message: Json = choice["message"]
    return message


def deltas(*fields: Json) -> list[Json]:
    return [chunk(delta=one) for one in fields]
