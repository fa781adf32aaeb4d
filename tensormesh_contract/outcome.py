"""
What a run has shown: all that a report needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tensormesh_contract.documents.operations import Operation
from tensormesh_contract.evaluation.acceptance import Accepted
from tensormesh_contract.evaluation.evaluator import Tally
from tensormesh_contract.evaluation.findings import Finding
from tensormesh_contract.exchanges.about import About, Trouble
from tensormesh_contract.hosts.target import Target


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What a run has shown.

    Args:
        targets: who was asked.
        findings: what was found, one for each cause.
        tallies: what was answered.
        troubles: what the run could not do.
        passed_over: requests that reach no operation.
        unasked: operations that nothing was sent to.
        stale: accepted findings that did not turn up.
        stopped: whether somebody stopped it before its end.
        about: when and how it was; None for a record that does not say.
        too_little: why too little was seen to speak of agreement, in sentences; none where it was enough.
        advice: what to ask for instead, in sentences.
        left_out: those among them that a gentle run had no request for.
        excluded: operations that the run was not about.
        said: how a host has refused, in sentences.
        compared: in a sentence, with what it was compared and what is gone since; empty for nothing.
    """

    targets: Sequence[Target]
    findings: Sequence[Finding]
    tallies: Sequence[Tally]
    troubles: Sequence[Trouble] = ()
    passed_over: int = 0
    unasked: Sequence[Operation] = ()
    stale: Sequence[Accepted] = ()
    stopped: bool = False
    about: About | None = None
    too_little: Sequence[str] = ()
    advice: Sequence[str] = ()
    compared: Sequence[str] = ()
    left_out: Sequence[Operation] = ()
    said: Sequence[str] = ()
    excluded: Sequence[Operation] = ()

    @property
    def out_of_reach(self) -> list[Operation]:
        """Operations that nothing was sent to, although nothing was saved."""
        return [operation for operation in self.unasked if operation not in self.left_out]

    @property
    def failing(self) -> list[Finding]:
        """What is wrong, and nobody accepts."""
        return [finding for finding in self.findings if finding.fails]

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.troubles or self.failing)
