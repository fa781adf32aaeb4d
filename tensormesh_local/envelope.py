"""
What happens to every request, before and after its route.

Knows the request id, the request log and when a fault is due, but not
routes, keys and bodies beyond reading them once.
"""

import json
import uuid
from contextlib import suppress
from functools import partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tensormesh_documents.json_types import Json
from tensormesh_local.faults.injection import FaultInjector
from tensormesh_local.faults.pending import Faults
from tensormesh_local.inference.surface import PRESENTATION, Presentation
from tensormesh_local.inference.upstream import Severed
from tensormesh_local.request_log import RECORD, Record, RequestLog, redacted

ADMIN = "/_local"
PAGE = "/"


def is_own(path: str) -> bool:
    """Tell whether a path is one by which this host is looked at; what comes there is no request of a program."""
    return path == PAGE or path.startswith(ADMIN)


async def _whole_body(receive: Receive) -> tuple[bytes, bool]:
    """Read the body to its end, and tell whether the caller has gone away before it."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts), True
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts), False


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Give the body once more, then whatever comes after it."""
    waiting = [body]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay


async def _gone(receive: Receive) -> None:
    """Wait until the caller has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _read(body: bytes) -> Json:
    try:
        found: Json = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
    return found


class Envelope:
    """The outermost application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        request_log: RequestLog,
        faults: Faults,
        shown: Presentation,
    ) -> None:
        self._app = app
        self._request_log = request_log
        self._faults = faults
        self._shown = shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request through its fault, if one is due, to its route."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, gone = await _whole_body(receive)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        given = next((value for name, value in headers if name == "x-request-id"), "")
        request_id = given or uuid.uuid4().hex
        path, method = str(scope["path"]), str(scope["method"])
        content = _read(body)
        record = Record(method, path, scope["query_string"].decode("latin-1"), redacted(headers), content, request_id)
        record.hung_up, record.size = gone, len(body)
        if not is_own(path):
            self._request_log.add(record)
            scope[RECORD] = record
        try:
            if not gone:
                await self._answer(record, body, scope, receive, send)
        finally:
            record.close()
            self._request_log.answered(record)

    async def _answer(self, record: Record, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        app, active, content = self._app, None, record.body
        scope[PRESENTATION] = self._shown

        async def watched() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect" and not record.completed:
                record.hung_up = True
            return message

        if not is_own(record.path):
            model = content.get("model") if isinstance(content, dict) else None
            active = self._faults.take(record.method, record.path, model if isinstance(model, str) else None)
        if active is not None:
            record.fault = True
            scope[PRESENTATION] = self._shown.overridden_by(active.fault.reasoning_field, active.fault.leak_think)
            app = FaultInjector(app, active, partial(_gone, watched))

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
                kept = [pair for pair in message["headers"] if pair[0] != b"x-request-id"]
                stamp = (b"x-request-id", record.request_id.encode("latin-1"))
                message = {**message, "headers": [*kept, stamp]}
                if record.answer is not None:
                    record.answer.begin(message["headers"])
            elif record.answer is not None:
                record.answer.feed(bytes(message.get("body", b"")), record.elapsed)
            # Noted first, so that whoever has the answer finds it in the record.
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                record.completed = not record.hung_up
                if active is not None and record.completed:
                    active.over = True
            await send(message)

        # Coming back without the end of an answer makes the server close the connection.
        with suppress(Severed):
            await app(scope, _replayed(body, watched), stamped)
