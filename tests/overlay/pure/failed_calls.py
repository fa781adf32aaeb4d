"""Errors of calls that tests look at."""

from __future__ import annotations

import json
from typing import Any

from tensormesh_overlay.errors import APIStatusError
from tensormesh_overlay.status_errors import status_error

PLACE = "POST https://h.test/v1/chat/completions"
STATUSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}


def error(status: int = 400, body: Any = None, **headers: str) -> APIStatusError:
    """The error of an answer; a body that is neither bytes nor text goes out as JSON."""
    content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    return status_error(status, {name.replace("_", "-"): value for name, value in headers.items()}, content, PLACE)
