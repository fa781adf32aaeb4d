"""
What one inference surface offers to its operations.

Knows models, cache, options and the pace of a surface, and what the current
request is called, but not routes and keys.
"""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from tensormesh_local.catalogue import Model, find, with_context
from tensormesh_local.engine.prefix_cache import CacheMatch, PrefixCache
from tensormesh_local.engine.sampling import Sampling
from tensormesh_local.options import Options

# Under this key of its scope a request finds its presentation.
PRESENTATION = "tensormesh_local.presentation"
# And under this one, when it comes from inside the host, for whom it is: it needs no key then.
INSIDER = "tensormesh_local.insider"


@dataclass(frozen=True, slots=True)
class Presentation:
    """How thought is shown: by options, or by a fault for one request."""

    reasoning_field: str = "reasoning"
    leak_think: bool = False

    def overridden_by(self, reasoning_field: str | None, leak_think: bool | None) -> "Presentation":
        """Give what is shown when a fault has its own idea of it."""
        return Presentation(
            self.reasoning_field if reasoning_field is None else reasoning_field,
            self.leak_think if leak_think is None else leak_think,
        )


@dataclass(frozen=True, slots=True)
class Surface:
    """One of the two places with the eight inference operations."""

    name: str
    options: Options
    models: tuple[Model, ...] = ()
    cache: PrefixCache = field(default_factory=PrefixCache)

    def serving(self, models: Sequence[Model]) -> Self:
        """Give the surface as one caller finds it now, with the models there are for that caller."""
        return replace(self, models=with_context(models, self.options.context_tokens))

    @property
    def needs_user(self) -> bool:
        """Whether every route asks for a key and X-User-Id."""
        return self.name == "on-demand"

    def model(self, name: str) -> Model:
        """Find a model by the name a request sent."""
        return find(self.models, name)

    def match_cache(self, model: Model, sampling: Sampling, prompt: list[int]) -> CacheMatch:
        """Look the prompt up in the prefix cache and leave it there."""
        scope = f"{model.name}\n{sampling.isolation}"
        return self.cache.match(prompt, scope=scope)


@dataclass(frozen=True, slots=True)
class RequestContext:
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
    def of(cls, surface: Surface, shown: Presentation, headers: Mapping[str, str]) -> "RequestContext":
        """Note the facts of a request."""
        return cls(surface, shown, headers.get("x-request-id"))

    def new_id(self, prefix: str, asked: str | None = None) -> str:
        """Name the answer: after the id of the request's header, the one in its body, or a fresh one."""
        return f"{prefix}{self.request_id or asked or random_id()}"


def random_id() -> str:
    """Make up sixteen hex digits."""
    return secrets.token_hex(8)
