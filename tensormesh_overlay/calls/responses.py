"""What an answer means: the success type of a call, or an error. No I/O."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from typing import Any

from tensormesh_overlay.configuration.target import UNLISTED
from tensormesh_overlay.error_bodies import (
    is_error,
    is_list_of_an_error,
    is_only_error,
    looks_like_error,
    without_secrets,
)
from tensormesh_overlay.errors import APIStatusError, ProtocolError, ValidationError
from tensormesh_overlay.json_values import from_json
from tensormesh_overlay.status_errors import reported_error, status_error
from tensormesh_runtime.headers import Headers
from tensormesh_runtime.json_model import JsonModel, note_request_id
from tensormesh_runtime.types import Request, Response
from tensormesh_transport.messages import BEGINNING_BYTES, AsyncBody, Body
from tensormesh_transport.messages import Request as HTTPRequest
from tensormesh_transport.messages import Response as HTTPResponse

JSON = "application/json"
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)


class Beginning(HTTPResponse):
    """The beginning of an answer that is longer than it may be."""

    __slots__ = ()


class ResentBeginning(Beginning):
    """The same of the answer to a request that was sent a second time."""

    __slots__ = ()

    @property
    def resent(self) -> bool:
        return True


def decoded(request: Request[Any], sent: HTTPRequest, received: HTTPResponse) -> Any:
    """
    The JSON of an answer, or the text that it is; None where it is documented to have no body.

    Raises:
        APIStatusError: it is not a success.
        ProtocolError: it is one, and its body is not JSON, or too long.
    """
    status, content = received.status_code, received.content
    if not 200 <= status < 300:
        raise _status_error(sent, received)
    if isinstance(received, Beginning):
        raise _too_long(sent, received, "its body is")
    if request.operation.content != JSON and not request.operation.content.endswith("+json"):
        return _plain(request, sent, received)
    try:
        return from_json(content)
    except MemoryError as error:
        raise _no_memory(sent, received) from error
    except (ValueError, RecursionError) as error:
        if request.operation.empty_ok and not content.strip():
            return {}
        what = "its body is empty"
        if begins_like_events(content):
            what = "it is a stream of events, and none was asked for: the host seems to stream always. Use stream=True"
        elif content.strip():
            what = f"its body is not JSON; it begins {_begin(content)!r}. Is the base URL that of the API?"
        raise _protocol_error(sent, received, what) from error


def _plain(request: Request[Any], sent: HTTPRequest, received: HTTPResponse) -> str | None:
    """
    The text of an answer that is not JSON; None where it is documented to have no body.

    Raises:
        APIStatusError: it is an error that came as JSON.
    """
    kind = received.headers.get("content-type", "")
    if received.content.strip() and JSON in kind.lower():
        try:
            data = from_json(received.content)
        except (ValueError, RecursionError, MemoryError):
            data = None
        if isinstance(data, dict) and is_error(data):
            raise _reported(sent, received, data)
    if not request.operation.content:
        return None
    found = _CHARSET.search(kind)
    try:
        return received.content.decode(found[1] if found else "utf-8", errors="replace")
    except LookupError:
        return received.content.decode("utf-8", errors="replace")


def response[T](request: Request[T], sent: HTTPRequest, received: HTTPResponse, data: Any) -> Response[T]:
    """
    The answer as the operation's success type.

    Raises:
        ProtocolError: the JSON is not the documented object, or an error without a status of its own.
        APIStatusError: it is an error that names its status.
    """
    try:
        parsed = request.parse(data)
    except ValidationError as error:
        if is_list_of_an_error(data):
            raise _reported(sent, received, data) from error
        raise _protocol_error(sent, received, f"its body is not the documented object: {error}") from error
    except MemoryError as error:
        raise _no_memory(sent, received) from error
    needed = request.operation.id in _NEEDED
    if needed and not isinstance(data, dict):
        raise _protocol_error(sent, received, "its body is not the documented object")
    if isinstance(data, dict) and (needed or isinstance(parsed, JsonModel)):
        lacking = _lacking(request.operation.id, data)
        unknown = isinstance(parsed, JsonModel) and vars(parsed).keys() == {"additional_properties"}
        if is_error(data) or ((lacking or unknown) and looks_like_error(data)):
            raise _reported(sent, received, data)
        if lacking:
            raise _protocol_error(sent, received, f"its body holds no {lacking}")
    elif request.operation.call == UNLISTED and isinstance(data, dict) and is_only_error(data):
        raise _reported(sent, received, data)
    headers = Headers(received.headers)
    if isinstance(parsed, JsonModel) and (request_id := headers.get("x-request-id")):
        note_request_id(parsed, request_id)
    return Response(received.status_code, headers, received.content, parsed)


def failure(operation: str, sent: HTTPRequest, received: HTTPResponse) -> Exception | None:
    """The error of an answer to a stream request that came as a whole; None where it is one all the same."""
    if not 200 <= received.status_code < 300:
        return _status_error(sent, received)
    if isinstance(received, Beginning):
        return _too_long(sent, received, "no stream of events, and")
    try:
        data = from_json(received.content)
    except (ValueError, RecursionError):
        data = None
    except MemoryError:
        return _no_memory(sent, received)
    lacking = not isinstance(data, dict) or _lacking(operation, data) != ""
    if isinstance(data, dict) and (is_error(data) or (lacking and looks_like_error(data))):
        return _reported(sent, received, data)
    if is_list_of_an_error(data):
        return _reported(sent, received, data)
    if lacking and received.content.strip():
        what = f"no stream of events; it begins {_begin(received.content)!r}. Is the base URL right?"
        return _protocol_error(sent, received, what)
    return None


def is_event_stream(body: Body | AsyncBody) -> bool:
    """Whether an answer is a stream by its label; some hosts give it another, or none."""
    kind = body.headers.get("content-type", "").partition(";")[0].strip().lower()
    return 200 <= body.status_code < 300 and kind == "text/event-stream"


def begins_like_events(begin: bytes) -> bool:
    """Whether the beginning of an answer is that of a stream of events."""
    return begin.removeprefix(BOM_UTF8).lstrip().startswith((b"data:", b"event:", b"id:", b"retry:", b":"))


_NEEDED = {"create_chat_completion": "choices", "create_completion": "choices", "create_response": "output"}
"""What makes an answer one."""


def _lacking(operation: str, data: dict[str, Any]) -> str:
    """The name of what an answer would hold, and this one does not."""
    key = _NEEDED.get(operation)
    if key is None:
        return ""
    value = data.get(key)
    if isinstance(value, list):
        if key == "output":
            return ""
        for item in value:
            if isinstance(item, dict):
                return ""
    # Where it is not finished, there need be none.
    return "" if key == "output" and isinstance(status := data.get("status"), str) and status != "completed" else key


def _reported(sent: HTTPRequest, received: HTTPResponse, data: Any) -> Exception:
    return reported_error(received.status_code, received.headers, received.content, sent.place, data)


def _status_error(sent: HTTPRequest, received: HTTPResponse) -> APIStatusError:
    note = "its body goes on, and no more of it is read than max_response_bytes= allows"
    note = note if isinstance(received, Beginning) else ""
    return status_error(received.status_code, received.headers, received.content, sent.place, note)


def _begin(content: bytes) -> str:
    """The first signs of a body, without what it was about to hand out."""
    return without_secrets(content[:2_000].decode("utf-8", errors="replace"))[:80]


def _too_long(sent: HTTPRequest, received: HTTPResponse, what: str) -> ProtocolError:
    limit = f"longer than {sent.max_bytes} bytes, the limit that max_response_bytes= sets"
    return _protocol_error(sent, received, f"{what} {limit}")


def _no_memory(sent: HTTPRequest, received: HTTPResponse) -> ProtocolError:
    what = f"there is no memory to read its {len(received.content)} bytes; max_response_bytes= sets a limit"
    return _protocol_error(sent, received._replace(content=received.content[:BEGINNING_BYTES]), what)


def _protocol_error(sent: HTTPRequest, received: HTTPResponse, what: str) -> ProtocolError:
    return ProtocolError(
        f"HTTP {received.status_code} from {sent.place} is a success, but {what}",
        status_code=received.status_code,
        request_id=received.headers.get("x-request-id"),
        body=received.content.decode("utf-8", errors="replace"),
    )
