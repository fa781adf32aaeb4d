"""
The routes of one inference surface.

Knows the eight operations, which of them need a key, and the way through a
real engine when there is one; refuses to know how any of them is answered.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tensormesh_local.access import Credentials
from tensormesh_local.chat import answer_chat
from tensormesh_local.completions import answer_completion
from tensormesh_local.envelope import PRESENTATION
from tensormesh_local.errors import Refusal, response_not_found
from tensormesh_local.responses import answer_responses
from tensormesh_local.surface import Surface, Turn
from tensormesh_local.tokens import answer_detokenize, answer_tokenize
from tensormesh_local.upstream import Upstream
from tensormesh_local.validation import read_object
from tensormesh_local.wire import JsonAnswer, JsonObject

VERSION = "0.32.0+tensormesh.local"

type Operation = Callable[[Turn, JsonObject], Response]

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

    def __init__(self, surface: Surface, credentials: Credentials, upstream: Upstream | None) -> None:
        self._surface = surface
        self._credentials = credentials
        self._upstream = upstream

    def routes(self) -> list[Route]:
        """Give the routes of the surface."""
        found = [Route(path, self._post(path, operation), methods=["POST"]) for path, operation in POSTS.items()]
        found += [Route(path, self._get(path), methods=["GET"]) for path in GETS]
        return [*found, Route("/v1/responses/{id}", self._stored, methods=["GET"])]

    def _check(self, request: Request, *, public: bool) -> None:
        if not public or self._surface.needs_user:
            self._credentials.check_inference(request.headers)
        if self._surface.needs_user:
            self._credentials.check_user(request.headers)

    def _post(self, path: str, operation: Operation) -> Callable[[Request], object]:
        async def endpoint(request: Request) -> Response:
            try:
                self._check(request, public=False)
                if self._upstream is not None:
                    return await self._upstream.relay(request, path)
                body = read_object(await request.body(), request.headers.get("content-type", ""))
                turn = Turn.of(self._surface, request.scope[PRESENTATION], request.headers)
                return operation(turn, body)
            except Refusal as refusal:
                return refusal.answer()

        return endpoint

    def _get(self, path: str) -> Callable[[Request], object]:
        async def endpoint(request: Request) -> Response:
            try:
                self._check(request, public=True)
            except Refusal as refusal:
                return refusal.answer()
            if self._upstream is not None:
                return await self._upstream.relay(request, path)
            return JsonAnswer(self._plain(path))

        return endpoint

    def _plain(self, path: str) -> JsonObject:
        if path == "/v1/models":
            return {"object": "list", "data": [model.entry() for model in self._surface.models]}
        return {"status": "ok"} if path == "/health" else {"version": VERSION}

    async def _stored(self, request: Request) -> Response:
        try:
            self._check(request, public=False)
        except Refusal as refusal:
            return refusal.answer()
        return response_not_found(str(request.path_params["id"])).answer()
