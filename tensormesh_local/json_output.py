"""
JSON as this host writes it.

Knows compact UTF-8 output and the one response class for it, but no route or
field name.
"""

import json
from collections.abc import Mapping

from starlette.responses import Response


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


class JsonAnswer(Response):
    """A whole JSON answer."""

    media_type = "application/json"

    def __init__(self, content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(dump(content), status_code=status, headers=headers)
        self.headers["content-type"] = "application/json"
