"""Amounts: two integers that are one exact number, of a currency say. They add, compare and sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from tensormesh_runtime.decode import amount, amount_parts
from tensormesh_runtime.errors import ValidationError
from tensormesh_runtime.json_model import JsonModel

if TYPE_CHECKING:
    import decimal


class Amount(JsonModel):
    """
    An exact amount of something.

    Those of the same thing (the same currency) add, compare and sum: `sum(row.amount for row in rows)`. `str` is for
    people: `108.70 USD`.
    """

    _parts: ClassVar[tuple[str, str]]
    _unit: ClassVar[str]

    @property
    def amount(self) -> decimal.Decimal:
        """
        The amount as one exact number.

        Raises:
            ValidationError: one of its parts is not an integer.
        """
        units, billionths = self._parts
        for name in self._parts:
            if self.is_odd(name):
                raise ValidationError(f"{type(self).__name__}.{name} is not an integer (see to_dict())")
        return amount(getattr(self, units), getattr(self, billionths))

    @classmethod
    def of(cls, amount: decimal.Decimal | int | str, **rest: Any) -> Self:
        """
        Make one of a number.

        Args:
            amount: to the billionth, exactly.
            rest: the other fields.

        Raises:
            ValidationError: it is not a number, or finer than a billionth.
        """
        return cls(**dict(zip(cls._parts, amount_parts(amount), strict=True)), **rest)

    @property
    def _of_what(self) -> str:
        """What it is an amount of; empty where that is not said."""
        return (getattr(self, self._unit) if self._unit else None) or ""

    def _with(self, other: Amount) -> dict[str, str]:
        """What both are amounts of, as a field; nothing is nothing, of whatever."""
        mine, its = self._of_what, other._of_what
        if mine != its and not (mine or self.amount == 0):
            mine = "something unsaid"
        elif mine != its and not (its or other.amount == 0):
            its = "something unsaid"
        if mine and its and mine != its:
            raise ValidationError(f"amounts of {mine} and of {its} cannot be put together or compared")
        return {self._unit: mine or its} if mine or its else {}

    def __add__(self, other: Self) -> Self:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.of(self.amount + other.amount, **self._with(other))

    def __radd__(self, other: int) -> Self:
        """Where `sum` begins: with 0."""
        if type(other) is not int or other != 0:
            return NotImplemented
        return self.of(self.amount, **self._with(self))

    def __sub__(self, other: Self) -> Self:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self + -other

    def __neg__(self) -> Self:
        return self.of(-self.amount, **self._with(self))

    def __mul__(self, factor: int | decimal.Decimal) -> Self:
        import decimal

        if isinstance(factor, bool) or not isinstance(factor, int | decimal.Decimal):
            return NotImplemented
        return self.of(self.amount * factor, **self._with(self))

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        try:
            numbers = self.amount, other.amount
        except ValidationError:
            return super().__eq__(other)
        extras = vars(self).get("additional_properties") or {}, vars(other).get("additional_properties") or {}
        return numbers[0] == numbers[1] and self._of_what == other._of_what and extras[0] == extras[1]

    __hash__: ClassVar[None]

    def __lt__(self, other: Self) -> bool:
        return self._ordered(other) < 0 if isinstance(other, type(self)) else NotImplemented

    def __le__(self, other: Self) -> bool:
        return self._ordered(other) <= 0 if isinstance(other, type(self)) else NotImplemented

    def __gt__(self, other: Self) -> bool:
        return self._ordered(other) > 0 if isinstance(other, type(self)) else NotImplemented

    def __ge__(self, other: Self) -> bool:
        return self._ordered(other) >= 0 if isinstance(other, type(self)) else NotImplemented

    def _ordered(self, other: Amount) -> decimal.Decimal:
        self._with(other)
        return self.amount - other.amount

    def __str__(self) -> str:
        try:
            digits = f"{self.amount:f}"
        except ValidationError:
            return repr(self)
        whole, _, places = digits.partition(".")
        return f"{whole}.{places.rstrip('0').ljust(2, '0')} {self._of_what}".rstrip()

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)
