"""
The prefix cache: which leading blocks of a prompt were computed before.

Knows blocks of token ids chained by hash, least recently used ones go first.
Does not share blocks between models or between isolation keys.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

BLOCK = 16
CAPACITY = 65_536


@dataclass(frozen=True, slots=True)
class CacheMatch:
    """
    What the cache did for one prompt, in tokens.

    Args:
        cached: tokens at the start of the prompt that were there already.
        created: tokens whose blocks were put there for the next request.
    """

    cached: int = 0
    created: int = 0


class PrefixCache:
    """Blocks seen so far. Safe to use from any thread."""

    def __init__(self, block: int = BLOCK, capacity: int = CAPACITY) -> None:
        self._block = block
        self._capacity = capacity
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._seen.clear()

    def match(self, tokens: Sequence[int], *, scope: str) -> CacheMatch:
        """
        Count the known prefix of a prompt, then remember all its full blocks.

        The last token of a prompt is always computed, since its logits are what
        the answer starts from: a prompt is never cached whole.

        Args:
            tokens: the prompt.
            scope: what may share blocks: model and isolation key.
        """
        known, created, unbroken = 0, 0, True
        parent = hashlib.sha256(scope.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            for end in range(self._block, len(tokens) + 1, self._block):
                block = tokens[end - self._block : end]
                parent = hashlib.sha256(parent + repr(tuple(block)).encode()).digest()
                hit = parent in self._seen
                unbroken = unbroken and hit and end < len(tokens)
                known += self._block if unbroken else 0
                created += 0 if hit else self._block
                self._remember(parent)
        return CacheMatch(known, created)

    def _remember(self, block: bytes) -> None:
        self._seen[block] = None
        self._seen.move_to_end(block)
        if len(self._seen) > self._capacity:
            self._seen.popitem(last=False)
