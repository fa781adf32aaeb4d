"""
What a run has shown: all that a report needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tensormesh_contract.evaluation.acceptance import Accepted
from tensormesh_contract.evaluation.evaluator import Tally
from tensormesh_contract.evaluation.findings import Finding
from tensormesh_contract.hosts.target import Target
from tensormesh_contract.requests.plan import Trouble


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What a run has shown.

    Args:
        targets: who was asked.
        findings: what was found.
        tallies: what was answered.
        troubles: what the run could not do.
        passed_over: requests that reach no operation.
        unasked: operations that nothing was sent to.
        stale: accepted findings that did not turn up.
        stopped: whether somebody stopped it before its end.
    """

    targets: Sequence[Target]
    findings: Sequence[Finding]
    tallies: Sequence[Tally]
    troubles: Sequence[Trouble] = ()
    passed_over: int = 0
    unasked: Sequence[str] = ()
    stale: Sequence[Accepted] = ()
    stopped: bool = False

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.troubles) or any(finding.fails for finding in self.findings)
