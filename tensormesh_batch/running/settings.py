"""What a run is told, as one value that goes to every process that takes part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tensormesh_batch.money.price import Price

type SurfaceName = Literal["serverless", "on_demand"]


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
    """

    surface: SurfaceName = "serverless"
    client: Mapping[str, Any] = field(default_factory=dict)
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

    def price(self, model: str) -> Price | None:
        """What a model costs, where it is known."""
        return self.prices.get(model) or self.prices.get("")
