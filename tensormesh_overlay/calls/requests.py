"""The HTTP request of a call. No I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from tensormesh_overlay.configuration.target import Target
from tensormesh_overlay.errors import SerializationError, ValidationError
from tensormesh_overlay.json_values import steps_to_unsendable, to_json
from tensormesh_runtime.types import Request, StreamRequest
from tensormesh_transport.core.request_head import RequestHeaders
from tensormesh_transport.messages import Request as HTTPRequest
from tensormesh_transport.secret import Secret, SecretBytes

USER_AGENT = "tensormesh-python/0.1.0"

_REQUEST_LINE = re.compile(r'[A-Z-]+ /[!"$-~]*')


def common_headers(where: Target, *, content: str, streaming: bool, has_body: bool) -> dict[str, str]:
    """All headers of a call whose answer is `content`, but for those that are arguments of it."""
    headers = {
        "accept": "text/event-stream" if streaming else content or "application/json",
        # A gateway that compresses a stream holds it back.
        "accept-encoding": "identity" if streaming else "gzip, deflate",
        "user-agent": USER_AGENT,
    }
    if has_body:
        headers["content-type"] = "application/json"
    return headers | where.headers


def http_request(request: Request[Any] | StreamRequest[Any, Any], ready: HTTPRequest) -> HTTPRequest:
    """
    The HTTP request of a call, `ready` but for its path and content.

    Raises:
        ValidationError: the method or the path is none.
        SerializationError: the body holds a value that JSON has no word for, such as NaN.
    """
    path, options = request.path, request.options
    if not _REQUEST_LINE.fullmatch(f"{ready.method} {path}"):
        place, mark = path.partition("?")[:2]
        raise ValidationError(
            f"{ready.method!r} {f'{place}?...' if mark else place!r} cannot stand in a request: percent-encode the path"
        )
    query = request.query + options.query
    if query:
        path = _with_query(path, query, request.operation.id)
    body = request.json
    if options.body:
        body = {**(body or {}), **options.body}
    content = None
    if body is not None:
        try:
            content = SecretBytes(to_json(body))
        except (TypeError, ValueError, RecursionError) as error:
            reason = f"this cannot be sent as JSON in the body of {request.operation.id}: {error}"
            raise SerializationError(reason, reversed(steps_to_unsendable(body))) from error
    headers = ready.headers
    if request.headers:
        more = dict(request.headers)
        if options.headers:
            own = {name.lower() for name in options.headers}
            more = {name: value for name, value in more.items() if name not in own}
        shared = headers if isinstance(headers, RequestHeaders) else RequestHeaders(headers)
        headers = shared.beside(more)
    return HTTPRequest(ready.method, ready.base_url, path, headers, content, ready.timeouts, ready.max_bytes)


def _with_query(path: str, query: Sequence[tuple[str, str]], name: str) -> str:
    """A path with a query, in which keys may travel."""
    try:
        return Secret(f"{path}{'&' if '?' in path else '?'}{urlencode(query)}")
    except UnicodeEncodeError as error:
        why = str(error)
    # Not from that error, which holds what could not be encoded.
    raise ValidationError(f"the query of {name} cannot be sent: {why}")
