"""
One run: hosts asked, answers judged.

Knows the order of things and what may be done to whom; refuses to know how
anything is sent, judged or shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tensormesh_contract.asking.login import logged_in
from tensormesh_contract.asking.mending import Surroundings
from tensormesh_contract.asking.plan import Plan, Trouble
from tensormesh_contract.asking.sender import Sender
from tensormesh_contract.asking.walk import Walk
from tensormesh_contract.documents.operations import Surface, SurfaceName
from tensormesh_contract.exchanges.behaviour import Behaviour
from tensormesh_contract.exchanges.exchange import Exchange
from tensormesh_contract.hosts.target import Target
from tensormesh_contract.judging.acceptance import Accepted, accept
from tensormesh_contract.judging.findings import Finding, Kind
from tensormesh_contract.judging.host_document import compare
from tensormesh_contract.judging.judgement import Judgement
from tensormesh_contract.outcome import Outcome
from tensormesh_documents.places import DocumentError


@dataclass(slots=True)
class Run:
    """
    A run over some targets.

    Args:
        surfaces: the documents.
        plan: what the campaign does; None for no campaign, only the walk.
        rate: at most so many requests a second on the walk; None for as many as can be.
        accepted: findings that do not fail the run.
        tell: takes a line on how far it is.
        keep: takes every exchange, as it comes.
    """

    surfaces: Mapping[SurfaceName, Surface]
    plan: Plan | None
    rate: float | None = None
    accepted: Sequence[Accepted] = ()
    tell: Callable[[str], None] = lambda _: None
    keep: Callable[[Exchange], None] = lambda _: None

    def over(self, targets: Sequence[Target]) -> Outcome:
        """Ask every target, and say what came of it."""
        judgement = Judgement(self.surfaces)
        troubles: list[Trouble] = []
        apart: list[Finding] = []
        stopped = False
        try:
            for seen in (seen for target in targets for seen in self._seen(target)):
                match seen:
                    case Exchange():
                        self.keep(seen)
                        judgement.add(seen)
                    case Behaviour():
                        judgement.add_behaviour(seen.operation, seen.title, seen.detail, seen.requests)
                    case Trouble():
                        troubles.append(seen)
                    case Finding():
                        apart.append(seen)
        except KeyboardInterrupt:
            # What was asked has cost time, and perhaps money: it is judged as far as it goes.
            stopped = True
            troubles.append(Trouble("stopped", "what came after Ctrl-C was not asked"))
        succeeded = {tally.operation for tally in judgement.tallies() if tally.succeeded}
        asked = {tally.operation for tally in judgement.tallies()}
        unasked: list[str] = []
        for target in targets:
            for operation in self.surfaces[target.surface].operations:
                if operation not in asked:
                    unasked.append(f"{target.surface} {operation.label}")
                if target.own and self.plan is not None and operation not in succeeded and not stopped:
                    text = f"{operation.label} of {target.surface} never succeeded, and on a local host it can"
                    troubles.append(Trouble("everything", text))
        findings, stale = accept([*judgement.findings(), *apart], self.accepted, _files(judgement))
        stale = [] if stopped else stale
        return Outcome(targets, findings, judgement.tallies(), troubles, judgement.passed_over, unasked, stale, stopped)

    def _seen(self, target: Target) -> Iterator[Exchange | Behaviour | Trouble | Finding]:
        surface = self.surfaces[target.surface]
        self.tell(f"{target.surface}: reading along the links of {target.base_url}")
        with Sender(target, self.rate) as sender:
            walk = Walk(surface, sender, gentle=self.plan is None)
            yield from walk.seen()
            if not walk.answered:
                return
            if target.own and target.surface is SurfaceName.CONTROL_PLANE:
                yield from logged_in(surface, sender)
            yield from self._host_document(surface, sender)
        if self.plan is not None and self.plan.phases:
            self.tell(f"{target.surface}: {', '.join(self.plan.phases)}, with the seed {self.plan.seed}")
            from tensormesh_contract.asking.campaign import run_campaign

            around = Surroundings(walk.known.pop("body.model", ()), walk.caller_id)
            # On somebody's host, an id that exists must not get into a made-up request.
            known = walk.known if target.own else {}
            yield from run_campaign(surface, target, replace(self.plan, known=known, around=around))

    def _host_document(self, surface: Surface, sender: Sender) -> Iterator[Finding]:
        """Compare with what the host says of itself, if it says anything."""
        answer = sender.send("GET", "/openapi.json", "", b"", "document").answer
        if answer is None or answer.status != 200 or not isinstance(answer.json, dict) or "paths" not in answer.json:
            return
        try:
            yield from compare(surface, answer.json)
        except DocumentError as exc:
            place = surface.document.root["paths"].place
            yield Finding(Kind.THEIR_DOCUMENT, surface.name, "GET /openapi.json", "", "", str(exc), place)


def judged(
    surfaces: Mapping[SurfaceName, Surface], exchanges: Iterable[Exchange], accepted: Sequence[Accepted]
) -> Outcome:
    """Judge exchanges that were observed before."""
    judgement = Judgement(surfaces)
    for exchange in exchanges:
        judgement.add(exchange)
    findings, stale = accept(judgement.findings(), accepted, _files(judgement))
    return Outcome((), findings, judgement.tallies(), (), judgement.passed_over, (), stale)


def _files(judgement: Judgement) -> set[str]:
    """Give the documents that were looked at."""
    return {tally.operation.node.place.file for tally in judgement.tallies()}
