"""
The bill of one answer, in both dialects.

Knows token counts only: where they came from is for its callers to know.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tensormesh_local.generation import Generation
from tensormesh_local.prefix_cache import Hit
from tensormesh_local.wire import JsonObject

FINGERPRINT = "tensormesh-local-1"
NOTHING_CACHED = Hit()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens in, tokens out, and what part of each was cached or thought."""

    prompt: int
    completion: int
    hit: Hit = NOTHING_CACHED
    reasoning: int = 0

    @classmethod
    def of(cls, prompt: int, hit: Hit, generations: Iterable[Generation]) -> "Usage":
        """Add up the choices of one prompt."""
        found = list(generations)
        return cls(prompt, sum(len(g.steps) for g in found), hit, sum(g.reasoning_tokens for g in found))

    def chat(self) -> JsonObject:
        """Write it as chat and completions do."""
        return {
            **self.running(),
            "prompt_tokens_details": {
                "cached_tokens": self.hit.cached,
                "created_cache_tokens": self.hit.created,
                "multimodal_tokens": None,
            },
            "completion_tokens_details": {"reasoning_tokens": self.reasoning},
        }

    def streamed(self) -> JsonObject:
        """Write it as the last chunk of a stream does."""
        return {
            **self.running(),
            "prompt_tokens_details": {
                "cached_tokens": self.hit.cached,
                "created_cache_tokens": self.hit.created,
            },
            "completion_tokens_details": {"reasoning_tokens": self.reasoning},
        }

    def running(self) -> JsonObject:
        """Write the three totals alone."""
        return {
            "prompt_tokens": self.prompt,
            "total_tokens": self.prompt + self.completion,
            "completion_tokens": self.completion,
        }

    def continuous(self) -> JsonObject:
        """Write it as every chunk does that was asked for continuous usage."""
        return {
            **self.running(),
            "completion_tokens_details": {"reasoning_tokens": self.reasoning},
        }

    def responses(self) -> JsonObject:
        """Write it as responses do."""
        return {
            "input_tokens": self.prompt,
            "input_tokens_details": {
                "cached_tokens": self.hit.cached,
                "cache_write_tokens": self.hit.created,
                "input_tokens_per_turn": [],
                "cached_tokens_per_turn": [],
            },
            "output_tokens": self.completion,
            "output_tokens_details": {
                "reasoning_tokens": self.reasoning,
                "tool_output_tokens": 0,
                "output_tokens_per_turn": [],
                "tool_output_tokens_per_turn": [],
            },
            "total_tokens": self.prompt + self.completion,
        }
