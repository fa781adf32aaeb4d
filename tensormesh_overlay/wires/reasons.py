"""What broke, in words that say what to do about it."""

from __future__ import annotations

from tensormesh_overlay.errors import APIConnectionError, APITimeoutError
from tensormesh_overlay.wire import HTTPRequest


def timed_out(request: HTTPRequest, part: str, seconds: float | None, *, sent: bool) -> APITimeoutError:
    """
    The error for a limit that was passed.

    Args:
        part: what took too long.
        seconds: the limit.
    """
    limit = f" within {seconds:g} s" if seconds else " in time"
    return APITimeoutError(f"{request.place}: {part}{limit}; timeout= sets the limits in seconds", sent=sent)


def broken(request: HTTPRequest, error: BaseException, *, sent: bool) -> APIConnectionError:
    """The error for a connection that could not be made, or broke."""
    return APIConnectionError(f"{request.place}: {_reason(error, sent)}", sent=sent)


def _reason(error: BaseException, sent: bool) -> str:
    text = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"the host's certificate is not trusted ({text}); ca_bundle= names the file of a private authority"
    if "WRONG_VERSION_NUMBER" in text or "record layer failure" in text:
        return f"the host does not speak TLS there ({text}); does the base URL begin with http:// instead?"
    if "SSL" in text:
        return f"no secure connection could be made ({text})"
    if not sent:
        return f"nobody answers there ({text}); check the base URL and the network"
    return f"the connection broke ({text})"
