"""
JSON as this host writes it.

Knows compact UTF-8 output and the one response class for it, but no route or
field name.
"""

import json
from collections.abc import Mapping
from math import isfinite

from starlette.responses import Response

from tensormesh_documents.json_types import Json


def dump(value: object) -> bytes:
    """
    Write a value as compact JSON in UTF-8.

    A lone surrogate can arrive inside a JSON escape and has no UTF-8 form, so
    a text holding one goes back out the way it came in: escaped.
    """
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode("ascii")


def spoken(value: Json) -> Json:
    """The value with a text in place of each number that JSON has no word for, such as NaN, which a body may hold."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return _spoken(value)
    return value


def _spoken(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _spoken(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_spoken(item) for item in value]
    return json.dumps(value) if isinstance(value, float) and not isfinite(value) else value


class JsonAnswer(Response):
    """A whole JSON answer."""

    media_type = "application/json"

    def __init__(self, content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(dump(content), status_code=status, headers=headers)
        self.headers["content-type"] = "application/json"
