"""
Carrying out one fault on one request.

Knows status, delay, cut and stall at the level of ASGI messages, so that it
works on any answer, relayed ones too. What happens to events and fields is
`event_damage`'s.
"""

import asyncio
import http
from collections.abc import Coroutine
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tensormesh_local.errors import error_body
from tensormesh_local.event_damage import EventDamage, damaged_json
from tensormesh_local.fault_script import Fault
from tensormesh_local.wire import dump

_KINDS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    429: "RateLimitError",
    500: "InternalServerError",
    503: "ServiceUnavailableError",
}


async def _either(first: Coroutine[Any, Any, object], second: Coroutine[Any, Any, object]) -> None:
    """Wait for one of two things and drop the other."""
    tasks = [asyncio.ensure_future(first), asyncio.ensure_future(second)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    """Wait until the caller has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass


class Mischief:
    """One request under one fault."""

    def __init__(self, app: ASGIApp, fault: Fault, stopping: asyncio.Event) -> None:
        self._app = app
        self._fault = fault
        self._stopping = stopping
        self._over = asyncio.Event()
        self._sent = 0
        self._start: Message | None = None
        self._body = b""
        self._events: EventDamage | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, badly."""
        fault = self._fault
        if fault.delay_seconds:
            await _either(asyncio.sleep(fault.delay_seconds), self._stopping.wait())
        if fault.status is not None:
            await self._answer(send)
            return

        async def damaged(message: Message) -> None:
            if not self._over.is_set():
                await self._send(message, receive, send)
            if self._over.is_set():
                # Whoever sends has nothing left to say; it is cancelled below.
                await asyncio.Event().wait()

        # An application that returns without completing its answer makes the
        # server close the connection, which is what a cut is.
        work = asyncio.ensure_future(self._app(scope, receive, damaged))
        over = asyncio.ensure_future(self._over.wait())
        await asyncio.wait({work, over}, return_when=asyncio.FIRST_COMPLETED)
        failed = work.exception() if work.done() and not work.cancelled() else None
        for waiting in (work, over):
            waiting.cancel()
        await asyncio.gather(work, over, return_exceptions=True)
        if failed is not None:
            raise failed

    async def _answer(self, send: Send) -> None:
        fault, status = self._fault, self._fault.status or 500
        kind = "application/json"
        if not fault.has_body:
            phrase = http.HTTPStatus(status).phrase if status in set(http.HTTPStatus) else "Fault"
            name = _KINDS.get(status, phrase.replace(" ", ""))
            body = dump(error_body(f"{phrase} (a scripted fault)", name, None, status))
        elif isinstance(fault.body, str):
            body = fault.body.encode()
            kind = "text/html" if fault.body.lstrip().startswith("<") else "text/plain"
            kind += "; charset=utf-8"
        else:
            body = dump(fault.body)
        headers = {"content-type": kind, "content-length": str(len(body))}
        if not body:
            del headers["content-type"]
        headers |= {name.lower(): value for name, value in fault.headers.items()}
        if status in (204, 304):
            body = b""
            headers.pop("content-length", None)
        raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    async def _send(self, message: Message, receive: Receive, send: Send) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message, send)
            return
        if message["type"] != "http.response.body":
            await send(message)
            return
        data, more = bytes(message.get("body", b"")), bool(message.get("more_body", False))
        if self._events is not None:
            data = self._events.feed(data, last=not more)
            more = more and not self._events.over
        elif self._start is not None:
            self._body += data
            if more:
                return
            data = damaged_json(self._body, self._fault)
            await self._late_start(len(data), send)
        await self._limited(data, receive, send, more=more)
        if self._events is not None and self._events.over:
            self._over.set()

    async def _begin(self, message: Message, send: Send) -> None:
        kind = dict(message["headers"]).get(b"content-type", b"")
        if kind.startswith(b"text/event-stream"):
            self._events = EventDamage(self._fault)
        elif self._fault.omit:
            self._start = message
            return
        await send(message)

    async def _late_start(self, length: int, send: Send) -> None:
        start = self._start
        if start is None:
            return
        kept = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        self._start = None
        await send({**start, "headers": [*kept, (b"content-length", str(length).encode())]})

    async def _limited(self, data: bytes, receive: Receive, send: Send, *, more: bool) -> None:
        fault = self._fault
        limit = fault.cut_after_bytes if fault.stall_after_bytes is None else fault.stall_after_bytes
        if limit is None or self._sent + len(data) < limit:
            self._sent += len(data)
            await send({"type": "http.response.body", "body": data, "more_body": more})
            return
        head = data[: limit - self._sent]
        self._sent += len(head)
        # Headers leave a server together with the first body message, even an empty one.
        await send({"type": "http.response.body", "body": head, "more_body": True})
        if fault.stall_after_bytes is not None:
            await _either(_gone(receive), self._stopping.wait())
        self._over.set()
