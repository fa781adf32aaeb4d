"""
What shows only across several exchanges.

Knows that what was deleted must be gone; does not look at one answer alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from tensormesh_contract.documents.links import links_of
from tensormesh_contract.documents.operations import Operation, Surface
from tensormesh_contract.exchanges.exchange import Exchange, Request
from tensormesh_contract.exchanges.steps import Missing, follow, holds


@dataclass(frozen=True, slots=True)
class Behaviour:
    """
    Something wrong between several exchanges.

    Args:
        operation: whose behaviour it is.
        title: what it is, in a few words.
        detail: in a sentence.
        requests: what to send to see it, in order.
    """

    operation: Operation
    title: str
    detail: str
    requests: tuple[Request, ...]


def survivals(
    earlier: Exchange, deletion: Operation, later: Exchange, looked_at: Operation, surface: Surface
) -> Iterator[Behaviour]:
    """
    Tell whether what a deletion took away is still there, where its links say that it must not be.

    Args:
        earlier: the deletion.
        deletion: its operation.
        later: what was asked next.
        looked_at: its operation.
        surface: both operations' surface.
    """
    if earlier.answer is None or later.answer is None or not (earlier.answer.succeeded and later.answer.succeeded):
        return
    for link in links_of(deletion, surface):
        if link.gone and link.target is looked_at:
            try:
                step = follow(link, earlier)
            except Missing:
                continue
            gone = step.gone
            # Whoever asks for more may be told more: what is deleted is still there for `includeDeleted`.
            more = {name for name, _ in parse_qsl(later.request.query)} - step.parameters.keys()
            if not more and holds(later.answer.json, gone):
                detail = f"after {deletion.label}, the answer still holds {json.dumps(gone)}"
                yield Behaviour(looked_at, "deleted, and still there", detail, (earlier.request, later.request))
