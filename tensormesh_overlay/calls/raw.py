"""Calls of routes that the documents do not list, as the same values that listed ones are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensormesh_overlay.configuration.target import UNLISTED
from tensormesh_overlay.errors import ValidationError
from tensormesh_runtime.decode import encode
from tensormesh_runtime.sealing import seal
from tensormesh_runtime.types import (
    InferenceOptions,
    Operation,
    Request,
    Streaming,
    StreamRequest,
    call_options,
    query,
)

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


class RawOptions(InferenceOptions, total=False):
    """What a call of any route takes beside its method and path."""

    params: Mapping[str, Any]
    """Query parameters."""
    json_body: Any
    """The body: models, mappings, sequences, plain values."""
    headers: Mapping[str, str]
    """Headers to send beside the client's own; the same as `extra_headers`."""


def raw_request(surface: str, method: str, path: str, options: RawOptions) -> Request[Any]:
    """
    A call of any route; its answer is plain JSON.

    Raises:
        ValidationError: the path does not begin with a slash, or the body has no JSON.
        TypeError: there is no such option.
    """
    others: dict[str, Any] = {**options}
    seal(others)
    operation = _operation(surface, method, path)
    parameters = query(*(others.pop("params", None) or {}).items())
    body = encode(others.pop("json_body", None))
    headers = others.pop("headers", None)
    own = call_options(operation.id, others)
    if headers:
        own = own._replace(headers={**own.headers, **headers})
    return Request(operation, _as_it_is, path, parameters, body, own)


def raw_stream_request(surface: str, method: str, path: str, options: RawOptions) -> StreamRequest[dict[str, Any], Any]:
    """Like `raw_request`, for a route that answers with events; each is a plain JSON object."""
    whole = raw_request(surface, method, path, options)
    operation = whole.operation._replace(stream=Streaming("stream"))
    return StreamRequest(operation, _as_it_is, _as_it_is, path, whole.json, whole.query, whole.options)


def _operation(surface: str, method: str, path: str) -> Operation:
    if not path.startswith("/"):
        raise ValidationError(f"the path {_shown(path)!r} must begin with a slash; the base URL stands before it")
    verb = method.upper()
    return Operation(
        id=f"{verb} {_shown(path)}",
        method=verb,
        path=_shown(path),
        surfaces=(surface,),
        call=UNLISTED,
        retry="idempotent" if verb in IDEMPOTENT else "never",
        empty_ok=True,
        generates=verb == "POST",  # for all that is known
    )


def _shown(path: str) -> str:
    """A path without its query, where a key may travel."""
    return path.partition("?")[0]


def _as_it_is(data: Any) -> Any:
    return data
