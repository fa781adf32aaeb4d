"""
How one answer is drawn and where it has to end.

Knows values only; how a request spells them, and their ranges, are
`inference.sampling`'s.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sampling:
    """
    The fields that all three generating operations share, within their ranges.

    Attributes:
        limit: the field that `max_tokens` was given in.
    """

    temperature: float | None = None
    top_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    n: int = 1
    seed: int = 0
    max_tokens: int | None = None
    limit: str = "max_tokens"
    min_tokens: int = 0
    stop: tuple[str, ...] = ()
    stop_token_ids: tuple[int, ...] = ()
    keep_stop: bool = False
    ignore_eos: bool = False
    isolation: str = ""

    @property
    def greedy(self) -> bool:
        """Whether the likeliest token is always taken."""
        return self.temperature == 0
