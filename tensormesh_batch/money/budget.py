"""How much may be spent, and how much of it is spoken for. No I/O."""

from __future__ import annotations

from collections.abc import Hashable


class Budget:
    """
    A worker's sum, which is never exceeded: before a row is sent, the most it can cost is set aside.

    Amounts are in millionths of a millionth of a dollar.

    Attributes:
        allowed: what may be spent of it; more is asked for where that is not enough.
        spent: what was.
        reserved: what rows under way can cost at most.
    """

    def __init__(self, allowed: int = 0) -> None:
        self.allowed = allowed
        self.spent = 0
        self.reserved = 0

    def can_afford(self, amount: int) -> bool:
        return self.spent + self.reserved + amount <= self.allowed

    def reserve(self, amount: int) -> None:
        self.reserved += amount

    def settle(self, reserved: int, spent: int) -> None:
        """A row is answered: what was set aside is free again, but for what it cost."""
        self.reserved -= reserved
        self.spent += spent


class Treasury:
    """
    What all workers of all runs of a folder may spend together, and how much of it each was given.

    What was given is written down before it is spent. Where a worker ends without a word, all that it was given counts
    as spent, since nobody knows what of it was.

    Args:
        total: what may be spent.
        spent: what was spent before.
        workers: how many there are.
    """

    def __init__(self, total: int, spent: int = 0, workers: int = 1) -> None:
        self._total = total
        self._given: dict[Hashable, int] = {}
        self._step = max(total // (100 * workers), 1)
        self.spent = spent
        """What those spent who have ended."""

    @property
    def leased(self) -> int:
        """What is spent, or may be."""
        return self.spent + sum(self._given.values())

    def give(self, worker: Hashable, held: int, amount: int) -> int:
        """
        What a worker may spend from now on, all that it has spent included.

        Where there is not enough for `amount`, it gives back what it does not hold.

        Args:
            held: what it has spent, and what its rows under way can cost.
            amount: what it wants to have beyond that.
        """
        left = self._total - self.leased + self._given.get(worker, 0) - held
        self._given[worker] = held + (min(amount + self._step, left) if amount <= left else 0)
        return self._given[worker]

    def settle(self, worker: Hashable, spent: int | None) -> None:
        """A worker has ended; None where it did not say what it spent."""
        given = self._given.pop(worker, 0)
        self.spent += given if spent is None else spent
