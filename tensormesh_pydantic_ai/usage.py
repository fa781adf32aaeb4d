"""The tokens of a run, in the words of this package."""

from __future__ import annotations

from pydantic_ai.usage import RequestUsage, RunUsage

from tensormesh.types import UsageInfo


def usage_of(usage: RunUsage | RequestUsage) -> UsageInfo:
    """
    The tokens of a run or of a request as an answer of the service has them, for `RunningCost.add` and `price.cost`.

    Args:
        usage: `result.usage`, or that of one `ModelResponse`.
    """
    return UsageInfo(
        prompt_tokens=usage.input_tokens,
        completion_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens,
        prompt_tokens_details={"cached_tokens": usage.cache_read_tokens},
        completion_tokens_details={"reasoning_tokens": usage.details.get("reasoning_tokens", 0)},
    )
