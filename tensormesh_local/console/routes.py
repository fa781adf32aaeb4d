"""
The routes of the console: the page at `/`, and what it asks for below `/_local/console`.

Knows who may ask: whoever is at this machine and calls it by an address of this
machine; anybody else shows the control-plane token. Other pages in the browser
do not come this far.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tensormesh_documents.json_types import Json
from tensormesh_local.access import Access, Credentials
from tensormesh_local.accounts import Accounts
from tensormesh_local.authority import AUTHORITY, is_loopback
from tensormesh_local.console import fault_form
from tensormesh_local.console.account import OPERATIONS, account, part
from tensormesh_local.console.live import live
from tensormesh_local.console.one_request import one_request
from tensormesh_local.console.page import HEADERS, page
from tensormesh_local.console.prompt_lens import PromptLens
from tensormesh_local.console.rows import row
from tensormesh_local.console.saved import saved
from tensormesh_local.console.send_again import Sender, SendError
from tensormesh_local.faults.pending import Faults
from tensormesh_local.faults.script import ScriptError
from tensormesh_local.inference.upstream import Upstream
from tensormesh_local.json_output import JsonAnswer
from tensormesh_local.request_log import Record, RequestLog

PREFIX = "/console"
PAGE_ROUTES = [Route("/", page, methods=["GET"])]
GONE = "This request is not known any more: the newest are kept."

type Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Sources:
    """What the console shows: the parts of the host that it looks at."""

    access: Access
    accounts: Accounts
    credentials: Credentials
    request_log: RequestLog
    faults: Faults
    control_plane: ASGIApp
    upstream: Upstream | None
    sender: Sender


def console_routes(sources: Sources) -> list[Route]:
    """Give the routes below `/_local`."""
    request_log, faults = sources.request_log, sources.faults
    lens = PromptLens(request_log, sources.accounts, sources.upstream)

    def written(record: Record) -> dict[str, Json]:
        return row(record, sources.accounts.token_price)

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            request_log.clear()
            return JsonAnswer({})
        if request.method == "HEAD":  # which would never end
            return Response(media_type="text/event-stream")
        return live(request_log, written)

    async def one(request: Request) -> Response:
        record = request_log.record(request.path_params["number"])
        return _found(None if record is None else {**written(record), **one_request(record)})

    async def one_lens(request: Request) -> Response:
        return _found(await lens.one(request.path_params["number"]))

    async def whole_lens(request: Request) -> Response:
        return JsonAnswer(await lens.all())

    async def ledger(request: Request) -> Response:
        return saved(request_log.records())

    async def send(request: Request) -> Response:
        given = _object(await request.body())
        found = sources.sender.send(request.scope[AUTHORITY], str(given.get("path", "")), given.get("body"))
        return JsonAnswer({"id": found}, 202)

    async def scripted(request: Request) -> Response:
        if request.method == "DELETE":
            faults.clear()
        elif request.method == "POST":
            faults.add(_object(await request.body()))
        return JsonAnswer({"fields": fault_form.fields(), "faults": faults.history()})

    async def own_account(request: Request) -> Response:
        return JsonAnswer(await account(sources.control_plane, sources.credentials.control_plane_token))

    async def own_part(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in OPERATIONS:
            return JsonAnswer(
                {"error": f"There is no such part of the account; there are {', '.join(OPERATIONS)}."}, 404
            )
        return JsonAnswer(await part(name, sources.control_plane, sources.credentials.control_plane_token))

    def guarded(handler: Handler) -> Handler:
        async def guard(request: Request) -> Response:
            if not _is_here(request) and (problem := sources.access.control_plane_problem(request.headers)):
                return JsonAnswer({"error": f"{problem} From another machine the console needs it."}, 401)
            try:
                answer = await handler(request)
            except (ScriptError, SendError) as error:
                answer = JsonAnswer({"error": f"This cannot be done: {error}."}, 400)
            for name, value in HEADERS.items():
                answer.headers.setdefault(name, value)
            return answer

        return guard

    return [
        Route(f"{PREFIX}/requests", guarded(requests), methods=["GET", "DELETE"]),
        Route(f"{PREFIX}/requests", guarded(send), methods=["POST"]),
        Route(f"{PREFIX}/requests/{{number:int}}", guarded(one), methods=["GET"]),
        Route(f"{PREFIX}/requests/{{number:int}}/lens", guarded(one_lens), methods=["GET"]),
        Route(f"{PREFIX}/lens", guarded(whole_lens), methods=["GET"]),
        Route(f"{PREFIX}/ledger.jsonl", guarded(ledger), methods=["GET"]),
        Route(f"{PREFIX}/faults", guarded(scripted), methods=["GET", "POST", "DELETE"]),
        Route(f"{PREFIX}/account", guarded(own_account), methods=["GET"]),
        Route(f"{PREFIX}/account/{{name}}", guarded(own_part), methods=["GET"]),
        Route(f"{PREFIX}/{{file}}", page, methods=["GET"]),
    ]


def _found(content: dict[str, Json] | None) -> Response:
    return JsonAnswer({"error": GONE}, 404) if content is None else JsonAnswer(content)


def _is_here(request: Request) -> bool:
    """Tell whether somebody at this machine asks, and calls it so; who comes through a proxy gives another name."""
    caller = request.client.host if request.client else ""
    named = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    return is_loopback(caller) and (named == "localhost" or is_loopback(named.strip("[]")))


def _object(body: bytes) -> dict[str, Json]:
    try:
        found: Json = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SendError("what was sent is not JSON") from error
    if not isinstance(found, dict):
        raise SendError("what was sent is no JSON object")
    return found
