"""
Values that have the right type and cannot be: counts below nothing, times in another unit.

Knows names and what a number under them may be, since no schema of ours says it.
"""

from __future__ import annotations

import re

from tensormesh_documents.json_types import Json, JsonObject

_COUNT = re.compile(r"(?i)(tokens|count|(^|[_. ])total)$")
_TIME = re.compile(r"((^|[. ])created|_at|_time|_timestamp)$")
_ZERO_TIME = "0001-01-01T00:00:00"
LATEST_SECOND = 10**11
"""The year 5138; as milliseconds, it was 1973."""


def implausible(where: str, value: Json) -> str:
    """
    Say what is wrong with a value, by the name of its field.

    Args:
        where: the way to it, which ends in that name.
        value: it.

    Returns:
        The rest of the sentence; empty where nothing is.
    """
    if isinstance(value, str):
        zero = value.startswith(_ZERO_TIME)
        return "is the first moment of the first year, which some write for no time at all" if zero else ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if value < 0 and _COUNT.search(where):
        return "is a count below 0"
    if value >= LATEST_SECOND and _TIME.search(where):
        return "is no time in seconds; it reads as one in milliseconds, or less"
    return ""


def no_count(value: JsonObject) -> str:
    """Say that a number of tokens is not that of the tokens beside it; empty where it is, or there are none."""
    count, tokens = value.get("count"), value.get("tokens")
    if isinstance(count, int) and count >= 0 and isinstance(tokens, list) and count != len(tokens):
        return f"is not the number of tokens, of which there are {len(tokens)}"
    return ""


def no_sum(value: JsonObject) -> str:
    """Say that a total of tokens is not the sum of its parts; empty where it is, or there is none."""
    total = value.get("total_tokens")
    for parts in (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens")):
        counts = [count for name in parts if isinstance(count := value.get(name), int) and count >= 0]
        if isinstance(total, int) and total >= 0 and len(counts) == len(parts) and sum(counts) != total:
            return f"is not the sum of {parts[0]} and {parts[1]}, which is {sum(counts)}"
    return ""
