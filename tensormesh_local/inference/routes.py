"""
The routes of one inference surface.

Knows the eight operations, which of them need a key, and the way through a
real engine when there is one, but not how any of them is answered.
"""

import json
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.access import Access
from tensormesh_local.accounts import Accounts, Key, Tokens, UsageRecord
from tensormesh_local.catalogue import Model
from tensormesh_local.errors import ApiError, bad_request, response_not_found
from tensormesh_local.inference.body import read_object
from tensormesh_local.inference.chat.operation import answer_chat
from tensormesh_local.inference.completions.operation import answer_completion
from tensormesh_local.inference.metering import Metered
from tensormesh_local.inference.responses.operation import answer_responses
from tensormesh_local.inference.surface import INSIDER, PRESENTATION, RequestContext, Surface
from tensormesh_local.inference.tokens import answer_detokenize, answer_tokenize
from tensormesh_local.inference.upstream import Upstream
from tensormesh_local.json_output import JsonAnswer
from tensormesh_local.request_log import RECORD, Record
from tensormesh_local.sse import EventStream

VERSION = "0.32.0+tensormesh.local"

type Operation = Callable[[RequestContext, JsonObject], Response]

POSTS: dict[str, Operation] = {
    "/v1/chat/completions": answer_chat,
    "/v1/completions": answer_completion,
    "/v1/responses": answer_responses,
    "/tokenize": answer_tokenize,
    "/detokenize": answer_detokenize,
}
GETS = ("/v1/models", "/health", "/version")


class Inference:
    """One surface, its keys and its engine."""

    def __init__(self, surface: Surface, access: Access, accounts: Accounts, upstream: Upstream | None) -> None:
        self._surface = surface
        self._access = access
        self._accounts = accounts
        self._upstream = upstream

    def routes(self) -> list[Route]:
        """Give the routes of the surface."""
        found = [Route(path, self._post(path, operation), methods=["POST"]) for path, operation in POSTS.items()]
        found += [Route(path, self._get(path), methods=["GET"]) for path in GETS]
        return [*found, Route("/v1/responses/{id}", self._stored, methods=["GET"])]

    def _check(self, request: Request) -> Key:
        insider = request.scope.get(INSIDER)
        if insider is not None:
            return Key(insider)
        key = self._access.check_inference(request.headers, on_demand=self._surface.needs_user)
        if self._surface.needs_user:
            self._access.check_user(request.headers, key)
        return key

    def _models(self, key: Key | None) -> tuple[Model, ...]:
        if self._surface.needs_user and key is not None:
            return self._accounts.on_demand_models(key.user_id)
        return self._accounts.serverless_models()

    def _metered(self, answer: Response, key: Key, path: str, body: JsonObject, record: Record | None) -> ASGIApp:
        def pay(tokens: Tokens) -> None:
            if record is not None:
                record.tokens = tokens
            model = str(body.get("model", ""))
            self._accounts.charge(UsageRecord(key.user_id, self._surface.name, model, path, tokens))

        return Metered(answer, answer.tokens if isinstance(answer, EventStream) else None, pay)

    def _post(self, path: str, operation: Operation) -> Callable[[Request], object]:
        async def endpoint(request: Request) -> ASGIApp:
            record = request.scope.get(RECORD)
            try:
                key = self._check(request)
                if self._upstream is not None:
                    relayed = await self._upstream.relay(request, path)
                    return self._metered(relayed, key, path, _glance(await request.body()), record)
                body = read_object(await request.body(), request.headers.get("content-type", ""))
                surface = self._surface.serving(self._models(key))
                context = RequestContext.of(surface, request.scope[PRESENTATION], request.headers)
                return self._metered(operation(context, body), key, path, body, record)
            except ApiError as error:
                return error.answer()
            except RecursionError:
                return bad_request("The body is nested too deeply.").answer()

        return endpoint

    def _get(self, path: str) -> Callable[[Request], object]:
        async def endpoint(request: Request) -> Response:
            try:
                # Serverless answers these to anybody.
                key = self._check(request) if self._surface.needs_user else None
            except ApiError as error:
                return error.answer()
            if self._upstream is not None:
                return await self._upstream.relay(request, path)
            return JsonAnswer(self._plain(path, key))

        return endpoint

    def _plain(self, path: str, key: Key | None) -> JsonObject:
        if path == "/v1/models":
            surface = self._surface.serving(self._models(key))
            return {"object": "list", "data": [model.entry() for model in surface.models if model.ready]}
        return {"status": "ok"} if path == "/health" else {"version": VERSION}

    async def _stored(self, request: Request) -> Response:
        try:
            self._check(request)
        except ApiError as error:
            return error.answer()
        return response_not_found(str(request.path_params["id"])).answer()


def _glance(body: bytes) -> JsonObject:
    """Read a body that another engine has checked already."""
    try:
        found: Json = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
