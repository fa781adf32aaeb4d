"""
What one inference surface offers to its operations.

Knows models, cache, options and the pace of a surface, and what the current
request is called; refuses to know routes and keys.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from tensormesh_local.catalogue import Model, find
from tensormesh_local.options import Options
from tensormesh_local.prefix_cache import Hit, PrefixCache
from tensormesh_local.sampling import Sampling


@dataclass(frozen=True, slots=True)
class Presentation:
    """How thought is shown: by options, or by a fault for one request."""

    reasoning_field: str = "reasoning"
    leak_think: bool = False

    def under(self, reasoning_field: str | None, leak_think: bool | None) -> "Presentation":
        """Give what is shown when a fault has its own idea of it."""
        return Presentation(
            self.reasoning_field if reasoning_field is None else reasoning_field,
            self.leak_think if leak_think is None else leak_think,
        )


@dataclass(frozen=True, slots=True)
class Surface:
    """One of the two places with the eight inference operations."""

    name: str
    models: tuple[Model, ...]
    options: Options
    cache: PrefixCache = field(default_factory=PrefixCache)

    @property
    def needs_user(self) -> bool:
        """Whether every route asks for a key and X-User-Id."""
        return self.name == "on-demand"

    def model(self, name: str) -> Model:
        """Find a model by the name a request sent."""
        return find(self.models, name)

    def visit_cache(self, model: Model, sampling: Sampling, prompt: list[int]) -> Hit:
        """Look the prompt up in the prefix cache and leave it there."""
        scope = f"{model.name}\n{sampling.isolation}"
        return self.cache.visit(prompt, scope=scope)


@dataclass(frozen=True, slots=True)
class Turn:
    """
    What an operation knows of the request besides its body.

    Args:
        surface: where it arrived.
        presentation: how thought is shown.
        request_id: the id the caller gave it, if any.
        created: when it arrived.
    """

    surface: Surface
    presentation: Presentation
    request_id: str | None = None
    created: int = field(default_factory=lambda: int(time.time()))

    @classmethod
    def of(cls, surface: Surface, shown: Presentation, headers: Mapping[str, str]) -> "Turn":
        """Note the facts of a request."""
        return cls(surface, shown, headers.get("x-request-id"))

    def new_id(self, prefix: str, joint: str = "-") -> str:
        """Name the answer: after the caller's request id, or with a fresh one."""
        return f"{prefix}{joint}{self.request_id or fresh()}"


def fresh() -> str:
    """Make up sixteen hex digits."""
    return secrets.token_hex(8)
