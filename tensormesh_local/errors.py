"""
Every refusal of the inference routes, in the engine's own wording and shapes.

    ApiError
    |- a field does not have its type        400  type "Bad Request", param "body.x"
    |- a rule between values is broken       400  type "BadRequestError"
    |- no key, or not an inference key       401  {"error": "<text>"}
    |- no such model, user or response       404  type "NotFoundError"
    `- no such path, or not with this verb   404, 405  {"detail": ...}

Three shapes on one host are no accident of this file: engines of this family
answer like that, and a client has to read them all.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.json_output import JsonAnswer

SHOWN_PROBLEMS = 10
SHOWN_INPUT = 200
# How pydantic names them: by a class, a type, or a type in brackets.
_ALTERNATIVE = re.compile(r"^[A-Z]|^(str|int|float|bool|none)$|[\[({]")


class ApiError(Exception):
    """An answer other than 200, on its way out of a handler."""

    def __init__(self, status: int, body: Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body
        self.headers = headers

    def answer(self) -> JsonAnswer:
        """Give the refusal as a response."""
        return JsonAnswer(self.body, self.status, self.headers)


def error_body(message: str, kind: str, param: str | None, code: int) -> JsonObject:
    """Build the engine's error object."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def unreadable(errors: Sequence[Mapping[str, Any]]) -> ApiError:
    """Refuse a body whose fields do not have their types; every error is one of pydantic's, within the body."""
    count, places = len(errors), [_place(error["loc"]) for error in errors[:SHOWN_PROBLEMS]]
    lines = [f"{count} validation error{'' if count == 1 else 's'}:"]
    for error, place in zip(errors, places, strict=False):
        lines.append(f"  { ({**error, 'loc': place, 'input': _shown(error['input'])}) }")
    if count > SHOWN_PROBLEMS:
        lines.append(f"  ...and {count - SHOWN_PROBLEMS} more errors")
    return ApiError(400, error_body("\n".join(lines), "Bad Request", places[0], 400))


def _place(loc: Sequence[str | int]) -> str:
    """Name a place in the body, without the alternatives of a type that were tried on the way."""
    return ".".join(["body", *(str(part) for part in loc if not _ALTERNATIVE.search(str(part)))])


def _shown(value: object) -> str:
    """Describe an input without repeating a whole document."""
    if isinstance(value, list | dict):
        return f"<{type(value).__name__} of {len(value)} items>"
    text = str(value)
    return text if len(text) <= SHOWN_INPUT else f"{text[:SHOWN_INPUT]}...[truncated]"


def bad_request(message: str, param: str | None = None, value: object = None) -> ApiError:
    """Refuse values that break a rule; a named parameter is repeated in the message."""
    if param is not None:
        shown = f"parameter={param}" if value is None else f"parameter={param}, value={value}"
        message = f"{message} ({shown})"
    return ApiError(400, error_body(message, "BadRequestError", param, 400))


def unauthorized(reason: str = "Unauthorized") -> ApiError:
    """Refuse a caller without an inference key; the engine's `error` is a string here."""
    return ApiError(401, {"error": reason})


def not_found(message: str, param: str | None) -> ApiError:
    """Refuse a name that nothing here has."""
    return ApiError(404, error_body(message, "NotFoundError", param, 404))


def response_not_found(response_id: str) -> ApiError:
    """Refuse to look up a stored response: this host keeps none."""
    message = f"Response with id '{response_id}' not found."
    return ApiError(404, error_body(message, "invalid_request_error", "response_id", 404))


def no_route(hint: str | None) -> ApiError:
    """
    Refuse a path.

    The hint stands beside the engine's own body, and where the clients of OpenAI look for what to say: of a body
    without an error they show nothing but the status.
    """
    body: JsonObject = {"detail": "Not Found"}
    if hint is not None:
        body |= {"hint": hint, **error_body(f"Not Found. {hint}", "NotFoundError", None, 404)}
    return ApiError(404, body)
