"""
The routes under /_local, by which a test in another process scripts this host.

Knows faults and recorded requests; refuses callers without the control-plane
token, so that a web page open on the same machine cannot script it.
"""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.access import Access
from tensormesh_local.faults.pending import Faults
from tensormesh_local.faults.script import ScriptError
from tensormesh_local.json_output import JsonAnswer
from tensormesh_local.request_log import RequestLog

type Handler = Callable[[Request], Awaitable[Response]]


def admin_routes(access: Access, faults: Faults, request_log: RequestLog) -> list[Route]:
    """Give the routes, each behind the token."""

    async def script(request: Request) -> Response:
        try:
            if request.method == "DELETE":
                faults.clear()
            elif request.method == "PUT":
                faults.replace(_list(await request.body()))
            elif request.method == "POST":
                faults.add(_object(await request.body()))
        except ScriptError as exc:
            return JsonAnswer({"error": f"This fault script cannot be followed: {exc}."}, 400)
        return JsonAnswer({"faults": faults.pending()})

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            request_log.clear()
        return JsonAnswer({"requests": [record.entry() for record in request_log.records()]})

    def guarded(handler: Handler) -> Handler:
        async def guard(request: Request) -> Response:
            problem = access.control_plane_problem(request.headers)
            if problem is not None:
                return JsonAnswer({"error": f"{problem} It guards /_local as well."}, 401)
            return await handler(request)

        return guard

    return [
        Route("/faults", guarded(script), methods=["GET", "PUT", "POST", "DELETE"]),
        Route("/requests", guarded(requests), methods=["GET", "DELETE"]),
    ]


def _json(body: bytes) -> Json:
    try:
        found: Json = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise ScriptError("the body is not JSON") from exc
    return found


def _object(body: bytes) -> JsonObject:
    found = _json(body)
    if not isinstance(found, dict):
        raise ScriptError("a fault must be an object")
    return found


def _list(body: bytes) -> list[Json]:
    found = _json(body)
    if not isinstance(found, list):
        raise ScriptError("a script is a list of faults")
    return found
