"""
A client of httpx, or a transport of its, as a transport of ours.

The library is taken from the client that is handed in, so that one with the same interface (httpx2) serves as well.
"""

from __future__ import annotations

import inspect
import math
import sys
import traceback
from collections.abc import AsyncGenerator, Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from time import monotonic
from types import AsyncGeneratorType, TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from tensormesh_transport.core.deadline import DRAIN_SECONDS
from tensormesh_transport.errors import (
    CertificateError,
    ClosedError,
    ConnectError,
    ConnectTimeoutError,
    ReadError,
    ReadTimeoutError,
    RemoteProtocolError,
    TLSError,
    TransportError,
    UsageError,
    words,
)
from tensormesh_transport.httpx_hooks import answer_of, hook_error, says_status
from tensormesh_transport.messages import Request, Response

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
    for base in type(client).__mro__:
        module = sys.modules.get(base.__module__.partition(".")[0])
        if base.__name__ == kind and hasattr(module, "TimeoutException"):
            return module
    raise UsageError(f"this is not a {kind} of httpx but a {type(client).__name__}: {kind} is what fits here")


class _Base:
    """What both share: the client, and whether it is to be closed here."""

    _kinds = ("", "")

    def __init__(self, client: Any = None, transport: Any = None, *, own: bool = False) -> None:
        client_kind, transport_kind = self._kinds
        self._own = own or client is None
        if client is None:
            self._library = library_of(transport, transport_kind)
            self._client = getattr(self._library, client_kind)(transport=transport)
        else:
            self._library = library_of(client, client_kind)
            self._client = client

    def _built(self, request: Request) -> httpx.Request:
        timeouts = request.timeouts
        limit = self._library.Timeout(
            connect=timeouts.connect, read=timeouts.first_byte, write=timeouts.first_byte, pool=timeouts.connect
        )
        built: httpx.Request = self._client.build_request(
            request.method, request.url, headers=request.headers, content=request.content, timeout=limit
        )
        return built


class _Body:
    """An answer whose body is still arriving; all of it must be there at `end`."""

    resent = False

    def __init__(self, library: Any, request: Request, response: httpx.Response, end: float) -> None:
        self._library, self._request, self._response, self._end = library, request, response, end
        # From the headers on, another silence is allowed than before; transports look it up when they begin to read.
        timeouts = response.request.extensions.get("timeout")
        if isinstance(timeouts, dict):
            timeouts["read"] = min(request.timeouts.idle, max(end - monotonic(), 0.001))
        self.status_code = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    @property
    def ambiguity(self) -> RemoteProtocolError | None:
        """Where an answer from the network says twice where it ends: httpx takes one word for it."""
        if "network_stream" in self._response.extensions and {"content-length", "transfer-encoding"} <= {*self.headers}:
            return RemoteProtocolError("the answer has a length beside its chunks, so its end is in doubt")
        return None

    def _check(self) -> None:
        if monotonic() >= self._end:
            raise ReadTimeoutError(f"the answer was not complete within {self._request.timeouts.total:g} s")


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
            return Response(body.status_code, body.headers, b"".join(body))
        finally:
            body.close()

    def open(self, request: Request) -> HttpxBody:
        """Send a request whose body is read piece by piece."""
        end = _end(request)
        try:
            with _Translated(self._library, request, hooks=self._client.event_hooks):
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
        with _Translated(self._library, self._request, begun=True):
            for piece in self._response.iter_bytes():
                yield piece
                self._check()

    def finish(self) -> None:
        """There is no telling whether the end of the body is there already."""

    def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        with _Translated(self._library, self._request):
            self._response.close()


class AsyncHttpxTransport(_Base):
    """The asynchronous version of `HttpxTransport`."""

    _kinds = ("AsyncClient", "AsyncBaseTransport")
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
            return Response(body.status_code, body.headers, b"".join([piece async for piece in body]))
        finally:
            await body.close()

    async def open(self, request: Request) -> AsyncHttpxBody:
        """Send a request whose body is read piece by piece."""
        end = _end(request)
        try:
            with _Translated(self._library, request, hooks=self._client.event_hooks):
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
        with _Translated(self._library, self._request):
            await self._response.aclose()
        if not self._reading.ag_running:
            await self._reading.aclose()

    async def _pieces(self) -> AsyncGenerator[bytes]:
        pieces = self._response.aiter_bytes()
        try:
            yield b""
            with _Translated(self._library, self._request, begun=True):
                async for piece in pieces:
                    yield piece
                    self._check()
        finally:
            await self._response.aclose()
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()


def _end(request: Request) -> float:
    """When all of the answer must be there."""
    total = request.timeouts.total
    return math.inf if total is None else monotonic() + total


class _Translated:
    """A block in which the errors of the library become ours; `begun` says whether the headers had come."""

    __slots__ = ("_begun", "_hooks", "_library", "_request")

    def __init__(
        self, library: Any, request: Request, *, begun: bool = False, hooks: Mapping[str, Any] | None = None
    ) -> None:
        self._library, self._request, self._begun, self._hooks = library, request, begun, hooks or {}

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception) or says_status(self._library, error):
            return
        hooked = hook_error(self._hooks, error)
        if hooked is not None:
            raise hooked
        ours = self._meaning(error)
        if ours is not None:
            self._forget_request(error)
            raise ours from _bare(error)

    def _forget_request(self, error: Any) -> None:
        """An error of the library holds what was sent, with all headers."""
        if isinstance(error, self._library.RequestError):
            error.request = self._library.Request(self._request.method, self._request.url.partition("?")[0])

    def _meaning(self, error: BaseException) -> TransportError | None:
        """What an error says, by table; None for one that is not the library's."""
        library, timeouts = self._library, self._request.timeouts
        match error:
            case library.ConnectTimeout() | library.PoolTimeout():
                return ConnectTimeoutError(f"no connection within {timeouts.connect:g} s")
            case library.TimeoutException() if self._begun:
                return ReadTimeoutError(f"nothing more came within {timeouts.idle:g} s")
            case library.TimeoutException():
                return ReadTimeoutError(f"no answer came within {timeouts.first_byte:g} s")
            case library.ConnectError() if "CERTIFICATE_VERIFY_FAILED" in str(error):
                return CertificateError(words(error))
            case library.ConnectError() if "SSL" in str(error):
                return TLSError(words(error))
            case library.ConnectError() | library.UnsupportedProtocol() | library.ProxyError():
                return ConnectError(words(error))
            case library.HTTPError() | library.StreamError() | OSError():
                return ReadError(self._without_query(words(error)))
            case library.InvalidURL() | library.CookieConflict():
                return UsageError(words(error))
            case RuntimeError() if "closed" in str(error):  # here, or in the middle of this call
                return ClosedError("the http_client is closed")
        return None

    def _without_query(self, text: str) -> str:
        """Some errors say what was called, and a key may travel in a query."""
        _, mark, query = self._request.path.partition("?")
        return text.replace(mark + query, "") if query else text


def _bare(error: BaseException | None) -> BaseException | None:
    """A library's error, and those behind it, without their frames: the variables there hold headers and bytes."""
    running = {frame for frame, _ in traceback.walk_stack(inspect.currentframe())}
    waiting = [error]
    while waiting:
        one = waiting.pop()
        trace = None if one is None else one.__traceback__
        # What the caller is in the middle of handling is no error of the library.
        if one is not None and trace is not None and (one is error or trace.tb_frame not in running):
            one.__traceback__ = None
            waiting += [one.__cause__, one.__context__]
    return error
