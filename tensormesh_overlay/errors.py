"""
Every way a call can fail.

    TensormeshError
    ├── ConfigurationError            the client cannot be built, or lacks what this call needs; nothing was sent
    ├── ModelError                    a value that is no JSON, or JSON that is no such model
    │   ├── MissingFieldError         a promised field was read, and the answer did not contain it
    │   └── SerializationError        a value that cannot be sent; `path` tells where it stands
    ├── DeploymentError               a deployment that was waited for was deleted, or has failed
    │   └── DeploymentTimeoutError    it is not up in time
    ├── ToolLoopError                 tools were called again and again, and no answer came of it
    └── APIError
        ├── APIConnectionError        no answer: refused, reset, name not found, TLS
        │   └── APITimeoutError       no answer in time
        ├── ProtocolError             a success whose body is not what the documents say
        ├── StreamError               a stream that could not be read to its end
        │   ├── StreamTruncatedError  it stopped, or the connection broke, before it was finished
        │   ├── StreamTimeoutError    it was silent for too long
        │   └── StreamEventError      the host reported an error inside it
        └── APIStatusError            any other status than success
            ├── BadRequestError 400   ├── NotFoundError 404             ├── RateLimitError 429
            ├── AuthenticationError 401  ├── ConflictError 409          └── InternalServerError 500 and above
            └── PermissionDeniedError 403  └── UnprocessableEntityError 422

All of them pickle, and none of them holds a request, so none can show a key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tensormesh_generated.errors import MissingFieldError as MissingFieldError
from tensormesh_generated.errors import ModelError as ModelError
from tensormesh_generated.errors import SerializationError as SerializationError
from tensormesh_generated.errors import TensormeshError as TensormeshError
from tensormesh_generated.types import Headers
from tensormesh_overlay.error_bodies import message_of, status_of
from tensormesh_overlay.json_values import from_json

BODY_SHOWN = 2_000
"""Characters of an answer's body that a message shows; all of it is in `body`."""


class ConfigurationError(TensormeshError, ValueError):
    """The client cannot be built, or lacks what this call needs. Nothing was sent."""


class APIError(TensormeshError):
    """A call that was sent, or would have been, and did not succeed."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle by calling their class with `args`, which only fits a constructor of one argument.
        return _rebuild, (type(self), self.args, vars(self))


class APIConnectionError(APIError):
    """
    The host could not be reached, or went away before it answered.

    Attributes:
        sent: whether the host may have seen the request. Where it is False, nothing has happened there.
        resent: whether the client had sent it a second time by itself: the first one went to a connection that the host
            was closing, and nobody can have read it.
    """

    def __init__(self, message: str, *, sent: bool = True, resent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.resent = resent


class APITimeoutError(APIConnectionError):
    """The host did not answer in time."""


class ProtocolError(APIError):
    """
    The host reported success, and its body is not what the documents say.

    Attributes:
        status_code: the HTTP status.
        request_id: the host's name for the call.
        body: the body as text.
    """

    def __init__(self, message: str, *, status_code: int, request_id: str | None, body: str) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.request_id = request_id
        self.body = body


class StreamError(APIError):
    """A stream that could not be read to its end; what had arrived was handed out before."""


class StreamTruncatedError(StreamError, APIConnectionError):
    """The stream stopped, or the connection broke, before the host said it was finished."""


class StreamTimeoutError(StreamError, APITimeoutError):
    """The stream was silent for too long."""


class StreamEventError(StreamError):
    """
    The host reported an error inside a stream.

    Attributes:
        status_code: the status the host would have answered with, where it says.
        body: the event as decoded JSON.
    """

    def __init__(self, message: str, *, status_code: int | None, body: Any) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.body = body


class DeploymentError(TensormeshError):
    """
    A deployment that was waited for was deleted, or has failed.

    Attributes:
        model: the deployment as it was last seen; None where nothing was seen of it.
    """

    def __init__(self, message: str, *, model: Any) -> None:
        super().__init__(message)
        self.model = model

    __reduce__ = APIError.__reduce__


class DeploymentTimeoutError(DeploymentError, TimeoutError):
    """A deployment that was waited for is not up in time. It may still come up."""


class ToolLoopError(TensormeshError):
    """
    The model called tools as often as it might, and gave no answer; or called one in a way that nothing can be made of.

    Attributes:
        run: all that was said until then, as `run_tools` would have given it.
    """

    def __init__(self, message: str, *, run: Any) -> None:
        super().__init__(message)
        self.run = run

    __reduce__ = APIError.__reduce__


class APIStatusError(APIError):
    """
    The host answered with another status than success.

    Attributes:
        status_code: the HTTP status, as a plain number (529 is one too).
        request_id: the host's name for the call, which support asks for first.
        body: the decoded JSON, or the text where it is none, or None where it is empty.
        headers: the answer's headers, by name in any case.
    """

    def __init__(self, message: str, *, status_code: int, body: Any, headers: Mapping[str, str]) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.body = body
        self.headers: Mapping[str, str] = Headers(headers)

    @property
    def request_id(self) -> str | None:
        return self.headers.get("x-request-id")


class BadRequestError(APIStatusError):
    """400: the host does not accept the request as it is."""


class AuthenticationError(APIStatusError):
    """401: the key or token is missing or wrong."""


class PermissionDeniedError(APIStatusError):
    """403: the key is known and may not do this."""


class NotFoundError(APIStatusError):
    """404: no such model, resource or path."""


class ConflictError(APIStatusError):
    """409: the request contradicts what is already there."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is well formed and makes no sense to the host."""


class RateLimitError(APIStatusError):
    """429: too many requests, or an overloaded host."""


class InternalServerError(APIStatusError):
    """500 and above: the host failed."""


_CLASSES: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}

_ADVICE = {
    401: "check the credential: inference takes an inference API key, the control plane its own token",
    403: "this credential may not do that; ask the owner of the account",
    404: "check the name or id that was asked for, and the base URL",
    429: "wait and try again; the Retry-After header says how long, where the host sends it",
}


def _rebuild(kind: type[APIError], arguments: tuple[Any, ...], state: dict[str, Any]) -> APIError:
    error = kind.__new__(kind, *arguments)
    error.args = arguments  # which those of the standard library leave to their constructors
    vars(error).update(state)
    return error


def status_error(
    status_code: int, headers: Mapping[str, str], content: bytes, place: str, note: str = ""
) -> APIStatusError:
    """The error for an answer of `place` that is not a success, whatever its body is; `note` says what it lacks."""
    body = _decode(content)
    kind = _class(status_code)
    request_id = headers.get("x-request-id")
    parts = [f"HTTP {status_code}"]
    if request_id:
        parts.append(f"[request {request_id}]")
    parts.append(f"from {place}:")
    parts.append(_excerpt(body))
    advice = _ADVICE.get(status_code)
    if 300 <= status_code < 400:
        # Without its query and user: a key may travel there.
        place = re.sub(r"//[^/@]*@", "//", headers.get("location", "the new place").partition("?")[0])
        advice = f"redirects are not followed, so that no key travels with one; does the base URL belong to {place}?"
    parts += [f"({remark})" for remark in (note, advice) if remark]
    return kind(" ".join(parts), status_code=status_code, body=body, headers=headers)


def reported_error(
    status_code: int, headers: Mapping[str, str], content: bytes, place: str, body: Any
) -> APIStatusError | ProtocolError:
    """The error for an answer of `place` that is a success by its status, and an error by its body."""
    request_id, words = headers.get("x-request-id"), _excerpt(body)
    named = f"[request {request_id}] " if request_id else ""
    message = f"HTTP {status_code} {named}from {place} is a success, but its body reports an error: {words}"
    reported = status_of(body)
    if reported is None:
        text = content.decode("utf-8", errors="replace")
        return ProtocolError(message, status_code=status_code, request_id=request_id, body=text)
    advice = f" ({_ADVICE[reported]})" if reported in _ADVICE else ""
    return _class(reported)(message + advice, status_code=reported, body=body, headers=headers)


def _class(status_code: int) -> type[APIStatusError]:
    return _CLASSES.get(status_code) or (InternalServerError if status_code >= 500 else APIStatusError)


def _decode(content: bytes) -> Any:
    try:
        return from_json(content)
    except (ValueError, RecursionError, MemoryError):
        return content.decode("utf-8", errors="replace").strip() or None


def _excerpt(body: Any) -> str:
    if body is None or body == "":
        return "the body is empty"
    text = message_of(body) or (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False))
    return text if len(text) <= BODY_SHOWN else f"{text[:BODY_SHOWN]}... ({len(text)} characters)"
