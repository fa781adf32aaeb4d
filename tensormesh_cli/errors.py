"""Every way a command can fail: the kinds with their exit codes, and what is said about each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tensormesh_cli.exit_codes import INTERRUPTED


class OutputClosedError(Exception):
    """Nobody reads the output any more, as in `tm ... | head -1`. There is nobody to tell, either."""


class Kind(NamedTuple):
    """A kind of failure, by the name it has in machine-readable errors."""

    exit_code: int
    meaning: str


KINDS: Final[dict[str, Kind]] = {
    "config": Kind(1, "a setting, or the file that holds it, cannot be used"),
    "file": Kind(1, "a file cannot be read or written"),
    "input": Kind(1, "what was handed in as JSON cannot be used"),
    "declined": Kind(1, "the question whether to go on was not answered with yes"),
    "not_ready": Kind(1, "something that is needed is missing, or the check of `--exit-status` says no"),
    "refused": Kind(1, "the host does not accept the request (400, 409, 422 and other statuses)"),
    "stopped": Kind(1, "a batch ended before its end: its budget is spent, or too many rows failed"),
    "usage": Kind(2, "the command line is wrong; nothing was sent"),
    "not_logged_in": Kind(2, "the call needs a token or key that is not there; nothing was sent"),
    "not_evaluated": Kind(2, "`tm contract` could ask nobody"),
    "unauthorized": Kind(3, "the host does not accept the token or key for this (401, 403)"),
    "not_found": Kind(4, "there is no such thing (404)"),
    "rate_limited": Kind(5, "too many requests (429)"),
    "server": Kind(6, "the host failed (500 and above)"),
    "unreachable": Kind(7, "the host could not be reached"),
    "timeout": Kind(7, "no answer came in time"),
    "protocol": Kind(8, "the answer broke off, or is not what was promised"),
    "interrupted": Kind(INTERRUPTED, "Ctrl-C; `tm logs --follow` is meant to end so, with 0"),
}
"""Kind -> exit code and meaning. 0 is success."""


@dataclass(eq=False)
class CliError(Exception):
    """
    A command that failed, told as one sentence.

    Attributes:
        kind: a key of `KINDS`.
        hint: what to do about it.
        status: the HTTP status, where there is one.
        request_id: the host's name for the call, where there is one.
        code: the exit code, where the command gives that of the kind another meaning.
    """

    kind: str
    message: str
    hint: str | None = None
    status: int | None = None
    request_id: str | None = None
    code: int | None = None

    def __post_init__(self) -> None:
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message

    @property
    def exit_code(self) -> int:
        return KINDS[self.kind].exit_code if self.code is None else self.code

    def document(self) -> dict[str, Any]:
        """The same for machines; every key is always there."""
        return {
            "error": {
                "kind": self.kind,
                "message": self.message,
                "status": self.status,
                "request_id": self.request_id,
                "hint": self.hint,
            }
        }
