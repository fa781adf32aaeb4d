"""
What a run was asked for, and what follows from it: whom it asks, with which key, and how much.

Knows what the options exclude; does not read them off a command line, or run anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tensormesh_contract.documents.operations import SurfaceName, file_stem, surfaces_in
from tensormesh_contract.documents.selection import Selection
from tensormesh_contract.evaluation.coverage import AT_LEAST
from tensormesh_contract.hosts.credentials import Credentials
from tensormesh_contract.hosts.target import (
    Target,
    TargetError,
    checked_url,
    guessed_surface,
    is_local,
    without_version,
)
from tensormesh_contract.requests.plan import MOST_GENTLE, Plan
from tensormesh_documents.library import Library

REMOTE_RATE = 1.0
CERTIFICATES = "SSL_CERT_FILE"
KEY = "KEY"
KEY_VARIABLES = {
    SurfaceName.SERVERLESS: "TENSORMESH_INFERENCE_API_KEY",
    SurfaceName.ON_DEMAND: "TENSORMESH_INFERENCE_API_KEY",
    SurfaceName.CONTROL_PLANE: "TENSORMESH_CONTROL_PLANE_TOKEN",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options by their names on the command line, which says what each means and what it is by default."""

    host: str | None
    surface: str | None
    user_id: str | None
    key_env: str | None
    allow_changes: bool
    gentle: bool
    rate: float | None
    seed: int
    cases: int
    phases: Sequence[str]
    html: Path | None
    json: Path | None
    junit: Path | None = None
    sarif: Path | None = None
    accept: Path | None
    write_accept: Path | None = None
    compare: Path | None = None
    documents: Path | None = None
    model: str | None = None
    at_least: float = AT_LEAST
    max_requests: int | None = None
    only: Sequence[str] = ()
    without: Sequence[str] = ()
    unseen: bool
    save: Path | None
    evaluate: Path | None

    @property
    def surfaces(self) -> list[SurfaceName]:
        """Which surfaces of local hosts of one's own."""
        return [SurfaceName(self.surface)] if self.surface else self.documented

    @property
    def documented(self) -> list[SurfaceName]:
        """Of which surfaces there are documents."""
        return surfaces_in(self.documents) if self.documents is not None else [*SurfaceName]

    @property
    def library(self) -> Library | None:
        """The documents of one's own; None for those of the project."""
        return Library(self.documents) if self.documents is not None else None

    @property
    def selection(self) -> Selection:
        """Which operations it is about."""
        return Selection(self.only, self.without)

    @property
    def remark(self) -> str:
        """What is done otherwise than was said, in a sentence; empty for nothing."""
        url = checked_url(self.host) if self.host is not None else ""
        if url == without_version(url):
            return ""
        return f"{url} is asked without its /v1: the paths of the documents begin with it."

    @property
    def pace(self) -> float | None:
        """At most so many requests a second."""
        return self.rate or (REMOTE_RATE if self._remote or self.gentle else None)

    @property
    def most(self) -> int:
        """How many requests a gentle run has; 0 for as many as it takes."""
        return MOST_GENTLE if self.max_requests is None else self.max_requests

    @property
    def plan(self) -> Plan | None:
        """What the fuzz run does; None for the gentle walk."""
        if self.gentle or (self._remote and not self.allow_changes):
            return None
        return Plan(seed=self.seed, phases=self.phases, cases=self.cases)

    def target(self, environment: Mapping[str, str]) -> Target | None:
        """
        Give the host; None for local hosts of one's own.

        Args:
            environment: where its key stands, and a file of certificates to trust.

        Raises:
            TargetError: the options do not fit together, or the host cannot be meant.
        """
        if self.max_requests is not None and self.plan is not None:
            raise TargetError("--max-requests is for a run that only reads; --cases and --phases make others shorter.")
        # An empty address is a variable that was not set, and no wish to ask a local host.
        if self.host is None:
            for option, given in (("--allow-changes", self.allow_changes), ("--user-id", self.user_id)):
                if given:
                    raise TargetError(f"{option} is about a host of somebody's; without --host there is none.")
            return None
        url, user_id = without_version(checked_url(self.host)), self.user_id or ""
        surface = SurfaceName(self.surface or guessed_surface(url, user_id))
        if surface not in self.documented:
            raise TargetError(f"{self.documents} has no document of {surface}: {file_stem(surface)}.yaml.")
        if surface is SurfaceName.ON_DEMAND and not user_id:
            raise TargetError("On-demand wants a user id on every request; give it with --user-id (to make: USER_ID=).")
        named = self.key_env or KEY
        variable = named if environment.get(named) else KEY_VARIABLES[surface]
        key = _sendable(variable, environment.get(variable, ""))
        credentials = Credentials(key, _sendable("--user-id", user_id))
        return Target(surface, url, credentials, certificates=environment.get(CERTIFICATES) or None)

    @property
    def _remote(self) -> bool:
        return self.host is not None and not is_local(checked_url(self.host))


def _sendable(origin: str, text: str) -> str:
    """A value for a header. What cannot be one is not repeated: it may be a real key with a slip in it."""
    value = text.strip()
    if not value.isascii() or not value.isprintable() or " " in value:
        raise TargetError(f"{origin} must be visible ASCII characters without blanks; was it copied whole, and alone?")
    return value
