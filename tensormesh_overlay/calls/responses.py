"""What an answer means: the success type of a call, or an error. No I/O."""

from __future__ import annotations

from typing import Any

from tensormesh_generated.types import Headers, Request, Response
from tensormesh_overlay.errors import ModelError, ProtocolError, status_error
from tensormesh_overlay.json_values import from_json
from tensormesh_transport.messages import AsyncBody, Body
from tensormesh_transport.messages import Request as HTTPRequest
from tensormesh_transport.messages import Response as HTTPResponse

MAX_ERROR_BODY_BYTES = 1024 * 1024
"""How much of an error answer to a stream request is read."""


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
