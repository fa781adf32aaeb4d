"""
Every way a call can fail.

    TensormeshError
    ├── ConfigurationError            the client cannot be built, or lacks what this call needs; nothing was sent
    ├── ValidationError               a call or a value that cannot be sent, or JSON that is no such model
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
from collections.abc import Mapping
from typing import Any

from tensormesh_overlay.error_bodies import code_of, looks_like_error, param_of, sentence_of, type_of
from tensormesh_overlay.json_values import from_body
from tensormesh_overlay.retry_after import retry_after
from tensormesh_runtime.errors import MissingFieldError as MissingFieldError
from tensormesh_runtime.errors import ModelError as ModelError
from tensormesh_runtime.errors import SerializationError as SerializationError
from tensormesh_runtime.errors import TensormeshError as TensormeshError
from tensormesh_runtime.errors import ValidationError as ValidationError
from tensormesh_runtime.headers import Headers
from tensormesh_runtime.publication import public
from tensormesh_runtime.types import Response


@public
class ConfigurationError(TensormeshError, ValueError):
    """The client cannot be built, or lacks what this call needs. Nothing was sent."""


@public
class APIError(TensormeshError):
    """
    A call that was sent, or would have been, and did not succeed.

    Attributes:
        sent: whether the host may have seen the request. Where it is False, nothing has happened there.
        request_id: the host's name for the call, which support asks for first; None where it gave none.
        body: what the host said, decoded where it is JSON; None where it said nothing.
    """

    sent: bool = True
    request_id: str | None = None
    body: Any = None

    @property
    def message(self) -> str:
        """What went wrong, in the host's own sentence where it has one, and without what the client adds to it."""
        return sentence_of(self._report) or str(self)

    @property
    def code(self) -> str | int | None:
        """The host's name or number for what went wrong, such as `model_not_found`."""
        return code_of(self._report)

    @property
    def type(self) -> str | None:
        """The kind of error that the host speaks of, such as `invalid_request_error`."""
        return type_of(self._report)

    @property
    def param(self) -> str | None:
        """The field of the request that the host complains of."""
        return param_of(self._report)

    @property
    def _report(self) -> Any:
        return self.body

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle by calling their class with `args`, which only fits a constructor of one argument.
        return _rebuild, (type(self), self.args, vars(self))


@public
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


@public
class APITimeoutError(APIConnectionError):
    """The host did not answer in time."""


@public
class ProtocolError(APIError):
    """
    The host reported success, and its body is not what the documents say.

    Attributes:
        status_code: the HTTP status.
        request_id: the host's name for the call.
        body: the body as text.
        headers: the answer's headers, by name in any case, but for those that hold credentials.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        request_id: str | None,
        body: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.request_id = request_id
        self.body: str = body
        self.headers: Mapping[str, str] = _without_credentials(headers or {})

    @property
    def response(self) -> Response[Any]:
        """The answer itself: its status, headers and body."""
        return Response(self.status_code, self.headers, self.body.encode(), self.body)

    @property
    def _report(self) -> Any:
        # Most of these are answers that are broken, and report nothing.
        body = from_body(self.body.encode())
        return body if isinstance(body, Mapping) and looks_like_error(body) else None


@public
class StreamError(APIError):
    """A stream that could not be read to its end; what had arrived was handed out before."""


@public
class StreamTruncatedError(StreamError, APIConnectionError):
    """The stream stopped, or the connection broke, before the host said it was finished."""


@public
class StreamTimeoutError(StreamError, APITimeoutError):
    """The stream was silent for too long."""


@public
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


@public
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


@public
class DeploymentTimeoutError(DeploymentError, TimeoutError):
    """A deployment that was waited for is not up in time. It may still come up."""


@public
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


@public
class APIStatusError(APIError):
    """
    The host answered with another status than success.

    Attributes:
        status_code: the HTTP status, as a plain number (529 is one too).
        request_id: the host's name for the call, which support asks for first.
        body: the decoded JSON, or the text where it is none, or None where it is empty.
        headers: the answer's headers, by name in any case, but for those that hold credentials.
        response: the answer itself: its status (200 where only the body reports the error), headers and bytes, with
            `text` and `json()`. There is no request in it, and so no key.
        retry_after: seconds that the host asks to wait before the next try; None where it does not ask.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        body: Any,
        headers: Mapping[str, str],
        response: Response[Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.body = body
        self.headers: Mapping[str, str] = _without_credentials(headers)
        self.request_id = self.headers.get("x-request-id")
        self.retry_after = retry_after(self.headers)
        if response is None:
            text = body if isinstance(body, str) else "" if body is None else json.dumps(body, ensure_ascii=False)
            response = Response(status_code, self.headers, text.encode(errors="replace"), body)
        self.response: Response[Any] = response._replace(headers=self.headers)


@public
class BadRequestError(APIStatusError):
    """400: the host does not accept the request as it is."""


@public
class AuthenticationError(APIStatusError):
    """401: the key or token is missing or wrong."""


@public
class PermissionDeniedError(APIStatusError):
    """403: the key is known and may not do this."""


@public
class NotFoundError(APIStatusError):
    """404: no such model, resource or path."""


@public
class ConflictError(APIStatusError):
    """409: the request contradicts what is already there."""


@public
class UnprocessableEntityError(APIStatusError):
    """422: the request is well formed and makes no sense to the host."""


@public
class RateLimitError(APIStatusError):
    """429: too many requests, or an overloaded host."""


@public
class InternalServerError(APIStatusError):
    """500 and above: the host failed."""


_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "set-cookie", "set-cookie2"})
"""Headers of answers that errors do not keep: they are logged, pickled and shown."""


def _rebuild(kind: type[APIError], arguments: tuple[Any, ...], state: dict[str, Any]) -> APIError:
    error = kind.__new__(kind, *arguments)
    error.args = arguments  # which those of the standard library leave to their constructors
    vars(error).update(state)
    return error


def _without_credentials(headers: Mapping[str, str]) -> Headers:
    return Headers((name, value) for name, value in headers.items() if name.lower() not in _CREDENTIALS)
