"""
What the inference surfaces ask of the account store.

Knows the questions only. The control plane answers them; inference does not
know that there is a control plane.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from tensormesh_local.catalogue import Model


@dataclass(frozen=True, slots=True)
class Key:
    """
    A key that this host gave out.

    Args:
        user_id: whose key it is.
        deployment: the deployment it is the key of; None for an API key, which opens everything.
        problem: why it opens nothing any more, in a sentence; None while it does.
    """

    user_id: str
    deployment: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """
    Token counts of one answer.

    Args:
        prompt: tokens of the prompt.
        cached: those of them that the prefix cache answered.
        completion: tokens of the answer, as far as it was sent.
    """

    prompt: int
    cached: int
    completion: int


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """
    What one answer has used.

    Args:
        user_id: who asked.
        surface: "serverless" or "on-demand".
        model: the name in the request.
        path: the path of the operation.
        tokens: how much.
    """

    user_id: str
    surface: str
    model: str
    path: str
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in US dollars."""

    input: Decimal = Decimal(0)
    output: Decimal = Decimal(0)
    cached: Decimal = Decimal(0)

    def cost(self, used: Tokens) -> Decimal:
        """Tell what tokens cost, exactly."""
        fresh = used.prompt - used.cached
        whole = self.input * fresh + self.cached * used.cached + self.output * used.completion
        return whole.scaleb(-6)

    def saving(self, used: Tokens) -> Decimal:
        """Tell how much more they would have cost without the cache."""
        return ((self.input - self.cached) * used.cached).scaleb(-6)


class Accounts(Protocol):
    """The account store, as inference sees it. Every answer is that of the moment."""

    def find_key(self, key: str) -> Key | None:
        """Look a key up; None for one that never was."""
        ...

    def token_problem(self, token: str) -> str | None:
        """Tell why a control-plane token opens nothing, in a sentence; None when it does."""
        ...

    def has_user(self, user_id: str) -> bool:
        """Tell whether there is a user, by the usual form of the id."""
        ...

    def serverless_models(self) -> tuple[Model, ...]:
        """Give the models that are on offer: those with a price in force."""
        ...

    def on_demand_models(self, user_id: str) -> tuple[Model, ...]:
        """Give the deployments of a user, those that are still starting included."""
        ...

    def token_price(self, surface: str, model: str) -> Price | None:
        """Tell what tokens of a model cost; None where they have no price, as on demand."""
        ...

    def charge(self, record: UsageRecord) -> None:
        """Count what an answer has used, and take its price."""
        ...
