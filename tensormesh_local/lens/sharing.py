"""
What many prompts share, in the order in which they came and in a better one.

Knows a cache of blocks, of which the least recently used go first.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tensormesh_local.lens.prompt import WIDTH, Prompt

BLOCK = 16
CAPACITY = 1_048_576


@dataclass(frozen=True, slots=True)
class Cache:
    """
    A cache to reckon with.

    Args:
        block: its tokens come and go by so many.
        capacity: how many tokens it holds.
        least: how many more tokens have to be cached for a change of prompts to be worth it.
    """

    block: int = BLOCK
    capacity: int = CAPACITY
    least: int = 64

    def cached(self, common_tokens: int, length: int) -> int:
        """How much of a prompt is cached that begins with so many known tokens; its last is always computed."""
        return max(min(common_tokens, length - 1), 0) // self.block * self.block

    def is_worth(self, gain: int) -> bool:
        """Tell whether prompts are worth a change for so many more cached tokens."""
        return gain >= max(self.least, 1)

    def run(self, prompts: Iterable[Prompt]) -> list[int]:
        """How many tokens of each are cached when they come one after another."""
        seen: OrderedDict[int, None] = OrderedDict()
        width, room = self.block * WIDTH, max(self.capacity // self.block, 1)
        found: list[int] = []
        for prompt in prompts:
            known, unbroken, key = 0, True, prompt.key
            parent = hash(prompt.scope)
            for end in range(width, len(key) + 1, width):
                parent = hash((parent, key[end - width : end]))
                unbroken = unbroken and end < len(key) and parent in seen
                known += unbroken
                seen[parent] = None
                seen.move_to_end(parent)
                if len(seen) > room:
                    seen.popitem(last=False)
            found.append(known * self.block)
        return found


def in_best_order(prompts: Sequence[Prompt]) -> list[Prompt]:
    """Put prompts with the same beginning together, shorter ones first."""
    return sorted(prompts, key=lambda prompt: (prompt.scope, prompt.key))
