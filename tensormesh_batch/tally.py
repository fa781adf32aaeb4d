"""What a run has done so far, as numbers that add up over workers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from tensormesh_batch.money.price import Tokens


@dataclass(slots=True)
class Tally:
    """
    Attributes:
        done: rows with an answer in the folder.
        failed: rows that were set aside.
        prompt, cached, completion: tokens, as the host counted them.
        uncounted: answers without usage.
        cost: in millionths of a millionth of a dollar, as far as it is known.
        saved: what cached tokens would have cost, in the same.
        unpriced: answers whose cost is not known.
        turned_away: how often the host had no room.
        again: how often a row was sent again after a failure that passes.
        doubtful: of these, how often the host may have answered before, and counted it.
        seconds: the sum of the times that answers took.
    """

    done: int = 0
    failed: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    uncounted: int = 0
    cost: int = 0
    saved: int = 0
    unpriced: int = 0
    turned_away: int = 0
    again: int = 0
    doubtful: int = 0
    seconds: float = 0.0

    def count(self, tokens: Tokens | None, cost: int | None) -> None:
        """What an answer says of its tokens, and what they cost."""
        if tokens is None:
            self.uncounted += 1
        else:
            self.prompt += tokens.prompt
            self.cached += tokens.cached
            self.completion += tokens.completion
        if cost is None:
            self.unpriced += 1
        else:
            self.cost += cost

    def add(self, other: Tally) -> None:
        """Add what another worker, or another run, has done."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def taken(self) -> Self:
        """What there is, and begin anew."""
        copy = type(self)(*(getattr(self, each.name) for each in fields(self)))
        self.__init__()  # type: ignore[misc]
        return copy
