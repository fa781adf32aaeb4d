"""
Deviations that are one finding, and that finding.

Knows what is kept of many alike: how often, the plainest request, the values
that were seen, but not which belong together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from tensormesh_contract.documents.operations import Operation
from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_contract.evaluation.secrets import HIDDEN, without_secrets
from tensormesh_contract.evaluation.snippets import snippet
from tensormesh_contract.evaluation.values import Deviation
from tensormesh_contract.exchanges.exchange import Request
from tensormesh_documents.json_types import Json
from tensormesh_documents.library import Node
from tensormesh_documents.places import Place

EXAMPLES = 3
SAMPLES = 20

type Change = tuple[Kind, Place, str]


@dataclass(slots=True)
class Group:
    """
    Deviations that are one finding.

    Args:
        operation: whose answers deviate.
        deviation: the first of them.
        request: the plainest that showed it.
        count: how many there were.
        samples: different values that were seen, by their JSON.
        exchanges: the numbers of the exchanges that showed it.
    """

    operation: Operation
    deviation: Deviation
    request: Request
    count: int = 0
    samples: dict[str, Json] = field(default_factory=dict[str, Json])
    exchanges: set[int] = field(default_factory=set[int])

    def add(self, deviation: Deviation, request: Request, number: int) -> None:
        """Take in one more, of the exchange of a number."""
        self.count += 1
        self.exchanges.add(number)
        if request.size < self.request.size:
            self.request = request
        tells = deviation.value is not None or deviation.kind in (Kind.UNDOCUMENTED_FIELD, Kind.TYPE)
        if tells and len(self.samples) < SAMPLES:
            self.samples.setdefault(json.dumps(deviation.value, sort_keys=True), deviation.value)

    @property
    def change(self) -> Change:
        """What a suggestion would change: a list of fields or types is one thing, whichever of them is missing."""
        deviation = self.deviation
        name = "" if deviation.kind in (Kind.MISSING_FIELD, Kind.TYPE) else deviation.name
        return deviation.kind, deviation.node.place, name

    def finding(self, samples: Sequence[Json]) -> Finding:
        """
        Give the finding.

        Args:
            samples: all values that the suggested change has to fit.
        """
        deviation = self.deviation
        shown = list(self.samples.values())[: SAMPLES if deviation.kind is Kind.UNKNOWN_VALUE else EXAMPLES]
        return Finding(
            deviation.kind,
            self.operation.surface,
            self.operation.label,
            deviation.where.strip(),
            deviation.name,
            deviation.detail,
            _place(deviation),
            tuple(HIDDEN if deviation.secret else without_secrets(value, deviation.node.document) for value in shown),
            self.count,
            (self.request,),
            snippet(deviation.kind, deviation.node, deviation.name, samples, deviation.documented),
            exchanges=frozenset(self.exchanges),
            change=deviation.change,
        )


def _place(deviation: Deviation) -> Place:
    """Point at the word to change, where it stands there."""
    node: Node = deviation.node
    word = {
        Kind.UNDOCUMENTED_FIELD: "properties",
        Kind.SPELLING: "properties",
        Kind.MISSING_FIELD: "required",
        Kind.TYPE: "type",
    }
    key = word.get(deviation.kind, "")
    if key in node and isinstance(node.value, dict):
        return node[key].place
    return node.place
