"""How much may be spent, and how much of it is spoken for. No I/O."""

from __future__ import annotations


class Budget:
    """
    A sum that is never exceeded: before a row is sent, the most it can cost is set aside.

    What is `leased` was written down before it was spent. Where a run ends without a word, all of it counts as spent,
    since nobody knows what of it was.

    Args:
        total: what may be spent in all runs of a folder, in millionths of a millionth of a dollar.
        spent: what was spent before.
    """

    def __init__(self, total: int, spent: int = 0) -> None:
        self.total = total
        self.spent = spent
        self.leased = spent
        self._reserved = 0
        self._step = max(total // 100, 1)

    @property
    def left(self) -> int:
        """What nobody has spoken for."""
        return self.total - self.spent - self._reserved

    def can_afford(self, amount: int) -> bool:
        return amount <= self.left

    def needs_lease(self, amount: int) -> bool:
        """Whether more has to be written down before `amount` is reserved; then call `lease`."""
        return self.spent + self._reserved + amount > self.leased

    def lease(self, amount: int) -> int:
        """How much is to be written down as spent before `amount` is reserved."""
        self.leased = min(self.spent + self._reserved + amount + self._step, self.total)
        return self.leased

    def reserve(self, amount: int) -> None:
        self._reserved += amount

    def settle(self, reserved: int, spent: int) -> None:
        """A row is answered: what was set aside is free again, but for what it cost."""
        self._reserved -= reserved
        self.spent += spent
