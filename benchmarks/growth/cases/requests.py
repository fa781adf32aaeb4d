"""Requests to a local host."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.responses import StreamingResponse

from benchmarks.growth.measurement import Case, Work
from tensormesh_local.catalogue import SERVERLESS
from tensormesh_local.engine import tokenizer
from tensormesh_local.errors import ApiError
from tensormesh_local.inference.body import read_object
from tensormesh_local.inference.routes import POSTS
from tensormesh_local.inference.surface import Presentation, RequestContext, Surface
from tensormesh_local.options import Options

Json = dict[str, Any]

CONTEXT = 1 << 26
"""Long enough that nothing is refused for its length."""

SURFACE = Surface("serverless", Options(context_tokens=CONTEXT, allow_json_schema=True)).serving(SERVERLESS)
MODEL = SERVERLESS[0].name


def _done(path: str, body: Json) -> None:
    """One request, with all events of its answer."""
    try:
        read = read_object(json.dumps(body).encode(), "application/json")
        response = POSTS[path](RequestContext.of(SURFACE, Presentation(), {}), read)
    except (ApiError, RecursionError):
        return
    if isinstance(response, StreamingResponse):
        asyncio.run(_drain(response))


async def _drain(response: StreamingResponse) -> None:
    async for _ in response.body_iterator:
        pass


def asked(name: str, path: str, make: Callable[[int], Json], **limits: int) -> Case:
    """A request, whole and streamed."""

    def prepare(size: int) -> Work:
        tokenizer.encode("the tables are made when they are first needed")
        whole = {"model": MODEL, **make(size)}
        streamed = {"stream": True, "stream_options": {"include_usage": True, "continuous_usage_stats": True}, **whole}

        def work() -> None:
            _done(path, whole)
            _done(path, streamed)

        return work

    return Case(f"local host: {name}", prepare, **limits)


def chat(name: str, make: Callable[[int], Json], **limits: int) -> Case:
    return asked(name, "/v1/chat/completions", make, **limits)


def say(text: str, **more: Any) -> Json:
    """The fields of a question."""
    return {"messages": [{"role": "user", "content": text}], **more}


def names(count: int) -> str:
    """So many names, each another."""
    return " ".join(f"Name{chr(65 + number % 26)}{number}" for number in range(count))
