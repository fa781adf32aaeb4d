"""
A real engine answering in place of the built-in one.

Knows how to pass a request on and its answer back, piece by piece; does not
look inside either. The keys and the user are checked before, and the caller's
key goes no further than this host. httpx is loaded only when there is an
upstream.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.errors import error_body
from tensormesh_local.json_output import JsonAnswer

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 10.0
OWN_SECONDS = 10.0
# What describes one connection or one caller stays there.
_ASKED = ("accept", "content-type", "user-agent", "x-request-id")
_KEPT_BACK = ("connection", "keep-alive", "transfer-encoding", "server", "date", "x-request-id")


class Severed(Exception):  # noqa: N818 - told to the envelope only, which then cuts the connection
    """The engine broke off in the middle of its answer, so the caller's copy must not end well."""


def patient_client() -> "httpx.AsyncClient":
    """Make a client that waits for an answer as long as it takes."""
    import httpx

    timeout = httpx.Timeout(None, connect=CONNECT_SECONDS)
    # As many at once as there are callers: who waits for the engine must not wait for a connection. None is
    # kept: the engine may close it just when the next request, which nobody may send twice, goes out.
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)


class Upstream:
    """The way to one engine; its client is made at the first request."""

    def __init__(self, base_url: str, key: str | None) -> None:
        self._base = base_url.rstrip("/").removesuffix("/v1")
        self._key = key
        self._client: httpx.AsyncClient | None = None

    def _open(self) -> "httpx.AsyncClient":
        if self._client is None:
            self._client = patient_client()
        return self._client

    async def close(self) -> None:
        """Close all connections to the engine."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {name: request.headers[name] for name in _ASKED if name in request.headers}
        # Nothing is unpacked on the way, so nothing may come packed.
        headers["accept-encoding"] = "identity"
        if self._key is not None:
            headers["authorization"] = f"Bearer {self._key}"
        return headers

    async def relay(self, request: Request, path: str) -> Response:
        """Pass a request on; its answer comes back as it arrives."""
        import httpx

        try:
            answer = await self._asked(request, path)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            return self._unreachable(exc)
        if answer is None:
            # Nobody reads this: the caller has gone away.
            return Response(status_code=499)
        response = StreamingResponse(_pieces(answer), answer.status_code, background=BackgroundTask(answer.aclose))
        response.raw_headers = [(name, value) for name, value in _lowered(answer) if name.decode() not in _KEPT_BACK]
        return response

    async def ask(self, path: str, body: JsonObject) -> JsonObject | None:
        """Ask the engine something of our own; None where it does not answer with an object."""
        import httpx

        headers = {} if self._key is None else {"authorization": f"Bearer {self._key}"}
        try:
            answer = await self._open().post(self._base + path, json=body, headers=headers, timeout=OWN_SECONDS)
            found: Json = answer.json() if answer.is_success else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    async def _asked(self, request: Request, path: str) -> "httpx.Response | None":
        """Ask the engine; it hears at once of a caller who does not wait, and None comes back."""
        client = self._open()
        asked = client.build_request(
            request.method,
            self._base + path,
            content=await request.body(),
            params=str(request.query_params),
            headers=self._headers(request),
        )
        work = asyncio.ensure_future(client.send(asked, stream=True))
        left = asyncio.ensure_future(_left(request))
        try:
            await asyncio.wait({work, left}, return_when=asyncio.FIRST_COMPLETED)
            return work.result() if work.done() else None
        finally:
            work.cancel()
            left.cancel()
            await asyncio.gather(work, left, return_exceptions=True)

    def _unreachable(self, exc: Exception) -> Response:
        message = f"The upstream engine at {self._base} did not answer: {type(exc).__name__}: {exc}".rstrip(": ")
        return JsonAnswer(error_body(message, "BadGatewayError", None, 502), 502)


def _lowered(answer: "httpx.Response") -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value) for name, value in answer.headers.raw]


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _pieces(answer: "httpx.Response") -> AsyncIterator[bytes]:
    import httpx

    try:
        async for piece in answer.aiter_raw():
            yield piece
            # Pieces that came together are handed out without a pause, in which nobody could tell that the caller left.
            await asyncio.sleep(0)
    except httpx.HTTPError as exc:
        raise Severed from exc
    finally:
        await answer.aclose()
