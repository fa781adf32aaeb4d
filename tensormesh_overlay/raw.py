"""Calls of routes that the documents do not list, as the same values that listed ones are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensormesh_generated.decode import encode
from tensormesh_generated.types import (
    CallOptions,
    InferenceOptions,
    Operation,
    Request,
    Streaming,
    StreamRequest,
    call_options,
    query,
)
from tensormesh_overlay.errors import ModelError

UNLISTED = "request"
"""The `call` of an operation made here."""

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


def raw_request(
    surface: str,
    method: str,
    path: str,
    params: Mapping[str, Any] | None,
    json_body: Any,
    headers: Mapping[str, str] | None,
    options: InferenceOptions,
) -> Request[Any]:
    """
    A call of any route; its answer is plain JSON.

    Raises:
        ModelError: the path does not begin with a slash, or the body has no JSON.
    """
    operation = _operation(surface, method, path)
    return Request(
        operation,
        _as_it_is,
        path,
        query(*(params or {}).items()),
        encode(json_body),
        _options(operation, headers, options),
    )


def raw_stream_request(
    surface: str,
    method: str,
    path: str,
    params: Mapping[str, Any] | None,
    json_body: Any,
    headers: Mapping[str, str] | None,
    options: InferenceOptions,
) -> StreamRequest[dict[str, Any], Any]:
    """Like `raw_request`, for a route that answers with events; each is a plain JSON object."""
    whole = raw_request(surface, method, path, params, json_body, headers, options)
    operation = whole.operation._replace(stream=Streaming("stream", "", "", ""))
    return StreamRequest(operation, _as_it_is, _as_it_is, path, whole.json, whole.query, whole.options)


def _options(operation: Operation, headers: Mapping[str, str] | None, options: InferenceOptions) -> CallOptions:
    own = call_options(operation.id, options)
    return own._replace(headers={**own.headers, **(headers or {})}) if headers else own


def _operation(surface: str, method: str, path: str) -> Operation:
    if not path.startswith("/"):
        raise ModelError(f"the path {path!r} must begin with a slash; the base URL stands before it")
    verb = method.upper()
    return Operation(
        id=f"{verb} {path.partition('?')[0]}",
        method=verb,
        path=path,
        surfaces=(surface,),
        call=UNLISTED,
        retry="idempotent" if verb in IDEMPOTENT else "never",
        empty_ok=True,
    )


def _as_it_is(data: Any) -> Any:
    return data
