"""
One run: hosts asked, answers evaluated.

Knows the order of things and what may be done to whom, but not how
anything is sent, evaluated or shown.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tensormesh_contract.documents.operations import Surface, SurfaceName
from tensormesh_contract.documents.selection import EVERYTHING, Selection
from tensormesh_contract.evaluation.acceptance import Accepted
from tensormesh_contract.evaluation.coverage import AT_LEAST
from tensormesh_contract.evaluation.signs import OTHER_SURFACE
from tensormesh_contract.exchanges.about import About, Asked, Trouble
from tensormesh_contract.exchanges.record import Seen
from tensormesh_contract.hosts.credentials import Credentials
from tensormesh_contract.hosts.target import Target
from tensormesh_contract.observed import DOCUMENT, STOPPED, Observed
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.requests.fixups import Surroundings
from tensormesh_contract.requests.login import logged_in
from tensormesh_contract.requests.pace import Pace
from tensormesh_contract.requests.plan import MOST_GENTLE, Plan
from tensormesh_contract.requests.sender import Sender
from tensormesh_contract.requests.walk import Walk


@dataclass(slots=True)
class Run:
    """
    A run over some targets.

    Args:
        surfaces: the documents.
        plan: what the fuzz run does; None for no fuzz run, only the walk.
        rate: at most so many requests a second; None for as many as can be.
        accepted: findings that do not fail the run.
        tell: takes a line on how far it is.
        keep: takes what is seen, as it comes, after what the run is about.
        model: the model to ask; empty for the first that answers.
        most: how many requests a gentle run has for each surface; 0 for as many as it takes.
        at_least: how many operations in a hundred have to succeed for agreement.
        selection: by which words the documents were limited.
    """

    surfaces: Mapping[SurfaceName, Surface]
    plan: Plan | None
    rate: float | None = None
    accepted: Sequence[Accepted] = ()
    tell: Callable[[str], None] = lambda _: None
    keep: Callable[[Seen | About], None] = lambda _: None
    model: str = ""
    at_least: float = AT_LEAST
    most: int = MOST_GENTLE
    selection: Selection = EVERYTHING

    def over(self, targets: Sequence[Target]) -> Outcome:
        """Ask every target, and say what came of it."""
        observed = Observed(self.surfaces, self.accepted, self.at_least)
        stopped = False
        try:
            self._observe(observed, self._about(targets))
            for seen in (seen for target in targets for seen in self._seen(target)):
                self._observe(observed, seen)
        except KeyboardInterrupt:
            # What was asked has cost time, and perhaps money: it is evaluated as far as it goes.
            stopped = True
            self._observe(observed, Trouble(STOPPED, "what came after Ctrl-C was not asked"))
        return observed.outcome(targets, stopped=stopped)

    def _observe(self, observed: Observed, seen: Seen | About) -> None:
        self.keep(seen)
        observed.add(seen)

    def _about(self, targets: Sequence[Target]) -> About:
        return About(
            datetime.now(UTC).isoformat(timespec="seconds"),
            _version(),
            {str(one.surface): self.surfaces[one.surface].version for one in targets},
            self.plan.seed if self.plan is not None and self.plan.phases else None,
            tuple(self.plan.phases) if self.plan is not None else (),
            self.plan is None,
            tuple(Asked(one.surface, "" if one.own else one.base_url, one.own) for one in targets),
            tuple(self.selection.only),
            tuple(self.selection.without),
        )

    def _seen(self, target: Target) -> Iterator[Seen]:
        surface = self.surfaces[target.surface]
        self.tell(f"{target.surface}: reading along the links of {target.base_url}")
        pace = Pace(self.rate)
        with Sender(target, pace) as sender:
            has_key = bool(target.credentials.key)
            walk = Walk(surface, sender, gentle=self.plan is None, model=self.model, has_key=has_key, most=self.most)
            yield from walk.seen()
            if not walk.answered:
                return
            if target.own and self.plan is not None and target.surface is SurfaceName.CONTROL_PLANE:
                yield from logged_in(surface, sender)
            if self._may_ask(sender):
                yield sender.send("GET", "/openapi.json", "", b"", DOCUMENT)
            if not walk.known and not walk.succeeded:
                yield from self._other_surface(target.surface, sender)
                return
        if self.plan is not None and self.plan.phases:
            self.tell(f"{target.surface}: {', '.join(self.plan.phases)}, with the seed {self.plan.seed}")
            from tensormesh_contract.requests.fuzz_run import run_fuzzing

            around = Surroundings(walk.models, walk.caller_id)
            # On somebody's host, an id that exists must not get into a made-up request.
            known = walk.known if target.own else {}
            yield from run_fuzzing(surface, target, replace(self.plan, known=known, around=around), pace)

    def _may_ask(self, sender: Sender) -> bool:
        """Tell whether a gentle run has a request left; a fuzz run has."""
        return self.plan is not None or not self.most or sender.sent < self.most

    def _other_surface(self, name: SurfaceName, sender: Sender) -> Iterator[Seen]:
        """Look for what only another surface has, where this one has answered nothing."""
        other = SurfaceName.SERVERLESS if name is SurfaceName.CONTROL_PLANE else SurfaceName.CONTROL_PLANE
        if other in self.surfaces and self._may_ask(sender):
            path = (
                "/version" if other is SurfaceName.SERVERLESS else self.surfaces[other].by_id("get_auth_profile").path
            )
            yield sender.send("GET", path, "", b"", OTHER_SURFACE)


def evaluated(
    surfaces: Mapping[SurfaceName, Surface],
    seen: Iterable[Seen | About],
    accepted: Sequence[Accepted],
    at_least: float = AT_LEAST,
) -> Outcome:
    """Evaluate what was observed before."""
    observed = Observed(surfaces, accepted, at_least)
    for one in seen:
        observed.add(one)
    about = observed.about
    asked = about.asked if about is not None else ()
    targets = [Target(one.surface, one.base_url, Credentials(), own=one.own) for one in asked]
    return observed.outcome(targets, stopped=False)


def _version() -> str:
    try:
        return importlib.metadata.version("tensormesh")
    except importlib.metadata.PackageNotFoundError:
        return "of a source tree"
