"""What answers cost so far, by model: a running total. No I/O."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tensormesh_overlay.errors import ValidationError
from tensormesh_runtime.publication import public
from tensormesh_runtime.token_costs import Tokens, exact_cost, rounded, tokens_of

if TYPE_CHECKING:
    from tensormesh_generated.models import Money, ServerlessPricing


@public
class RunningCost:
    """
    Adds up what answers cost, by model.

    It counts tokens, and works out money when it is asked for: sums are exact, however many small answers they are of.
    Threads and tasks may share one.

    Args:
        prices: as `client.control_plane.billing.pricing.serverless.list()` gives them.

    Raises:
        ValidationError: there are none.
    """

    def __init__(self, prices: Iterable[ServerlessPricing]) -> None:
        # What is in force wins over what was.
        known = sorted(prices, key=lambda price: bool(price.is_active))
        self._prices = {str(name): price for price in known for name in (price.id, price.model) if name}
        if not self._prices:
            raise ValidationError("there are no prices to reckon with")
        self._tokens: dict[str, Tokens] = {}
        self._lock = threading.Lock()

    def add(self, answer: Any, *, model: str | None = None) -> Money:
        """
        Count an answer, and give what it costs by itself.

        Args:
            answer: an answer, a stream that was read, or a `usage`.
            model: which model gave it, where the answer does not say so.

        Raises:
            ValidationError: there is no usage, no model, or no price of it.
        """
        name = model or getattr(answer, "model", None) or getattr(_snapshot(answer), "model", None)
        if not isinstance(name, str):
            raise ValidationError("this does not say which model it is of: give model=")
        price = self._prices.get(name)
        if price is None:
            raise ValidationError(
                f"there is no price of {name!r}; there are those of {', '.join(sorted(self._prices))}"
            )
        tokens = tokens_of(answer)
        number, _ = exact_cost(tokens, price.token_prices, price.priced_tokens)
        with self._lock:
            self._tokens[name] = self._tokens.get(name, Tokens()).plus(tokens)
        return rounded(number, price.token_prices)

    @property
    def tokens(self) -> dict[str, Tokens]:
        """The tokens so far, by model."""
        with self._lock:
            return dict(self._tokens)

    @property
    def by_model(self) -> dict[str, Money]:
        """What each model cost so far."""
        return {name: self._money(name, counted, saved=False) for name, counted in self.tokens.items()}

    @property
    def total(self) -> Money:
        """What all answers cost so far."""
        return self._sum(saved=False)

    @property
    def saved(self) -> Money:
        """How much more they would have cost without the cache."""
        return self._sum(saved=True)

    def _sum(self, *, saved: bool) -> Money:
        found = [self._money(name, counted, saved=saved) for name, counted in self.tokens.items()]
        if not found:
            price = next(iter(self._prices.values()))
            return rounded(exact_cost(Tokens(), price.token_prices, price.priced_tokens)[0], price.token_prices)
        first, *rest = found
        for one in rest:
            first += one
        return first

    def _money(self, name: str, tokens: Tokens, *, saved: bool) -> Money:
        price = self._prices[name]
        number = exact_cost(tokens, price.token_prices, price.priced_tokens)[1 if saved else 0]
        return rounded(number, price.token_prices)

    def __repr__(self) -> str:
        return f"RunningCost({self.total}, {sum(one.input + one.output for one in self.tokens.values())} tokens)"


def _snapshot(answer: Any) -> Any:
    return answer.snapshot() if hasattr(answer, "snapshot") else None
