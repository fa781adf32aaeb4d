"""What an answer took: tokens, how many of them came from the cache, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Self

from tensormesh_cli.values.money import CURRENCY, amount, is_money

PRICED_TOKENS = 1_000_000
"""A "token price" is for so many tokens."""

_PLACES = 6


@dataclass(frozen=True)
class Usage:
    """
    Tokens.

    Attributes:
        prompt: all that was sent, `cached` of it included.
        cached: what of it the host had computed before.
        completion: all that was generated, reasoning included.
    """

    prompt: int = 0
    cached: int = 0
    completion: int = 0

    @classmethod
    def of(cls, answer: Any) -> Self | None:
        """What an answer says it took; None where it does not say."""
        found = getattr(answer, "usage", None)
        if found is None:
            return None
        details = found.prompt_tokens_details
        cached = (details.cached_tokens if details is not None else None) or 0
        return cls(found.prompt_tokens or 0, cached, found.completion_tokens or 0)

    @classmethod
    def parsed(cls, document: object) -> Self | None:
        """What a file says; None where it does not."""
        if not isinstance(document, Mapping):
            return None
        names = [field.name for field in fields(cls)]
        numbers = {name: document[name] for name in names if isinstance(document.get(name), int)}
        return cls(**numbers) if len(numbers) == len(names) else None

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.prompt + other.prompt, self.cached + other.cached, self.completion + other.completion)

    def __str__(self) -> str:
        cached = f" ({self.cached:,} of them cached)" if self.cached else ""
        return f"{self.prompt:,} tokens in{cached}, {self.completion:,} out"


@dataclass(frozen=True)
class Price:
    """What one token costs."""

    prompt: Decimal
    cached: Decimal
    completion: Decimal
    currency: str = CURRENCY

    @classmethod
    def of(cls, model: str, prices: Iterable[Mapping[str, Any]]) -> Self | None:
        """The price of a model in the list of the service; None where there is none. Cached tokens may be free."""
        listed = [item for item in prices if item.get("model") == model]
        found = next((item for item in listed if item.get("isActive")), listed[0] if listed else {})
        prompt, completion = found.get("inputTokenPrice"), found.get("outputTokenPrice")
        if not (is_money(prompt) and is_money(completion)):
            return None
        cached = found.get("cachedTokenPrice")
        try:
            each = [
                amount(item) / PRICED_TOKENS if is_money(item) else Decimal(0) for item in (prompt, cached, completion)
            ]
        except (TypeError, ValueError):
            return None
        return cls(each[0], each[1], each[2], str(prompt.get("currencyCode") or CURRENCY))

    def cost(self, usage: Usage) -> Decimal:
        fresh = max(usage.prompt - usage.cached, 0)
        return fresh * self.prompt + usage.cached * self.cached + usage.completion * self.completion


def told(usage: Usage | None, price: Price | None) -> str:
    """Tokens and cost, on one line; nothing where nothing is known."""
    if usage is None:
        return ""
    return f"{usage}{f', {costs(price.cost(usage), price.currency)}' if price else ''}"


def costs(value: Decimal, currency: str) -> str:
    """An amount that may be a small part of a cent."""
    if value and value < Decimal(1).scaleb(-_PLACES):
        return f"less than {Decimal(1).scaleb(-_PLACES):f} {currency}"
    return f"{value:.{_PLACES}f} {currency}"
