"""What broke, in words that say what to do about it."""

from __future__ import annotations

from tensormesh_overlay.errors import APIConnectionError, APITimeoutError
from tensormesh_overlay.tls import proxy
from tensormesh_overlay.wire import HTTPRequest

CLOSED = "the client was closed meanwhile"

_UNTRUSTED = ("CERTIFICATE_VERIFY_FAILED",)
_NO_TLS = ("WRONG_VERSION_NUMBER", "record layer failure")


def timed_out(request: HTTPRequest, what: str, seconds: float | None, *, sent: bool) -> APITimeoutError:
    """
    The error for a limit that was passed.

    Args:
        what: what did not happen.
        seconds: the limit.
    """
    return APITimeoutError(f"{request.place}: {what} within {seconds:g} s; timeout= sets the limits", sent=sent)


def unconnected(request: HTTPRequest) -> APITimeoutError:
    """The error for a connection that does not come about."""
    return timed_out(request, "no connection", request.limits.connect, sent=False)


def silent(request: HTTPRequest, *, begun: bool) -> APITimeoutError:
    """The error for a host that says nothing, or (`begun`) nothing more."""
    if begun:
        return timed_out(request, "nothing more came", request.limits.idle, sent=True)
    return timed_out(request, "no answer came", request.limits.first_byte, sent=True)


def unfinished(request: HTTPRequest) -> APITimeoutError:
    """The error for an answer that takes too long as a whole."""
    return timed_out(request, "the answer was not complete", request.limits.total, sent=True)


def broken(request: HTTPRequest, error: BaseException, *, sent: bool) -> APIConnectionError:
    """The error for a connection that could not be made, or broke."""
    return APIConnectionError(f"{request.place}: {_reason(_words(request, error), sent)}", sent=sent)


def unproxied(request: HTTPRequest, error: BaseException) -> APIConnectionError:
    """The error for a proxy that is not there, or lets nothing through."""
    through = proxy(request.base_url)
    address = "" if through is None else f" {through.address}"
    return APIConnectionError(
        f"{request.place}: the proxy{address} cannot be used ({_words(request, error)}); it is named in the "
        "environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY), and NO_PROXY names hosts that need none",
        sent=False,
    )


def in_handshake(error: BaseException) -> bool:
    """Whether TLS failed before anything could be sent over it, as far as its words tell."""
    return any(sign in str(error) for sign in (*_UNTRUSTED, *_NO_TLS))


def _words(request: HTTPRequest, error: BaseException) -> str:
    """What went wrong, without what the library was doing just then."""
    for inner in (*error.args, error.__cause__):
        if isinstance(inner, BaseException):
            return _words(request, inner)
    kind, said = type(error).__name__, getattr(error, "message", None) or str(error)
    if not isinstance(said, str) or not said:
        said = kind  # aiohttp has half an answer there
    elif kind not in said and not isinstance(error, OSError):
        said = f"{kind}: {said}"  # it may be no more than what the library stumbled over
    text = " ".join(said.split())
    _, mark, query = request.path.partition("?")
    # Some libraries say what they called, and a key may travel in a query.
    return text.replace(mark + query, "") if query else text


def _reason(text: str, sent: bool) -> str:
    if any(sign in text for sign in _UNTRUSTED):
        return f"the host's certificate is not trusted ({text}); ca_bundle= names the file of a private authority"
    if any(sign in text for sign in _NO_TLS):
        return f"the host does not speak TLS there ({text}); does the base URL begin with http:// instead?"
    if "SSL" in text:
        return f"no secure connection could be made ({text})"
    if not sent:
        return f"nobody answers there ({text}); check the base URL and the network"
    return f"the connection broke ({text})"
