"""What the errors of httpx say, as errors of ours."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from tensormesh_transport.errors import (
    CertificateError,
    ClosedError,
    ConnectError,
    ConnectTimeoutError,
    ReadError,
    ReadTimeoutError,
    TLSError,
    TransportError,
    UsageError,
    words,
)
from tensormesh_transport.httpx_hooks import hook_error, says_status
from tensormesh_transport.messages import Request


class Translated:
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
