"""
Every way an exchange can fail.

    TransportError
    ├── UsageError               nothing could be sent: no such address, no such event loop, an illegal header
    ├── ConnectError             no connection came about
    │   ├── ConnectTimeoutError       not in time
    │   ├── ResourceError        the system lets this process have no more files, memory or threads
    │   ├── ProxyError           the proxy is not there, or lets nothing through
    │   └── TLSError             no secure connection
    │       └── CertificateError   its certificate is not trusted
    ├── ReadError                the connection broke
    │   ├── ReadTimeoutError          the host was silent for too long, or took too long in all
    │   └── RemoteProtocolError  what came is not HTTP, or more than may come
    │       └── TooLongError     a whole answer that is longer than it may be; it has the beginning
    ├── HookError                a hook of the caller's own client of httpx raised
    └── ClosedError              the transport was closed meanwhile
"""

from __future__ import annotations

from collections.abc import Mapping


class TransportError(Exception):
    """
    An exchange that did not succeed.

    Attributes:
        sent: whether the host may have seen the request. Where it is False, nothing has happened there.
        resent: whether it was sent a second time, over a new connection.
    """

    resent = False

    def __init__(self, message: str, sent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent


class UsageError(TransportError, ValueError):
    """What was asked for cannot be sent at all."""


class ConnectError(TransportError):
    """No connection came about: refused, unreachable, name not found."""


class ConnectTimeoutError(ConnectError):
    """No connection came about in time."""


class ResourceError(ConnectError):
    """The system lets this process have no more files, memory or threads."""


class ProxyError(ConnectError):
    """The proxy is not there, or lets nothing through."""


class TLSError(ConnectError):
    """The other side does not speak TLS, or none that both understand."""


class CertificateError(TLSError):
    """The certificate of the other side is not trusted."""


class ReadError(TransportError):
    """The connection broke before the answer was complete."""

    def __init__(self, message: str, sent: bool = True) -> None:
        super().__init__(message, sent)


class ReadTimeoutError(ReadError):
    """The host was silent for too long, or took too long in all."""


class RemoteProtocolError(ReadError):
    """What came is not HTTP, or more than may come."""


class TooLongError(RemoteProtocolError):
    """
    A whole answer is longer than it may be.

    Attributes:
        status_code, headers: those of the answer.
        beginning: of its content, decompressed.
    """

    def __init__(self, message: str, status_code: int, headers: Mapping[str, str], beginning: bytes) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.headers = headers
        self.beginning = beginning


class HookError(TransportError):
    """A hook of the caller's own client of httpx raised, and what it raised is the cause."""


class ClosedError(TransportError):
    """The transport was closed while this exchange went on."""

    def __init__(self, message: str = "the client was closed meanwhile", sent: bool = False) -> None:
        super().__init__(message, sent)


def words(error: BaseException) -> str:
    """What an error of the system says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def forget_frames(error: TransportError) -> None:
    """Let go of the frames that an error came through, whose variables hold what was sent."""
    error.__traceback__ = None
    if error.__cause__ is not None:
        error.__cause__.__traceback__ = None
