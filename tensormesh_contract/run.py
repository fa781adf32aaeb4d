"""
One run: hosts asked, answers evaluated.

Knows the order of things and what may be done to whom, but not how
anything is sent, evaluated or shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tensormesh_contract.documents.operations import Surface, SurfaceName
from tensormesh_contract.evaluation.acceptance import Accepted, accept
from tensormesh_contract.evaluation.evaluator import Evaluator
from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_contract.evaluation.host_document import compare
from tensormesh_contract.exchanges.behaviour import Behaviour
from tensormesh_contract.exchanges.exchange import Exchange
from tensormesh_contract.hosts.target import Target
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.requests.fixups import Surroundings
from tensormesh_contract.requests.login import logged_in
from tensormesh_contract.requests.plan import Plan, Trouble
from tensormesh_contract.requests.sender import Sender
from tensormesh_contract.requests.walk import Walk
from tensormesh_documents.places import DocumentError


@dataclass(slots=True)
class Run:
    """
    A run over some targets.

    Args:
        surfaces: the documents.
        plan: what the fuzz run does; None for no fuzz run, only the walk.
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
        evaluator = Evaluator(self.surfaces)
        troubles: list[Trouble] = []
        apart: list[Finding] = []
        stopped = False
        try:
            for seen in (seen for target in targets for seen in self._seen(target)):
                match seen:
                    case Exchange():
                        self.keep(seen)
                        evaluator.add(seen)
                    case Behaviour():
                        evaluator.add_behaviour(seen.operation, seen.title, seen.detail, seen.requests)
                    case Trouble():
                        troubles.append(seen)
                    case Finding():
                        apart.append(seen)
        except KeyboardInterrupt:
            # What was asked has cost time, and perhaps money: it is evaluated as far as it goes.
            stopped = True
            troubles.append(Trouble("stopped", "what came after Ctrl-C was not asked"))
        succeeded = {tally.operation for tally in evaluator.tallies() if tally.succeeded}
        asked = {tally.operation for tally in evaluator.tallies()}
        unasked: list[str] = []
        for target in targets:
            for operation in self.surfaces[target.surface].operations:
                if operation not in asked:
                    unasked.append(f"{target.surface} {operation.label}")
                if target.own and self.plan is not None and operation not in succeeded and not stopped:
                    text = f"{operation.label} of {target.surface} never succeeded, and on a local host it can"
                    troubles.append(Trouble("everything", text))
        findings, stale = accept([*evaluator.findings(), *apart], self.accepted, _files(evaluator))
        stale = [] if stopped else stale
        return Outcome(targets, findings, evaluator.tallies(), troubles, evaluator.passed_over, unasked, stale, stopped)

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
            from tensormesh_contract.requests.fuzz_run import run_fuzzing

            around = Surroundings(walk.known.pop("body.model", ()), walk.caller_id)
            # On somebody's host, an id that exists must not get into a made-up request.
            known = walk.known if target.own else {}
            yield from run_fuzzing(surface, target, replace(self.plan, known=known, around=around))

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


def evaluated(
    surfaces: Mapping[SurfaceName, Surface], exchanges: Iterable[Exchange], accepted: Sequence[Accepted]
) -> Outcome:
    """Evaluate exchanges that were observed before."""
    evaluator = Evaluator(surfaces)
    for exchange in exchanges:
        evaluator.add(exchange)
    findings, stale = accept(evaluator.findings(), accepted, _files(evaluator))
    return Outcome((), findings, evaluator.tallies(), (), evaluator.passed_over, (), stale)


def _files(evaluator: Evaluator) -> set[str]:
    """Give the documents that were looked at."""
    return {tally.operation.node.place.file for tally in evaluator.tallies()}
