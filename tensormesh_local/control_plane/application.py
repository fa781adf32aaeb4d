"""
The control plane as one ASGI application.

Knows the way of a request: operation, token, role, arguments, handler, answer.
What any operation does is its handler's business; which operations there are is
the document's.

Handlers are synchronous and run on the event loop, one after another, each in
one transaction: see `store`.
"""

import sqlite3
from collections.abc import Awaitable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tensormesh_documents.json_types import JsonObject
from tensormesh_documents.routes import Match, Routes
from tensormesh_local.access import bearer
from tensormesh_local.authority import AUTHORITY
from tensormesh_local.control_plane import login_page
from tensormesh_local.control_plane.arguments import Arguments
from tensormesh_local.control_plane.call import Answer, Call, Settings
from tensormesh_local.control_plane.document import Document, Operation, control_plane_document
from tensormesh_local.control_plane.failure import Code, Failure, denied, unauthenticated, unfit
from tensormesh_local.control_plane.handlers import HANDLERS
from tensormesh_local.control_plane.moments import Clock, Moment, moment
from tensormesh_local.control_plane.proto_json import ProtoReader, read_body
from tensormesh_local.control_plane.store import Store
from tensormesh_local.control_plane.tokens import holder
from tensormesh_local.control_plane.users import User, find_user
from tensormesh_local.json_output import JsonAnswer

# What administrators alone may call, besides everything below /v1/admin.
ADMIN_OPERATIONS = frozenset({"delete_product"})


class IncompleteError(RuntimeError):
    """Document and handlers do not fit together."""


def is_administrative(operation: Operation) -> bool:
    """Tell whether an operation takes an administrator."""
    return operation.path.startswith("/v1/admin/") or operation.id in ADMIN_OPERATIONS


def check_complete(document: Document) -> None:
    """
    Check the handlers against the document.

    Raises:
        IncompleteError: when an operation has no handler, or a handler no operation.
    """
    odd = {operation.id for operation in document.operations} ^ set(HANDLERS)
    if odd:
        raise IncompleteError(f"Only one of document and handlers has: {', '.join(sorted(odd))}.")


class ControlPlane:
    """The application over one database."""

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._document = control_plane_document()
        check_complete(self._document)
        self._routes = Routes((one.method, one.path, one) for one in self._document.operations)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except Failure as failure:
            response = failure.answer()
        except sqlite3.Error as exc:
            response = Failure(Code.INTERNAL, f"The state of the local host cannot be used: {exc}.").answer()
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        path = _raw_path(request)
        now = moment(self._clock())
        if path == login_page.PATH and request.method in login_page.METHODS:
            return await self._login_page(request, now)
        match = self._routes.find(request.method, path)
        if match is None:
            return self._lost(path)
        body = await request.body()
        answer = self._handle(request, match, body, now)
        if isinstance(answer, Awaitable):
            answer = await answer
        # The one operation that can have nothing to say yet is the poll of a login.
        return Response(status_code=202) if answer is None else JsonAnswer(answer)

    def _handle(self, request: Request, match: Match[Operation], body: bytes, now: Moment) -> Answer:
        operation = match.target
        with self._store.transaction() as db:
            caller = None if operation.public else self._caller(db, request, now)
            if caller is not None and is_administrative(operation) and not caller.is_admin:
                raise denied(f"This call is for administrators; your role is {caller.role}.")
            arguments = Arguments(self._read(request, match, body))
            if caller is not None and is_administrative(operation):
                _check_operator(caller, arguments)
            call = Call(arguments, db, now, _base_url(request), self._settings, caller)
            return HANDLERS[operation.id](call)

    def _caller(self, db: sqlite3.Connection, request: Request, now: Moment) -> User:
        token = bearer(request.headers)
        if token is None:
            raise unauthenticated("The header Authorization must be 'Bearer <control-plane token>'.")
        user = find_user(db, holder(db, token, now))
        if user is None:
            raise unauthenticated("The user of this control-plane token does not exist.")
        return user

    def _read(self, request: Request, match: Match[Operation], body: bytes) -> JsonObject:
        operation = match.target
        reader = ProtoReader(self._document)
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        found = {} if operation.body is None else reader.message(operation.body, read_body(body))
        for place, given in (("query", pairs), ("path", [*match.values.items()])):
            found |= reader.parameters([one for one in operation.parameters if one.place == place], given)
        if reader.violations:
            raise unfit(reader.violations)
        return found

    def _lost(self, path: str) -> Response:
        methods = self._routes.methods(path)
        if not methods:
            raise Failure(Code.NOT_FOUND, "Not Found")
        answer = Failure(Code.UNIMPLEMENTED, "Method Not Allowed", status=405).answer()
        answer.headers["allow"] = ", ".join(methods)
        return answer

    async def _login_page(self, request: Request, now: Moment) -> Response:
        body = await request.body()
        with self._store.transaction() as db:
            if request.method == "POST":
                return login_page.decide(db, now, request.query_params, body)
            return login_page.show(db, now, request.query_params)


def _check_operator(caller: User, arguments: Arguments) -> None:
    """Let nobody act as another administrator."""
    if arguments.user_id("userId") not in (None, caller.id):
        raise denied("In administrative calls userId is the administrator who acts: leave it out, or send your own id.")


def _raw_path(request: Request) -> str:
    """Give the path below the mount as it was sent, percent-encoding included."""
    return bytes(request.scope["raw_path"]).decode("latin-1").removeprefix(str(request.scope["root_path"]))


def _base_url(request: Request) -> str:
    """Give the address of the control plane. What the caller calls the host does not get into it."""
    return f"http://{request.scope[AUTHORITY]}{request.scope['root_path']}"
