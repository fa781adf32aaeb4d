"""
Carrying out one fault on one request.

Knows status, delay, reset and breaks at the level of ASGI messages, so that it
works on any answer, relayed ones too. What happens to events is
`event_damage`'s, what happens to fields `json_damage`'s.
"""

import asyncio
import http
from collections.abc import Awaitable, Callable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tensormesh_local.connection import reset_connection
from tensormesh_local.errors import error_body
from tensormesh_local.faults.event_damage import EventDamage
from tensormesh_local.faults.json_damage import damaged
from tensormesh_local.faults.pending import ActiveFault
from tensormesh_local.faults.script import BREAKS
from tensormesh_local.json_output import dump

_KINDS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    429: "RateLimitError",
    500: "InternalServerError",
    503: "ServiceUnavailableError",
}

type Raw = list[tuple[bytes, bytes]]


def _with(headers: Raw, more: Mapping[str, str]) -> Raw:
    """Add headers, in place of those of the same name."""
    new = {name.lower().encode("latin-1"): value.encode("latin-1") for name, value in more.items()}
    return [*(pair for pair in headers if pair[0] not in new), *new.items()]


class FaultInjector:
    """
    One request under one fault.

    Args:
        app: what answers it.
        active: what goes wrong; it is told what found something to do.
        gone: waits until the caller has gone away.
    """

    def __init__(self, app: ASGIApp, active: ActiveFault, gone: Callable[[], Awaitable[None]]) -> None:
        self._app = app
        self._fault = fault = active.fault
        self._found = active.found
        self._gone = gone
        self._over = asyncio.Event()
        self._break_after = fault.break_after_bytes
        self._sent = 0
        self._start: Message | None = None
        self._body = b""
        self._events: EventDamage | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, badly."""
        fault = self._fault
        if fault.delay_seconds and not await self._stays(fault.delay_seconds):
            return
        if fault.reset:
            reset_connection(scope)
            await self._gone()
            return
        if fault.status is not None:
            await self._answer(fault.status, send)
            return

        async def damaging(message: Message) -> None:
            if not self._over.is_set():
                await self._send(message, send)
            if self._over.is_set():
                # Whoever sends has nothing left to say; it is cancelled below.
                await asyncio.Event().wait()

        # An application that returns without completing its answer makes the
        # server close the connection, which is what a cut is.
        work = asyncio.ensure_future(self._app(scope, receive, damaging))
        over = asyncio.ensure_future(self._over.wait())
        await asyncio.wait({work, over}, return_when=asyncio.FIRST_COMPLETED)
        failed = work.exception() if work.done() and not work.cancelled() else None
        for waiting in (work, over):
            waiting.cancel()
        await asyncio.gather(work, over, return_exceptions=True)
        if failed is not None:
            raise failed

    async def _stays(self, seconds: float | None) -> bool:
        """Wait, for ever if need be, and tell whether the caller is still there."""
        gone = asyncio.ensure_future(self._gone())
        try:
            done, _ = await asyncio.wait({gone}, timeout=seconds)
        finally:
            gone.cancel()
        return not done

    async def _answer(self, status: int, send: Send) -> None:
        fault = self._fault
        kind = "application/json"
        if not fault.has_body:
            phrase = http.HTTPStatus(status).phrase if status in set(http.HTTPStatus) else "Fault"
            name = _KINDS.get(status, phrase.replace(" ", ""))
            body = dump(error_body(f"{phrase} (a scripted fault)", name, None, status))
        elif isinstance(fault.body, str):
            body = fault.body.encode("utf-8", "replace")
            kind = "text/html" if fault.body.lstrip().startswith("<") else "text/plain"
            kind += "; charset=utf-8"
        else:
            body = dump(fault.body)
        headers: Raw = []
        if status in (204, 304):
            body = b""
        else:
            headers.append((b"content-length", str(len(body)).encode()))
        if body:
            headers.append((b"content-type", kind.encode()))
        await send({"type": "http.response.start", "status": status, "headers": _with(headers, fault.headers)})
        await send({"type": "http.response.body", "body": body})

    async def _send(self, message: Message, send: Send) -> None:
        if message["type"] == "http.response.start":
            await self._begin({**message, "headers": _with(message["headers"], self._fault.headers)}, send)
            return
        if message["type"] != "http.response.body":
            await send(message)
            return
        data, more = bytes(message.get("body", b"")), bool(message.get("more_body", False))
        if self._events is not None:
            await self._send_events(self._events, data, send, more=more)
            return
        if self._start is not None:
            self._body += data
            if more:
                return
            data = damaged(self._body, self._fault, self._found)
            await self._late_start(self._start, len(data), send)
        await self._send_bytes(data, send, more=more)

    async def _begin(self, start: Message, send: Send) -> None:
        kind = dict(start["headers"]).get(b"content-type", b"")
        if kind.startswith(b"text/event-stream"):
            self._events = EventDamage(self._fault, self._found)
        elif self._fault.omit or self._fault.set:
            self._start = start
            return
        await send(start)

    async def _late_start(self, start: Message, length: int, send: Send) -> None:
        self._start = None
        await send({**start, "headers": _with(start["headers"], {"content-length": str(length)})})

    async def _send_events(self, events: EventDamage, data: bytes, send: Send, *, more: bool) -> None:
        data = events.feed(data, last=not more)
        while events.halted:
            await self._send_bytes(data, send, more=True)
            if self._over.is_set() or await self._breaks():
                return
            data = events.resume()
        await self._send_bytes(data, send, more=more and not events.over)
        if events.over:
            self._over.set()

    async def _send_bytes(self, data: bytes, send: Send, *, more: bool) -> None:
        limit = self._break_after
        if limit is not None and self._sent + len(data) >= limit:
            head, data = data[: limit - self._sent], data[limit - self._sent :]
            # Headers leave a server together with the first body message, even an empty one.
            await send({"type": "http.response.body", "body": head, "more_body": True})
            if await self._breaks():
                return
            self._break_after = None
        self._sent += len(data)
        await send({"type": "http.response.body", "body": data, "more_body": more})

    async def _breaks(self) -> bool:
        """Cut or stall here; tell whether that was the end."""
        self._found.update(key for key in BREAKS if key in self._fault.model_fields_set)
        if self._fault.cuts or not await self._stays(self._fault.stall_seconds):
            self._over.set()
        return self._over.is_set()
