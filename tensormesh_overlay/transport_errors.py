"""What broke, in words that say what to do about it."""

from __future__ import annotations

import os
from types import TracebackType

from tensormesh_overlay.errors import APIConnectionError, APITimeoutError, ConfigurationError
from tensormesh_transport.errors import (
    CertificateError,
    ClosedError,
    ConnectError,
    ConnectTimeoutError,
    HookError,
    ProxyError,
    ReadTimeoutError,
    ResourceError,
    TLSError,
    TransportError,
    UsageError,
)

_NO_TLS = ("WRONG_VERSION_NUMBER", "record layer failure")


def as_ours(error: TransportError, place: str) -> APIConnectionError:
    """
    The error of ours for one of the transport.

    Args:
        place: what was called.

    Raises:
        ConfigurationError: it cannot be called at all.
    """
    if isinstance(error, UsageError):
        raise ConfigurationError(f"{place} cannot be called: {error}") from error
    kind = APITimeoutError if isinstance(error, ConnectTimeoutError | ReadTimeoutError) else APIConnectionError
    ours = kind(f"{place}: {_reason(error, str(error))}", sent=error.sent, resent=error.resent)
    ours.__cause__ = error
    return ours


class AsOurs:
    """
    A block in which errors of the transport become ours.

    Args:
        place: what was to be called.
    """

    __slots__ = ("_place",)

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, TransportError):
            raise as_ours(error, self._place) from error


def _reason(error: TransportError, text: str) -> str:
    match error:
        case ConnectTimeoutError() | ReadTimeoutError():
            return f"{text}; timeout= sets the limits"
        case ClosedError() | HookError():
            return text
        case ResourceError():
            return (
                f"the system gives this process no more ({text}); make fewer calls at once (max_connections= sees to "
                "that), or raise the limit (`ulimit -n` for files)"
            )
        case ProxyError():
            return (
                f"{text}; it is named in the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY), and NO_PROXY names "
                "hosts that need none"
            )
        case CertificateError():
            return (
                f"the host's certificate is not trusted ({text}); ca_bundle= names the file of a private authority"
                f"{_environment()}"
            )
        case TLSError() if any(sign in text for sign in _NO_TLS):
            return f"the host does not speak TLS there ({text}); does the base URL begin with http:// instead?"
        case TLSError():
            return f"no secure connection could be made ({text})"
        case ConnectError():
            return f"nobody answers there ({text}); check the base URL and the network"
        case _:
            return f"the connection broke ({text})"


def _environment() -> str:
    """What the environment says of whom to trust."""
    names = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)]
    return f", and without it the environment says whom to trust ({' and '.join(names)})" if names else ""
