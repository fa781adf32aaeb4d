"""
Every refusal of the inference routes, in the engine's own wording and shapes.

    Refusal
    |- a field does not have its type        400  type "Bad Request", param "body.x"
    |- a rule between values is broken       400  type "BadRequestError"
    |- no key, or not an inference key       401  {"error": "<text>"}
    |- no such model, user or response       404  type "NotFoundError"
    `- no such path, or not with this verb   404, 405  {"detail": ...}

Three shapes on one host are no accident of this file: engines of this family
answer like that, and a client has to read them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tensormesh_local.wire import Json, JsonAnswer, JsonObject

SHOWN_PROBLEMS = 10


class Refusal(Exception):  # noqa: N818 - an answer, not a mistake
    """An answer other than 200, on its way out of a handler."""

    def __init__(self, status: int, body: Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body
        self.headers = headers

    def answer(self) -> JsonAnswer:
        """Give the refusal as a response."""
        return JsonAnswer(self.body, self.status, self.headers)


@dataclass(frozen=True, slots=True)
class Problem:
    """One field that cannot be read, in the words of the engine's validator."""

    type: str
    loc: str
    msg: str
    input: str
    ctx: str | None = None

    def line(self) -> str:
        """Write the problem as the engine prints it: a Python dict."""
        tail = "" if self.ctx is None else f", 'ctx': {self.ctx}"
        return f"  {{'type': {self.type!r}, 'loc': {self.loc!r}, 'msg': {self.msg!r}, 'input': {self.input!r}{tail}}}"


def error_body(message: str, kind: str, param: str | None, code: int) -> JsonObject:
    """Build the engine's error object."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def unreadable(problems: Sequence[Problem]) -> Refusal:
    """Refuse a body whose fields do not have their types."""
    count = len(problems)
    lines = [f"{count} validation error{'' if count == 1 else 's'}:"]
    lines += [problem.line() for problem in problems[:SHOWN_PROBLEMS]]
    if count > SHOWN_PROBLEMS:
        lines.append(f"  ...and {count - SHOWN_PROBLEMS} more errors")
    return Refusal(400, error_body("\n".join(lines), "Bad Request", problems[0].loc, 400))


def bad_request(message: str, param: str | None = None, value: object = None) -> Refusal:
    """Refuse values that break a rule; a named parameter is repeated in the message."""
    if param is not None:
        shown = f"parameter={param}" if value is None else f"parameter={param}, value={value}"
        message = f"{message} ({shown})"
    return Refusal(400, error_body(message, "BadRequestError", param, 400))


def unauthorized(reason: str = "Unauthorized") -> Refusal:
    """Refuse a caller without an inference key; the engine's `error` is a string here."""
    return Refusal(401, {"error": reason})


def not_found(message: str, param: str | None) -> Refusal:
    """Refuse a name that nothing here has."""
    return Refusal(404, error_body(message, "NotFoundError", param, 404))


def response_not_found(response_id: str) -> Refusal:
    """Refuse to look up a stored response: this host keeps none."""
    message = f"Response with id '{response_id}' not found."
    return Refusal(404, error_body(message, "invalid_request_error", "response_id", 404))


def no_route(hint: str | None) -> Refusal:
    """Refuse a path; the hint stands beside the engine's own body, not in it."""
    body: JsonObject = {"detail": "Not Found"}
    if hint is not None:
        body["hint"] = hint
    return Refusal(404, body)
