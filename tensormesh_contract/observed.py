"""
What a run or a record has shown so far, and what comes of it: the same for both.

Knows what belongs to an outcome, but not who asks, or whether anybody does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tensormesh_contract.documents.operations import Operation, Surface, SurfaceName
from tensormesh_contract.evaluation.acceptance import Accepted, accept
from tensormesh_contract.evaluation.causes import by_cause
from tensormesh_contract.evaluation.coverage import shortfalls
from tensormesh_contract.evaluation.evaluator import Evaluator, Tally
from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_contract.evaluation.host_document import compare
from tensormesh_contract.evaluation.signs import Signs
from tensormesh_contract.exchanges.about import About, LeftOut, Trouble
from tensormesh_contract.exchanges.behaviour import Behaviour
from tensormesh_contract.exchanges.exchange import Exchange
from tensormesh_contract.exchanges.record import Seen
from tensormesh_contract.hosts.target import Target
from tensormesh_contract.outcome import Outcome
from tensormesh_documents.places import DocumentError

DOCUMENT = "document"
"""The source of the request for what a host says of itself."""
STOPPED = "stopped"


class Observed:
    """
    What was seen, as it adds up.

    Args:
        surfaces: the documents.
        accepted: findings that do not fail the run.
        at_least: how many operations in a hundred have to succeed for agreement.
    """

    def __init__(self, surfaces: Mapping[SurfaceName, Surface], accepted: Sequence[Accepted], at_least: float) -> None:
        self.about: About | None = None
        self._surfaces = surfaces
        self._accepted = accepted
        self._at_least = at_least
        self._evaluator = Evaluator(surfaces)
        self._signs = Signs()
        self._troubles: list[Trouble] = []
        self._apart: list[Finding] = []
        self._left_out: list[Operation] = []

    def add(self, seen: Seen | About) -> None:
        """Take in one thing."""
        match seen:
            case Exchange() if self._is_left_out(seen):
                pass
            case Exchange():
                if seen.source == DOCUMENT:
                    self._apart += self._compared(seen)
                self._evaluator.add(seen)
                operation = self._surfaces[seen.surface].find(seen.request.method, seen.request.path)
                self._signs.note(seen, operation)
            case Behaviour() if seen.operation in self._surfaces[seen.operation.surface].left_out:
                pass
            case Behaviour():
                self._evaluator.add_behaviour(seen.operation, seen.title, seen.detail, seen.requests)
            case Trouble():
                self._troubles.append(seen)
            case LeftOut():
                self._left_out.append(self._surfaces[seen.surface].by_id(seen.operation))
            case About():
                self.about = seen

    def outcome(self, targets: Sequence[Target], *, stopped: bool) -> Outcome:
        """Say what came of it."""
        whole = not any(trouble.phase == STOPPED for trouble in self._troubles)
        tallies = self._evaluator.tallies()
        asked = {tally.operation for tally in tallies}
        unasked = [
            operation
            for target in targets
            for operation in self._surfaces[target.surface].operations
            if operation not in asked
        ]
        excluded = [operation for target in targets for operation in self._surfaces[target.surface].left_out]
        # Of what is left out, nothing can turn up.
        files = {operation.node.place.file for operation in asked} if not excluded else set[str]()
        findings, stale = accept([*self._evaluator.findings(), *self._apart], self._accepted, files)
        return Outcome(
            targets,
            by_cause(findings),
            tallies,
            [*self._troubles, *(self._never_succeeded(targets, tallies) if whole else [])],
            self._evaluator.passed_over,
            unasked,
            stale if whole else [],
            stopped,
            self.about,
            self._too_little(targets, tallies) if whole else [],
            [text for target in targets for text in self._signs.advice(target.surface)] if whole else [],
            left_out=[one for one in self._left_out if one not in excluded],
            excluded=excluded,
            said=[text for target in targets if (text := self._signs.said(target.surface))],
        )

    def _is_left_out(self, exchange: Exchange) -> bool:
        """Tell whether an exchange is of an operation that this is not about: a record may have more."""
        surface = self._surfaces[exchange.surface]
        return surface.documented(exchange.request.method, exchange.request.path) in surface.left_out

    def _compared(self, exchange: Exchange) -> list[Finding]:
        """Compare with what the host says of itself, if it says anything."""
        answer, surface = exchange.answer, self._surfaces[exchange.surface]
        if answer is None or answer.status != 200 or not isinstance(answer.json, dict) or "paths" not in answer.json:
            return []
        try:
            return compare(surface, answer.json)
        except DocumentError as exc:
            place = surface.document.root["paths"].place
            return [Finding(Kind.THEIR_DOCUMENT, surface.name, "GET /openapi.json", "", "", str(exc), place)]

    def _never_succeeded(self, targets: Sequence[Target], tallies: Sequence[Tally]) -> list[Trouble]:
        """On a local host of one's own, everything can."""
        if self.about is None or self.about.gentle:
            return []
        succeeded = {tally.operation for tally in tallies if tally.succeeded}
        return [
            Trouble("everything", f"{operation.label} of {target.surface} never succeeded, and on a local host it can")
            for target in targets
            if target.own
            for operation in self._surfaces[target.surface].operations
            if operation not in succeeded
        ]

    def _too_little(self, targets: Sequence[Target], tallies: Sequence[Tally]) -> list[str]:
        surfaces = [self._surfaces[target.surface] for target in targets]
        gentle = self.about is not None and self.about.gentle
        return [*shortfalls(surfaces, tallies, self._left_out, at_least=self._at_least, gentle=gentle)]
