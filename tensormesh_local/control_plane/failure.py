"""
Every refusal of the control plane: `{code, message, details}`, codes as in gRPC.

Knows the codes, the HTTP status each has behind a grpc-gateway, and how fields
that are wrong are listed in `details`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.json_output import JsonAnswer

BAD_REQUEST_TYPE = "type.googleapis.com/google.rpc.BadRequest"


class Code(IntEnum):
    """The gRPC codes this host uses."""

    INVALID_ARGUMENT = 3
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    FAILED_PRECONDITION = 9
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    UNAUTHENTICATED = 16


STATUS = {
    Code.INVALID_ARGUMENT: 400,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.FAILED_PRECONDITION: 400,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.UNAUTHENTICATED: 401,
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that is wrong, by its path in the request, and what it should be."""

    field: str
    description: str


class Failure(Exception):  # noqa: N818 - an answer, not a mistake
    """An answer other than success, on its way out of a handler."""

    def __init__(self, code: Code, message: str, violations: Sequence[Violation] = (), status: int | None = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.violations = tuple(violations)
        self.status = STATUS[code] if status is None else status

    def body(self) -> JsonObject:
        """Write the error."""
        details: list[Json] = []
        if self.violations:
            listed: list[Json] = [{"field": v.field, "description": v.description} for v in self.violations]
            details.append({"@type": BAD_REQUEST_TYPE, "fieldViolations": listed})
        return {"code": int(self.code), "message": self.message, "details": details}

    def answer(self) -> JsonAnswer:
        """Give the failure as a response."""
        return JsonAnswer(self.body(), self.status)


def invalid(field: str, description: str) -> Failure:
    """Refuse one value."""
    return unfit([Violation(field, description)])


def unfit(violations: Sequence[Violation]) -> Failure:
    """Refuse a request for everything that is wrong with it."""
    lines = [f"{violation.field}: {violation.description}" for violation in violations]
    return Failure(Code.INVALID_ARGUMENT, "; ".join(lines), violations)


def not_found(what: str) -> Failure:
    """Refuse a name that nothing here has, or nothing the caller may see."""
    return Failure(Code.NOT_FOUND, f"{what} does not exist, or you may not see it.")


def taken(message: str) -> Failure:
    """Refuse to create what is there already."""
    return Failure(Code.ALREADY_EXISTS, message)


def denied(message: str) -> Failure:
    """Refuse a caller who is known but may not do this."""
    return Failure(Code.PERMISSION_DENIED, message)


def unready(message: str) -> Failure:
    """Refuse what the state of things does not allow."""
    return Failure(Code.FAILED_PRECONDITION, message)


def unauthenticated(message: str) -> Failure:
    """Refuse a caller who is not known."""
    return Failure(Code.UNAUTHENTICATED, message)
