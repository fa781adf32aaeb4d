"""
A client of httpx, or a transport of its, as a transport of ours.

The library is taken from the client that is handed in, so that one with the same interface (httpx2) serves as well.
"""

from __future__ import annotations

import math
import sys
import zlib
from collections.abc import AsyncGenerator, Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from time import monotonic
from types import AsyncGeneratorType
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from tensormesh_transport.core.content import CODINGS, Decoder
from tensormesh_transport.core.deadline import DRAIN_SECONDS
from tensormesh_transport.core.whole import Whole
from tensormesh_transport.errors import (
    ReadTimeoutError,
    RemoteProtocolError,
    TransportError,
    UsageError,
    words,
)
from tensormesh_transport.httpx_errors import Translated
from tensormesh_transport.httpx_hooks import answer_of
from tensormesh_transport.messages import Request, Response
from tensormesh_transport.origin import without_dot
from tensormesh_transport.proxies import added_headers

if TYPE_CHECKING:
    import httpx

    from tensormesh_transport.asynchronous.aside import Aside

    # By what is asked of it, so that httpx2 has them as well.
    class HTTPClient(Protocol):
        """An `httpx.Client`."""

        def build_request(self, method: str, url: str) -> Any: ...
        def send(self, request: Any) -> Any: ...
        def close(self) -> None: ...

    class AsyncHTTPClient(Protocol):
        """An `httpx.AsyncClient`."""

        def build_request(self, method: str, url: str) -> Any: ...
        async def send(self, request: Any) -> Any: ...
        async def aclose(self) -> None: ...

    class HTTPTransport(Protocol):
        """An `httpx.BaseTransport`."""

        def handle_request(self, request: Any) -> Any: ...

    class AsyncHTTPTransport(Protocol):
        """An `httpx.AsyncBaseTransport`."""

        async def handle_async_request(self, request: Any) -> Any: ...


def library_of(client: object, kind: str) -> Any:
    """
    The module whose class `kind` a client or transport is made of.

    Raises:
        UsageError: it is not made of any.
    """
    bases = type(client).__mro__
    # openai says of some classes of httpx2 that they are its own.
    for name in (*(base.__module__.partition(".")[0] for base in bases), "httpx", "httpx2"):
        module = sys.modules.get(name)
        if hasattr(module, "TimeoutException") and getattr(module, kind, None) in bases:
            return module
    raise UsageError(f"this is not a {kind} of httpx but a {type(client).__name__}: {kind} is what fits here")


class _Base:
    """What both share: the client, and whether it is to be closed here."""

    _kinds = ("", "")
    _traced_async = False

    gate: Callable[[str], None] | None = None
    """Is told of each host that a connection is about to be opened to, a proxy too, and may raise an error."""

    def __init__(self, client: Any = None, transport: Any = None, *, own: bool = False) -> None:
        client_kind, transport_kind = self._kinds
        self._own = own or client is None
        if client is None:
            self._library = library_of(transport, transport_kind)
            self._client = getattr(self._library, client_kind)(transport=transport)
        else:
            self._library = library_of(client, client_kind)
            self._client = client

    def added_headers(self, base_url: str) -> list[tuple[str, str]]:
        """The headers that the client adds to requests for a base URL, or a proxy of the environment wants to see."""
        request: httpx.Request = self._client.build_request("GET", base_url)
        auth: Any = getattr(self._client, "auth", None)
        if isinstance(auth, self._library.BasicAuth):  # others may ask for a token first
            request = next(auth.auth_flow(request))
        return [*request.headers.items(), *added_headers(base_url)]

    def _built(self, request: Request) -> httpx.Request:
        timeouts = request.timeouts
        limit = self._library.Timeout(
            connect=timeouts.connect, read=timeouts.first_byte, write=timeouts.first_byte, pool=timeouts.connect
        )
        built: httpx.Request = self._client.build_request(
            request.method,
            without_dot(request.base_url) + request.path,
            headers=request.headers,
            content=request.content,
            timeout=limit,
            extensions=self._extensions(),
        )
        return built

    def _extensions(self) -> dict[str, Any]:
        gate = self.gate
        if gate is None:
            return {}

        def trace(name: str, info: Mapping[str, Any]) -> None:
            if name.endswith("connect_tcp.started"):
                gate(str(info["host"]))

        async def trace_async(name: str, info: Mapping[str, Any]) -> None:
            trace(name, info)

        return {"trace": trace_async if self._traced_async else trace}


class _Body:
    """
    An answer whose body is still arriving; all of it must be there at `end`.

    What is compressed as was asked for is decompressed here: a library makes as much of it at once as it can, and
    takes a part of it for the whole.
    """

    resent = False

    def __init__(self, library: Any, request: Request, response: httpx.Response, end: float) -> None:
        self._library, self._request, self._response, self._end = library, request, response, end
        # From the headers on, another silence is allowed than before; transports look it up when they begin to read.
        timeouts = response.request.extensions.get("timeout")
        if isinstance(timeouts, dict):
            timeouts["read"] = min(request.timeouts.idle, max(end - monotonic(), 0.001))
        self.status_code = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        coding = self.headers.get("content-encoding", "").lower()
        # A hook, or a transport for tests, may have read it already.
        own = coding in CODINGS and not response.is_stream_consumed
        self._decoder = Decoder(coding) if own else None

    @property
    def ambiguity(self) -> RemoteProtocolError | None:
        """Where an answer from the network says twice where it ends: httpx takes one word for it."""
        if "network_stream" in self._response.extensions and {"content-length", "transfer-encoding"} <= {*self.headers}:
            return RemoteProtocolError("the answer has a length beside its chunks, so its end is in doubt")
        return None

    def _decoded(self, piece: bytes) -> Iterator[bytes]:
        """What a piece of the body stands for."""
        if self._decoder is None:
            yield piece
            return
        self._decoder.feed(piece)
        try:
            while made := self._decoder.read():
                yield made
        except zlib.error as error:
            raise self._undecodable(words(error)) from error

    def _check_time(self) -> None:
        if monotonic() >= self._end:
            raise ReadTimeoutError(f"the answer was not complete within {self._request.timeouts.total:g} s")

    def _check_end(self) -> None:
        if self._decoder is not None and not self._decoder.over:
            raise self._undecodable("it is cut off")

    def _undecodable(self, why: str) -> RemoteProtocolError:
        return RemoteProtocolError(f"the {self.headers['content-encoding']} content cannot be read: {why}")


class HttpxTransport(_Base):
    """Sends requests through an `httpx.Client`, which is its owner's to close unless it was made here."""

    _kinds = ("Client", "BaseTransport")
    _client: httpx.Client

    def prepare(self, base_url: str) -> None:
        """There is nothing to load: the client is there."""

    def send(self, request: Request) -> Response:
        """Send a request and read its whole answer."""
        body = self.open(request)
        try:
            with Whole(body.status_code, body.headers, request.max_bytes) as whole:
                for piece in body:
                    whole.add(piece)
                return Response(body.status_code, body.headers, whole.content())
        finally:
            body.close()

    def open(self, request: Request) -> HttpxBody:
        """Send a request whose body is read piece by piece."""
        end = _end(request)
        try:
            with Translated(self._library, request, hooks=self._client.event_hooks):
                response = self._client.send(self._built(request), stream=True, follow_redirects=False)
        except self._library.HTTPStatusError as error:
            response = answer_of(self._library, error)
        body = HttpxBody(self._library, request, response, end)
        if (doubt := body.ambiguity) is not None:
            body.close()
            raise doubt
        return body

    def close(self) -> None:
        """Close the client, unless it is somebody else's."""
        if self._own:
            self._client.close()


class HttpxBody(_Body):
    """The body of an answer to an `HttpxTransport`."""

    def __iter__(self) -> Iterator[bytes]:
        response = self._response
        with Translated(self._library, self._request, begun=True):
            for piece in response.iter_bytes() if self._decoder is None else response.iter_raw():
                yield from self._decoded(piece)
                self._check_time()
            self._check_end()

    def finish(self) -> None:
        """There is no telling whether the end of the body is there already."""

    def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        with Translated(self._library, self._request):
            self._response.close()


class AsyncHttpxTransport(_Base):
    """The asynchronous version of `HttpxTransport`."""

    _kinds = ("AsyncClient", "AsyncBaseTransport")
    _traced_async = True
    _client: httpx.AsyncClient
    _aside: Aside | None = None

    async def prepare(self, base_url: str) -> None:
        """There is nothing to load: the client is there."""

    async def aside[T](self, key: Hashable, work: Callable[[], T]) -> T:
        """Do work that takes its time: in a thread under asyncio, where it is elsewhere."""
        asyncio = sys.modules.get("asyncio")
        try:
            if asyncio is None:
                return work()
            asyncio.get_running_loop()
        except RuntimeError:
            return work()
        from tensormesh_transport.asynchronous.aside import Aside

        self._aside = self._aside or Aside()
        return await self._aside.done(key, work)

    async def send(self, request: Request) -> Response:
        """Send a request and read its whole answer."""
        body = await self.open(request)
        try:
            with Whole(body.status_code, body.headers, request.max_bytes) as whole:
                async for piece in body:
                    whole.add(piece)
                return Response(body.status_code, body.headers, whole.content())
        finally:
            await body.close()

    async def open(self, request: Request) -> AsyncHttpxBody:
        """Send a request whose body is read piece by piece."""
        end = _end(request)
        try:
            with Translated(self._library, request, hooks=self._client.event_hooks):
                response = await self._client.send(self._built(request), stream=True, follow_redirects=False)
        except self._library.HTTPStatusError as error:
            response = answer_of(self._library, error)
        body = await AsyncHttpxBody(self._library, request, response, end).begin()
        if (doubt := body.ambiguity) is not None:
            await body.close()
            raise doubt
        return body

    async def sleep(self, seconds: float) -> None:
        """Wait, be it under asyncio or trio: httpx runs in both."""
        import anyio

        await anyio.sleep(seconds)

    async def close(self) -> None:
        """Close the client, unless it is somebody else's."""
        if self._own:
            await self._client.aclose()


class AsyncHttpxBody(_Body):
    """The asynchronous version of `HttpxBody`."""

    async def begin(self) -> Self:
        """Be closed when nobody holds this any more: Python finishes the generators that have begun, and only those."""
        self._reading = cast("AsyncGeneratorType[bytes, None]", self._pieces())
        await anext(self._reading)
        return self

    def __aiter__(self) -> AsyncGenerator[bytes]:
        return self._reading

    async def finish(self) -> None:
        """
        The rest is not wanted: read to the end of the body where it comes within a moment.

        The generators of the library, one within the other, are done then; else they are left to be collected.
        """
        import anyio

        with suppress(TransportError), anyio.move_on_after(DRAIN_SECONDS):
            async for _ in self:
                pass

    async def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        with Translated(self._library, self._request):
            await self._response.aclose()
        if not self._reading.ag_running:
            await self._reading.aclose()

    async def _pieces(self) -> AsyncGenerator[bytes]:
        pieces = self._response.aiter_bytes() if self._decoder is None else self._response.aiter_raw()
        try:
            yield b""
            with Translated(self._library, self._request, begun=True):
                async for piece in pieces:
                    for made in self._decoded(piece):
                        yield made
                    self._check_time()
                self._check_end()
        finally:
            await self._response.aclose()
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()


def _end(request: Request) -> float:
    """When all of the answer must be there."""
    total = request.timeouts.total
    return math.inf if total is None else monotonic() + total
