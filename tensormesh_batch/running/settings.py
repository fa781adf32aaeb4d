"""What a run is told, as one value that goes to every process that takes part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any, Literal, Self, TypedDict

from tensormesh_batch.money.price import Price, amount_of
from tensormesh_overlay.client import AsyncTensormesh

type SurfaceName = Literal["serverless", "on_demand"]
type Money = Decimal | float | str


class SendOptions(TypedDict, total=False):
    """What everything takes that sends rows."""

    client: AsyncTensormesh
    """A client of your own, which stays open. It cannot go to other processes."""
    client_options: Mapping[str, Any]
    """Arguments of the clients that are made for it, beside what the environment says."""
    surface: SurfaceName
    """Where the rows are sent; `serverless` if nothing is said."""
    model: str
    """For rows that name none."""
    max_tokens: int
    """For rows that name no limit."""
    max_in_flight: int
    """Rows under way at once, at most, and no more than the client may have connections; 256 if nothing is said. How
    many the host has room for is found out."""
    requests_per_minute: float
    tokens_per_minute: float
    max_tries: int
    """How often a row is sent that fails in a way that passes; 5 if nothing is said."""
    timeout: float
    """Seconds that an answer may take; 600 if nothing is said."""
    price: Price | Mapping[str, Price]
    """What tokens cost, by model or for all."""
    budget: Money
    """US dollars that all rows together may cost, in all runs of a folder. None is sent that could exceed it."""
    stop_after_errors: int
    """End when more rows than that failed."""


@dataclass(frozen=True)
class Settings:
    """
    What a run is told.

    Attributes:
        surface: where the rows go.
        client: arguments of the client, beside those that the environment gives.
        max_in_flight: how many rows are under way at most, in all processes together.
        requests_per_minute, tokens_per_minute: what is sent in a minute at most.
        max_tries: how often a row is sent before it is set aside.
        timeout: seconds that an answer may take.
        prices: what each model costs; under `""`, all others.
        contexts: the longest context of each model, where it is known.
        budget: what may be spent in all runs, in millionths of a millionth of a dollar.
        stop_after_errors: so many rows may be set aside.
        defaults: fields for bodies that lack them.

    Raises:
        ValueError: a value makes no sense.
    """

    surface: SurfaceName = "serverless"
    client: Mapping[str, Any] = field(default_factory=dict, repr=False)  # a key may be among them
    max_in_flight: int = 256
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    max_tries: int = 5
    timeout: float = 600.0
    prices: Mapping[str, Price] = field(default_factory=dict)
    contexts: Mapping[str, int] = field(default_factory=dict)
    budget: int | None = None
    stop_after_errors: int | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.surface not in ("serverless", "on_demand"):
            raise ValueError(f"surface must be 'serverless' or 'on_demand', not {self.surface!r}")
        counts = {"max_in_flight": self.max_in_flight, "max_tries": self.max_tries, **self.defaults}
        model = counts.pop("model", "any")
        if not isinstance(model, str) or not model:
            raise ValueError(f"model must be a name, not {model!r}")
        for name, value in counts.items():
            if not _is_whole(value, 1):
                raise ValueError(f"{name} must be a whole number of at least 1, not {value!r}")
        for name in ("requests_per_minute", "tokens_per_minute", "timeout"):
            given: object = getattr(self, name)
            if given is None and name != "timeout":
                continue
            if isinstance(given, bool) or not isinstance(given, int | float) or not given > 0:
                raise ValueError(f"{name} must be more than 0, not {given!r}")
        if self.stop_after_errors is not None and not _is_whole(self.stop_after_errors, 0):
            raise ValueError(f"stop_after_errors must be a whole number of at least 0, not {self.stop_after_errors!r}")
        for price in self.prices.values():
            if not isinstance(price, Price):
                raise ValueError(f"price must be a Price, such as Price.of('0.15,0.60'), not {price!r}")  # noqa: TRY004
        if not isinstance(self.client, Mapping):
            raise ValueError("client_options must be a mapping of names to values")  # noqa: TRY004

    @classmethod
    def of(
        cls,
        *,
        model: str | None = None,
        max_tokens: int | None = None,
        price: Price | Mapping[str, Price] | None = None,
        budget: Money | None = None,
        client_options: Mapping[str, Any] | None = None,
        **others: Any,
    ) -> Self:
        """
        Settings as programs give them.

        Raises:
            ValueError: a value makes no sense.
            TypeError: there is no such option.
        """
        if unknown := others.keys() - {each.name for each in fields(cls)}:
            known = ", ".join(sorted(SendOptions.__annotations__))
            raise TypeError(f"a batch has no option {min(unknown)!r}; those of sending are {known}")
        defaults = {name: value for name, value in (("model", model), ("max_tokens", max_tokens)) if value is not None}
        return cls(
            **others,
            client=client_options or {},
            prices=price if isinstance(price, Mapping) else {} if price is None else {"": price},
            budget=None if budget is None else amount_of(budget),
            defaults=defaults,
        )

    def price(self, model: str) -> Price | None:
        """What a model costs, where it is known."""
        return self.prices.get(model) or self.prices.get("")

    def share(self, number: int, workers: int) -> Self:
        """What one of several workers is told, so that together they keep the limits."""
        each, more = divmod(self.max_in_flight, workers)
        return replace(
            self,
            max_in_flight=max(each + (number < more), 1),
            requests_per_minute=None if self.requests_per_minute is None else self.requests_per_minute / workers,
            tokens_per_minute=None if self.tokens_per_minute is None else self.tokens_per_minute / workers,
        )


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
