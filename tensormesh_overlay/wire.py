"""Between the values of the generated package and HTTP: what is sent, and what an answer means. No I/O."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

from tensormesh_generated.types import Headers, Request, Response, StreamRequest
from tensormesh_overlay.errors import ModelError, ProtocolError, status_error
from tensormesh_overlay.json_values import from_json, to_json
from tensormesh_overlay.limits import Limits
from tensormesh_overlay.surfaces import Target

USER_AGENT = "tensormesh-python/0.1.0"

MAX_ERROR_BODY_BYTES = 1024 * 1024
"""How much of an error answer to a stream request is read."""

_REQUEST_LINE = re.compile(r'[A-Z-]+ /[!"$-~]*')


class HTTPRequest(NamedTuple):
    """One request as it goes out. Its `repr` shows no header, so it shows no key."""

    method: str
    base_url: str
    path: str
    headers: Mapping[str, str]
    content: bytes | None
    limits: Limits

    def __repr__(self) -> str:
        return f"HTTPRequest({self.place})"

    @property
    def url(self) -> str:
        return self.base_url + self.path

    @property
    def place(self) -> str:
        """What is called, for messages: without the query, where a key may travel."""
        return f"{self.method} {self.base_url}{self.path.partition('?')[0]}"


class HTTPResponse(NamedTuple):
    """One whole answer as it came in; header names in lower case."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def __repr__(self) -> str:
        return f"HTTPResponse({self.status_code})"


class Body(Protocol):
    """An answer whose body is still arriving."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...

    def __iter__(self) -> Iterator[bytes]: ...
    def finish(self) -> None:
        """The rest is not wanted: keep the connection if nothing much is left, else close it."""
        ...

    def close(self) -> None: ...


class AsyncBody(Protocol):
    """The asynchronous twin of `Body`."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def finish(self) -> None: ...
    async def close(self) -> None: ...


class Wire(Protocol):
    """Carries requests. `send` and `open` raise `APIConnectionError` where no answer comes."""

    def send(self, request: HTTPRequest) -> HTTPResponse: ...
    def open(self, request: HTTPRequest) -> Body: ...
    def close(self) -> None: ...


class AsyncWire(Protocol):
    """The asynchronous twin of `Wire`."""

    async def send(self, request: HTTPRequest) -> HTTPResponse: ...
    async def open(self, request: HTTPRequest) -> AsyncBody: ...
    async def sleep(self, seconds: float) -> None:
        """Wait before another attempt, in the event loop that this wire runs in."""
        ...

    async def close(self) -> None: ...


def common_headers(where: Target, *, streaming: bool, has_body: bool) -> dict[str, str]:
    """All headers of a call."""
    headers = {
        "accept": "text/event-stream" if streaming else "application/json",
        # A gateway that compresses a stream holds it back.
        "accept-encoding": "identity" if streaming else "gzip, deflate",
        "user-agent": USER_AGENT,
    }
    if has_body:
        headers["content-type"] = "application/json"
    return headers | where.headers


def http_request(request: Request[Any] | StreamRequest[Any, Any], ready: HTTPRequest) -> HTTPRequest:
    """
    The HTTP request of a call, `ready` but for its path and content.

    Raises:
        ModelError: the method or the path is none, or the body holds a value that JSON has no word for, such as NaN.
    """
    path, options = request.path, request.options
    if not _REQUEST_LINE.fullmatch(f"{ready.method} {path}"):
        raise ModelError(f"{ready.method!r} {path!r} cannot stand in a request: percent-encode the path")
    query = request.query + options.query
    if query:
        try:
            path = f"{path}{'&' if '?' in path else '?'}{urlencode(query)}"
        except UnicodeEncodeError as error:
            raise ModelError(f"the query of {request.operation.id} cannot be sent: {error}") from error
    body = request.json
    if options.body:
        body = {**(body or {}), **options.body}
    content = None
    if body is not None:
        try:
            content = to_json(body)
        except (ValueError, RecursionError) as error:
            raise ModelError(f"the body of {request.operation.id} cannot be sent as JSON: {error}") from error
    return HTTPRequest(ready.method, ready.base_url, path, ready.headers, content, ready.limits)


def decoded(request: Request[Any], sent: HTTPRequest, received: HTTPResponse) -> Any:
    """
    The JSON of an answer.

    Raises:
        APIStatusError: it is not a success.
        ProtocolError: it is one, and its body is not JSON.
    """
    status, content = received.status_code, received.content
    if not 200 <= status < 300:
        raise failure(sent, received)
    try:
        return from_json(content)
    except (ValueError, RecursionError) as error:
        if request.operation.empty_ok and not content.strip():
            return {}
        text = content.decode("utf-8", errors="replace")
        what = "its body is empty"
        if text.strip():
            what = f"its body is not JSON; it begins {text[:80]!r}. Is the base URL that of the API?"
        raise _protocol_error(sent, received, what) from error


def response[T](request: Request[T], sent: HTTPRequest, received: HTTPResponse, data: Any) -> Response[T]:
    """
    The answer as the operation's success type.

    Raises:
        ProtocolError: the JSON is not the documented object.
    """
    try:
        parsed = request.parse(data)
    except ModelError as error:
        raise _protocol_error(sent, received, f"its body is not the documented object: {error}") from error
    return Response(received.status_code, Headers(received.headers), received.content, parsed)


def streams(body: Body | AsyncBody) -> bool:
    """Whether an answer to a stream request is one, or at least does not say that it is something else."""
    kind = body.headers.get("content-type", "").partition(";")[0].strip().lower()
    other = kind.endswith("json") or (kind.startswith("text/") and kind != "text/event-stream")
    return 200 <= body.status_code < 300 and not other


def failure(sent: HTTPRequest, received: HTTPResponse) -> Exception:
    """The error of an answer that is no success, or that is no stream where one was asked for."""
    if 200 <= received.status_code < 300:
        text = received.content.decode("utf-8", errors="replace")
        return _protocol_error(sent, received, f"no stream of events; it begins {text[:80]!r}. Is the base URL right?")
    return status_error(received.status_code, received.headers, received.content, sent.place)


def _protocol_error(sent: HTTPRequest, received: HTTPResponse, what: str) -> ProtocolError:
    return ProtocolError(
        f"HTTP {received.status_code} from {sent.place} is a success, but {what}",
        status_code=received.status_code,
        request_id=received.headers.get("x-request-id"),
        body=received.content.decode("utf-8", errors="replace"),
    )
