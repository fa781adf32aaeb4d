"""
Whether enough was seen to say that host and documents agree.

Knows how many operations a run may ask, and that an inference host of which no model has answered was not seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from tensormesh_contract.documents.operations import Operation, Surface
from tensormesh_contract.evaluation.evaluator import Tally

AT_LEAST = 30
"""So many operations in a hundred, where nobody says otherwise."""


def shortfalls(
    surfaces: Sequence[Surface],
    tallies: Sequence[Tally],
    left_out: Collection[Operation] = (),
    *,
    at_least: float,
    gentle: bool,
) -> Iterator[str]:
    """
    Say for each surface that was asked why too little of it was seen; nothing where it was enough.

    Args:
        surfaces: those that were asked.
        tallies: what was answered.
        left_out: what nobody wanted to ask.
        at_least: how many of the operations that may be asked have to succeed, in a hundred.
        gentle: whether only those may be asked that leave the host as it was.
    """
    if at_least <= 0:
        return
    succeeded = {tally.operation for tally in tallies if tally.succeeded}
    for surface in surfaces:
        may = [one for one in surface.operations if (not gentle or one.harmless) and one not in left_out]
        seen = [one for one in may if one in succeeded]
        generates = [one for one in may if one.stream is not None]
        if generates and not any(one in succeeded for one in generates):
            yield f"{surface.name}: no model has answered"
        elif len(seen) * 100 < at_least * len(may):
            yield f"{surface.name}: only {len(seen)} of {len(may)} operations answered with success"
