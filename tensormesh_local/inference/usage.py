"""
The token counts of one answer, as each API writes them.

Knows token counts only: where they came from is for its callers to know.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.accounts import Tokens
from tensormesh_local.engine.generation import Generation
from tensormesh_local.engine.prefix_cache import CacheMatch

SYSTEM_FINGERPRINT = "tensormesh-local-1"
NOTHING_CACHED = CacheMatch()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens in, tokens out, and what part of each was cached or thought."""

    prompt: int
    completion: int
    cache: CacheMatch = NOTHING_CACHED
    reasoning: int = 0
    multimodal: int = 0

    @classmethod
    def of(cls, prompt: int, cache: CacheMatch, generations: Iterable[Generation], multimodal: int = 0) -> "Usage":
        """Add up the choices of one prompt, of which some tokens may stand for pictures."""
        found = list(generations)
        return cls(prompt, sum(len(g.steps) for g in found), cache, sum(g.reasoning_tokens for g in found), multimodal)

    def totals(self) -> JsonObject:
        """Write the three totals alone: a text stream asked for continuous usage has no more on a chunk."""
        return {
            "prompt_tokens": self.prompt,
            "total_tokens": self.prompt + self.completion,
            "completion_tokens": self.completion,
        }

    def tokens(self) -> Tokens:
        """Give what is billed."""
        return Tokens(self.prompt, self.cache.cached, self.completion)

    def chat(self) -> JsonObject:
        """Write it as a whole chat answer does."""
        return {
            **self.totals(),
            "prompt_tokens_details": {
                "cached_tokens": self.cache.cached,
                "created_cache_tokens": self.cache.created,
                "multimodal_tokens": self._seen(),
            },
            "completion_tokens_details": self._thought(),
        }

    def chat_end(self) -> JsonObject:
        """Write it as the last chunk of a chat stream does."""
        return {
            **self.totals(),
            "prompt_tokens_details": {
                "cached_tokens": self.cache.cached,
                "created_cache_tokens": self.cache.created,
                **({"multimodal_tokens": self._seen()} if self.multimodal else {}),
            },
            "completion_tokens_details": self._thought(),
        }

    def chat_so_far(self) -> JsonObject:
        """Write it as every chunk of a chat stream does that was asked for continuous usage."""
        return {**self.totals(), "completion_tokens_details": self._thought()}

    def _seen(self) -> JsonObject | None:
        return {"image": self.multimodal} if self.multimodal else None

    def _thought(self) -> JsonObject:
        return {"reasoning_tokens": self.reasoning}

    def text(self) -> JsonObject:
        """Write it as a whole text completion does, which counts neither thought nor new cache entries."""
        return {
            **self.totals(),
            "prompt_tokens_details": {
                "cached_tokens": self.cache.cached,
                "created_cache_tokens": None,
                "multimodal_tokens": None,
            },
            "completion_tokens_details": None,
        }

    def text_end(self) -> JsonObject:
        """Write it as the last chunk of a text stream does."""
        return {**self.totals(), "prompt_tokens_details": {"cached_tokens": self.cache.cached}}

    def responses(self) -> JsonObject:
        """Write it as responses do."""
        return {
            "input_tokens": self.prompt,
            "input_tokens_details": {
                "cached_tokens": self.cache.cached,
                "cache_write_tokens": self.cache.created,
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
