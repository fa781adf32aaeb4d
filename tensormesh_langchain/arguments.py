"""Arguments that the chat model does not have, and what to give in their place."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

_CALLED = {
    "model_name": "model",
    "openai_api_key": "api_key",
    "inference_api_key": "api_key",
    "openai_api_base": "base_url",
    "api_base": "base_url",
    "serverless_base_url": "base_url",
    "on_demand_base_url": "base_url",
    "on_demand_user_id": "user_id",
    "request_timeout": "timeout",
    "stop_sequences": "stop",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "max_tokens_to_sample": "max_tokens",
    "headers": "default_headers",
    "extra_headers": "default_headers",
}
"""What other chat models, and the clients of this package, call arguments of it."""


def unknown(name: str, known: Collection[str]) -> str:
    """
    What to say of an argument that the chat model does not have.

    Args:
        known: the names of those that it has.
    """
    start = f"ChatTensormesh() takes no argument {name!r}; "
    if (ours := _CALLED.get(name)) is not None:
        return f"{start}here it is {ours!r}"
    if name in ("http_client", "http_async_client"):
        return f"{start}client=Tensormesh(http_client=...) and async_client=AsyncTensormesh(http_client=...) have one"
    if close := get_close_matches(name, known, n=1, cutoff=0.85):
        return f"{start}did you mean {close[0]!r}?"
    return f"{start}fields of chat.completions.create are given as model_kwargs={{{name!r}: ...}}"
