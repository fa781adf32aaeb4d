"""Between the values of the generated package and HTTP: what is sent, and what an answer means. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from tensormesh_generated.types import Request, Response, StreamRequest
from tensormesh_overlay.errors import ModelError, ProtocolError, status_error
from tensormesh_overlay.surfaces import Target

T = TypeVar("T")

USER_AGENT = "tensormesh-python/0.1.0"


@dataclass(frozen=True)
class HTTPRequest:
    """One request as it goes out. Its `repr` shows no header, so it shows no key."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)


@dataclass(frozen=True)
class HTTPResponse:
    """One whole answer as it came in; header names in lower case."""

    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


def http_request(request: Request[Any] | StreamRequest[Any], where: Target) -> HTTPRequest:
    """
    The HTTP request of a call.

    Raises:
        ModelError: the body holds a value that JSON has no word for, such as NaN.
    """
    url = where.base_url + request.path
    if request.query:
        url = f"{url}?{urlencode(request.query)}"
    accept = "text/event-stream" if isinstance(request, StreamRequest) else "application/json"
    headers = {"Accept": accept, "User-Agent": USER_AGENT, **where.headers}
    content = None
    if request.json is not None:
        headers["Content-Type"] = "application/json"
        try:
            content = json.dumps(request.json, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except (ValueError, RecursionError) as error:
            raise ModelError(f"the body of {request.operation.id} cannot be sent as JSON: {error}") from error
    return HTTPRequest(request.operation.method, url, headers, content)


def parse[T](request: Request[T], sent: HTTPRequest, received: HTTPResponse) -> Response[T]:
    """
    What an answer means.

    Raises:
        APIStatusError: it is not a success.
        ProtocolError: it is one, and its body is not what the documents say.
    """
    status, headers, content = received.status_code, received.headers, received.content
    if not 200 <= status < 300:
        raise status_error(status, headers, content, plain_url(sent.url))
    try:
        data = {} if not content.strip() and request.operation.empty_ok else json.loads(content)
        parsed = request.parse(data)
    except (ModelError, ValueError, RecursionError) as error:
        text = content.decode("utf-8", errors="replace")
        raise ProtocolError(
            f"HTTP {status} from {plain_url(sent.url)} is a success, but {_what(text, error)}",
            status_code=status,
            request_id=headers.get("x-request-id"),
            body=text,
        ) from error
    return Response(status, headers, content, parsed)


def plain_url(url: str) -> str:
    """The URL without its query: a key may travel there."""
    return url.partition("?")[0]


def _what(text: str, error: Exception) -> str:
    if not text.strip():
        return "its body is empty"
    if isinstance(error, ModelError):
        return f"its body is not the documented object: {error}"
    return f"its body is not JSON; it begins {text[:80]!r}. Is the base URL that of the API?"
