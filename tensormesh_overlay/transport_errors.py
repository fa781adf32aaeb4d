"""What broke, in words that say what to do about it."""

from __future__ import annotations

from tensormesh_overlay.errors import APIConnectionError, APITimeoutError, ConfigurationError
from tensormesh_transport.errors import (
    CertificateError,
    ClosedError,
    ConnectError,
    ConnectTimeoutError,
    ProxyError,
    ReadTimeoutError,
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


def _reason(error: TransportError, text: str) -> str:
    match error:
        case ConnectTimeoutError() | ReadTimeoutError():
            return f"{text}; timeout= sets the limits"
        case ClosedError():
            return text
        case ProxyError():
            return (
                f"{text}; it is named in the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY), and NO_PROXY names "
                "hosts that need none"
            )
        case CertificateError():
            return f"the host's certificate is not trusted ({text}); ca_bundle= names the file of a private authority"
        case TLSError() if any(sign in text for sign in _NO_TLS):
            return f"the host does not speak TLS there ({text}); does the base URL begin with http:// instead?"
        case TLSError():
            return f"no secure connection could be made ({text})"
        case ConnectError():
            return f"nobody answers there ({text}); check the base URL and the network"
        case _:
            return f"the connection broke ({text})"
