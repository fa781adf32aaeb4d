"""Carries the requests of one surface: where they go, how often, and what their answers mean."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping
from functools import partial
from sys import modules
from typing import TYPE_CHECKING, Any, Unpack

from tensormesh_overlay.calls.loading import STREAMED, WHOLE, load, needs_loading
from tensormesh_overlay.calls.log import logging_to
from tensormesh_overlay.calls.raw import RawOptions, raw_request, raw_stream_request
from tensormesh_overlay.calls.requests import common_headers, http_request
from tensormesh_overlay.calls.responses import Beginning, ResentBeginning, decoded, failure, response
from tensormesh_overlay.calls.retry import attempts
from tensormesh_overlay.calls.rules import check_chat, check_response
from tensormesh_overlay.calls.stream_openings import Arrived, AsyncArrived, opened, opened_async
from tensormesh_overlay.configuration.config import Config, checked, flag
from tensormesh_overlay.configuration.retry_policy import Attempt
from tensormesh_overlay.configuration.target import UNLISTED, SurfaceName, target
from tensormesh_overlay.configuration.timeouts import timeouts
from tensormesh_overlay.errors import APIError
from tensormesh_overlay.sent_secrets import SentSecrets, sent_secrets
from tensormesh_overlay.telemetry.listening import PACKAGE, recording
from tensormesh_overlay.think_blocks.fields import unify_response
from tensormesh_overlay.think_blocks.messages import read_message
from tensormesh_overlay.transport_errors import AsOurs, as_ours
from tensormesh_runtime.sealing import seal, sealed
from tensormesh_runtime.types import NO_OPTIONS, CallOptions, Request, Response, StreamRequest
from tensormesh_transport.core.request_head import RequestHeaders
from tensormesh_transport.default import added_headers
from tensormesh_transport.errors import TooLongError, TransportError
from tensormesh_transport.messages import AsyncBody, AsyncTransport, Body, Transport
from tensormesh_transport.messages import Request as HTTPRequest
from tensormesh_transport.messages import Response as HTTPResponse
from tensormesh_transport.resources import Loading

if TYPE_CHECKING:
    from tensormesh_overlay.streaming.streams import AsyncStream, Stream
    from tensormesh_overlay.telemetry.recording import Recording
    from tensormesh_overlay.telemetry.streams import StreamRecording

CHAT, RESPONSE = "create_chat_completion", "create_response"

Flow = Generator[float | None, Any, Any]
Added = Callable[[str], Iterable[tuple[str, str]]]
"""The headers that a transport adds to requests for a base URL."""


class _Sender:
    """What the sync and the async sender know of a surface. No I/O."""

    def __init__(self, surface: SurfaceName, config: Config, transport: Transport | AsyncTransport) -> None:
        self._surface: SurfaceName = surface
        # A client of somebody else's has headers of its own, and is held by whoever needs to know them.
        self._added: Added = getattr(transport, "added_headers", added_headers)
        self._config = config
        self._ready: dict[tuple[str, bool, bool], HTTPRequest] = {}
        self._allows = {name: getattr(config, name) for name in ("allow_undescribed_tools", "allow_json_schema")}
        self._base_url: str | None = getattr(config, f"{surface}_base_url")

    def _prepare(self, request: Request[Any] | StreamRequest[Any, Any]) -> HTTPRequest:
        """The HTTP request of a call; what is the same for all calls of an operation is worked out once."""
        operation, options = request.operation, request.options
        if operation.id == CHAT:
            check_chat(request.json, **self._allowed(options))
        elif operation.id == RESPONSE:
            check_response(request.json, allow_json_schema=self._allowed(options)["allow_json_schema"])
        streaming, has_body = isinstance(request, StreamRequest), request.json is not None or bool(options.body)
        key = (operation.id, streaming, has_body)
        ready = self._ready.get(key) if options is NO_OPTIONS else None
        if ready is None:
            where = target(self._surface, operation, self._config, options)
            shared = common_headers(where, content=operation.content, streaming=streaming, has_body=has_body)
            headers = RequestHeaders(shared)
            parts = timeouts(self._config.limits, options, streaming=streaming, generates=operation.generates)
            most = self._config.max_response_bytes
            ready = HTTPRequest(operation.method, where.base_url, operation.path, headers, None, parts, most)
            if options is NO_OPTIONS and operation.call != UNLISTED:
                self._ready[key] = ready
        return http_request(request, ready)

    def _allowed(self, options: CallOptions) -> dict[str, bool]:
        """What is sent though the service is known to refuse it: the call says so, or else the client."""
        if options is NO_OPTIONS:
            return self._allows
        own = {name: getattr(options, name) for name in self._allows}
        return self._allows | {name: checked(name, flag, value) for name, value in own.items() if value is not None}

    def _flow(self, request: Request[Any] | StreamRequest[Any, Any], sent: HTTPRequest) -> Flow:
        policy, url = self._config.retry, sent.base_url + sent.path.partition("?")[0]
        watch = logging_to(policy.observe)
        if watch is not None:
            watch = partial(_told, watch, self._secrets(request, sent))
        return attempts(policy, self._config.max_retries, request.operation.idempotent, sent.method, url, watch)

    def _answer[T](self, request: Request[T], sent: HTTPRequest, received: HTTPResponse) -> Response[T]:
        try:
            return self._read(request, sent, received)
        except APIError as error:
            harmless = self._concealed(request, sent, received, error)
            if harmless is received:
                raise
        # The same error once more, of what may be shown: this one, and its frames, hold what may not.
        return self._read(request, sent, harmless)

    def _read[T](self, request: Request[T], sent: HTTPRequest, received: HTTPResponse) -> Response[T]:
        data = decoded(request, sent, received)
        if request.operation.id == CHAT and isinstance(data, dict):
            choices = data.get("choices")
            for choice in choices if isinstance(choices, list) else ():
                message = choice.get("message") if isinstance(choice, dict) else None
                if isinstance(message, dict):
                    read_message(message, self._config.think)
        elif request.operation.id == RESPONSE:
            unify_response(data)
        return response(request, sent, received, data)

    def _concealed(
        self, request: Request[Any], sent: HTTPRequest, received: HTTPResponse, error: APIError
    ) -> HTTPResponse:
        """An answer, and its error, without what the call sent; the same object where it held nothing of that."""
        secrets = self._secrets(request, sent)()
        secrets.conceal(error)
        return secrets.answer(received)

    def _failure(self, request: StreamRequest[Any, Any], sent: HTTPRequest, received: HTTPResponse) -> Exception | None:
        """The error of an answer to a stream request that came as a whole, if it is one."""
        error = failure(request.operation.id, sent, received)
        if error is None:
            return None
        secrets = self._secrets(request, sent)()
        error = failure(request.operation.id, sent, secrets.answer(received))
        return secrets.conceal(error) if isinstance(error, APIError) else error

    def _secrets(
        self, request: Request[Any] | StreamRequest[Any, Any] | None, sent: HTTPRequest
    ) -> Callable[[], SentSecrets]:
        """Finds out what a call sent that no error may show. It holds nothing of the transport that is ours."""
        return partial(_found, self._added, sent.base_url, sent.headers, sent.path, request)


def _found(
    added: Added,
    base_url: str,
    headers: Mapping[str, str],
    path: str,
    request: Request[Any] | StreamRequest[Any, Any] | None,
) -> SentSecrets:
    bodies = () if request is None else (request.json, request.options.body)
    return sent_secrets([*headers.items(), *added(base_url)], path, *bodies)


def _told(watch: Callable[[Attempt], None], secrets: Callable[[], SentSecrets], attempt: Attempt) -> None:
    """Tell of a try; where it failed, a host may have said anything."""
    if attempt.request_id and not 200 <= (attempt.status_code or 0) < 300:
        attempt = attempt._replace(request_id=secrets().text(attempt.request_id))
    watch(attempt)


class Sender(_Sender):
    """One surface as a client of the low-level functions: `api.chat.create_chat_completion.sync(client=...)`."""

    def __init__(self, surface: SurfaceName, config: Config, transport: Transport) -> None:
        super().__init__(surface, config, transport)
        self._transport = transport

    def send[T](self, request: Request[T], _call: Recording | None = None) -> Response[T]:
        """
        Send a request and give its answer.

        Raises:
            TensormeshError: anything but success; see `tensormesh.errors`.
        """
        if PACKAGE in modules and _call is None and (call := recording(request, self._base_url)):
            with call:
                return call.answered(self.send(call.request, call))
        sent = self._prepare(request)
        if request.operation.id not in WHOLE:
            self._load(request, sent)
        received: HTTPResponse = self._attempt(sent, self._flow(request, sent), self._transport.send)
        return self._answer(request, sent, received)

    def stream[E, F](self, request: StreamRequest[E, F], _call: StreamRecording | None = None) -> Stream[E, F]:
        """
        Send a request and hand out its events as they arrive.

        Raises:
            TensormeshError: anything but success; see `tensormesh.errors`.
        """
        if PACKAGE in modules and _call is None and (call := recording(request, self._base_url)):
            with call:
                return self.stream(call.request, call)
        sent = self._prepare(request)
        if request.operation.id not in STREAMED:
            self._load(request, sent)
        received: Body = self._attempt(sent, self._flow(request, sent), self._open)
        if isinstance(received, Arrived) and (error := self._failure(request, sent, received.response)):
            raise error
        from tensormesh_overlay.streaming.streams import Stream  # it was loaded before the call was sent

        secrets = self._secrets(request, sent)
        return Stream(request, self._config.think, received, sent.place, sent.max_bytes, secrets, _call)

    def request(self, method: str, path: str, **options: Unpack[RawOptions]) -> Response[Any]:
        """Call any route of this surface, listed in the documents or not; `parsed` is the plain JSON of the answer."""
        path = sealed(path)
        seal(options)
        return self.send(raw_request(self._surface, method, path, options))

    def stream_request(self, method: str, path: str, **options: Unpack[RawOptions]) -> Stream[dict[str, Any], Any]:
        """Like `request`, for a route that answers with server-sent events; each is given as plain JSON."""
        path = sealed(path)
        seal(options)
        return self.stream(raw_stream_request(self._surface, method, path, options))

    def pause(self, seconds: float) -> None:
        """Let time pass between two calls."""
        time.sleep(seconds)

    def _load(self, request: Request[Any] | StreamRequest[Any, Any], sent: HTTPRequest) -> None:
        if needs_loading(request):
            with AsOurs(sent.place), Loading():
                load(request)

    def _open(self, sent: HTTPRequest) -> Body:
        return opened(self._transport.open(sent), sent.max_bytes)

    def _attempt(self, sent: HTTPRequest, flow: Flow, carry: Any) -> Any:
        outcome: Any = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as end:
                return end.value
            except BaseException:
                # Whoever observes the attempts may raise, and then nobody else knows of a stream that is open.
                if hasattr(outcome, "close"):
                    outcome.close()
                raise
            if step is not None:
                time.sleep(step)
                outcome = None
                continue
            try:
                outcome = carry(sent)
            except TooLongError as error:
                kind = ResentBeginning if error.resent else Beginning
                outcome = kind(error.status_code, error.headers, error.beginning)
            except TransportError as error:
                outcome = self._secrets(None, sent)().conceal(as_ours(error, sent.place))


class AsyncSender(_Sender):
    """The asynchronous version of `Sender`."""

    def __init__(self, surface: SurfaceName, config: Config, transport: AsyncTransport) -> None:
        super().__init__(surface, config, transport)
        self._transport = transport

    async def send[T](self, request: Request[T], _call: Recording | None = None) -> Response[T]:
        """
        Send a request and give its answer.

        Raises:
            TensormeshError: anything but success; see `tensormesh.errors`.
        """
        if PACKAGE in modules and _call is None and (call := recording(request, self._base_url)):
            with call:
                return call.answered(await self.send(call.request, call))
        sent = self._prepare(request)
        if request.operation.id not in WHOLE:
            await self._load(request, sent)
        received: HTTPResponse = await self._attempt(sent, self._flow(request, sent), self._transport.send)
        return self._answer(request, sent, received)

    async def stream[E, F](
        self, request: StreamRequest[E, F], _call: StreamRecording | None = None
    ) -> AsyncStream[E, F]:
        """
        Send a request and hand out its events as they arrive.

        Raises:
            TensormeshError: anything but success; see `tensormesh.errors`.
        """
        if PACKAGE in modules and _call is None and (call := recording(request, self._base_url)):
            with call:
                return await self.stream(call.request, call)
        sent = self._prepare(request)
        if request.operation.id not in STREAMED:
            await self._load(request, sent)
        received: AsyncBody = await self._attempt(sent, self._flow(request, sent), self._open)
        if isinstance(received, AsyncArrived) and (error := self._failure(request, sent, received.response)):
            raise error
        from tensormesh_overlay.streaming.streams import AsyncStream  # it was loaded before the call was sent

        secrets = self._secrets(request, sent)
        return AsyncStream(request, self._config.think, received, sent.place, sent.max_bytes, secrets, _call)

    async def request(self, method: str, path: str, **options: Unpack[RawOptions]) -> Response[Any]:
        """Call any route of this surface, listed in the documents or not; `parsed` is the plain JSON of the answer."""
        path = sealed(path)
        seal(options)
        return await self.send(raw_request(self._surface, method, path, options))

    async def stream_request(
        self, method: str, path: str, **options: Unpack[RawOptions]
    ) -> AsyncStream[dict[str, Any], Any]:
        """Like `request`, for a route that answers with server-sent events; each is given as plain JSON."""
        path = sealed(path)
        seal(options)
        return await self.stream(raw_stream_request(self._surface, method, path, options))

    async def pause(self, seconds: float) -> None:
        """Let time pass between two calls."""
        await self._transport.sleep(seconds)

    async def _load(self, request: Request[Any] | StreamRequest[Any, Any], sent: HTTPRequest) -> None:
        if needs_loading(request):
            key = (request.operation.id, type(request))
            with AsOurs(sent.place), Loading():
                await self._transport.aside(key, partial(load, request))

    async def _open(self, sent: HTTPRequest) -> AsyncBody:
        return await opened_async(await self._transport.open(sent), sent.max_bytes)

    async def _attempt(self, sent: HTTPRequest, flow: Flow, carry: Any) -> Any:
        outcome: Any = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as end:
                return end.value
            except BaseException:
                if hasattr(outcome, "close"):
                    await outcome.close()
                raise
            if step is not None:
                await self._transport.sleep(step)
                outcome = None
                continue
            try:
                outcome = await carry(sent)
            except TooLongError as error:
                kind = ResentBeginning if error.resent else Beginning
                outcome = kind(error.status_code, error.headers, error.beginning)
            except TransportError as error:
                outcome = self._secrets(None, sent)().conceal(as_ours(error, sent.place))
