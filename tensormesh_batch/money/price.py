"""
Prices of a model, and what tokens cost by them.

Amounts are whole numbers of a millionth of a millionth of a US dollar, so that sums of a million rows are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

PER_USD = 10**12
_PER_TOKEN = PER_USD // 10**6
"""What a token costs at one USD per million tokens."""

MOST_TOKENS = 10**12
"""No row has so many: who names more has counted, or limited, nothing."""

_COUNTS = (("prompt_tokens", "completion_tokens", "prompt_tokens_details"),
           ("input_tokens", "output_tokens", "input_tokens_details"))  # fmt: skip


class Tokens(NamedTuple):
    """
    What the host counted of a row.

    Attributes:
        prompt: all tokens that went in.
        cached: those of them that came from the cache, and cost nothing.
        completion: all that came out, thoughts among them.
    """

    prompt: int
    cached: int
    completion: int


class Price(NamedTuple):
    """
    What a model costs, in US dollars per million tokens.

    Attributes:
        input: tokens that go in, but for cached ones.
        output: tokens that come out.
        cached: tokens that come from the cache, which are free.
    """

    input: Decimal
    output: Decimal
    cached: Decimal = Decimal(0)

    @classmethod
    def of(cls, text: str) -> Price:
        """
        `0.15,0.60`: input and output.

        Raises:
            ValueError: it is no such pair.
        """
        parts = text.replace("/", ",").split(",")
        try:
            found = [Decimal(part.strip()) for part in parts]
        except InvalidOperation as error:
            raise ValueError(f"{text!r} is no price such as 0.15,0.60") from error
        if len(found) != 2 or not all(part.is_finite() and 0 <= part < 10**9 for part in found):
            raise ValueError(f"{text!r} is no price such as 0.15,0.60 (input, output; USD per million tokens)")
        return cls(*found)

    def cost(self, tokens: Tokens) -> int:
        """What tokens cost, in millionths of a millionth of a dollar, rounded up."""
        paid = max(tokens.prompt - tokens.cached, 0)
        sum_ = self.input * paid + self.cached * tokens.cached + self.output * tokens.completion
        return -int(-sum_ * _PER_TOKEN // 1)

    def saved(self, tokens: Tokens) -> int:
        """What the cached tokens would have cost, in the same."""
        return int((self.input - self.cached) * tokens.cached * _PER_TOKEN)


def tokens_of(answer: Any) -> Tokens | None:
    """What an answer says of its tokens; None where it says nothing of use."""
    usage = answer.get("usage") if isinstance(answer, Mapping) else None
    if not isinstance(usage, Mapping):
        return None
    for prompt, completion, details in _COUNTS:
        went_in = _count(usage.get(prompt))
        if went_in is not None:
            inside = usage.get(details)
            cached = _count(inside.get("cached_tokens")) if isinstance(inside, Mapping) else None
            return Tokens(went_in, min(cached or 0, went_in), _count(usage.get(completion)) or 0)
    return None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_TOKENS else None


def amount_of(usd: Decimal | float | str) -> int:
    """
    US dollars as an amount.

    Raises:
        ValueError: it is no sum of money.
    """
    try:
        found = Decimal(str(usd).strip())
    except InvalidOperation as error:
        raise ValueError(f"{usd!r} is no sum of US dollars such as 2.50") from error
    if not found.is_finite() or not 0 <= found < 10**12:
        raise ValueError(f"{usd!r} is no sum of US dollars such as 2.50")
    return int(found * PER_USD)


def dollars(amount: int) -> Decimal:
    """An amount as US dollars."""
    return Decimal(amount) / PER_USD
