"""Arguments that a call does not take, and what is meant by them."""

from __future__ import annotations

from collections.abc import Iterable

OF_CLIENTS = (
    *("control_plane_token", "control_plane_base_url", "inference_api_key", "serverless_base_url"),
    *("on_demand_base_url", "on_demand_user_id", "max_retries", "default_headers", "think", "retry"),
    *("allow_undescribed_tools", "allow_json_schema", "max_response_bytes"),
)
"""What is no matter of one call, and can be set for many with `with_options`."""

_ELSEWHERE = {
    "api_key": "inference_api_key",
    "base_url": "serverless_base_url",
    "retries": "max_retries",
    "headers": "extra_headers",
    "default_headers": "extra_headers",
    "params": "extra_query",
    "query": "extra_query",
    "body": "extra_body",
    "json": "extra_body",
}
"""What it is called in other clients -> our name for it."""


def unexpected(call: str, name: str, known: Iterable[str], value: object = None) -> TypeError:
    """The error for an argument that a call does not take. Of its value no more is shown than a number."""
    import difflib

    meant = _ELSEWHERE.get(name, name)
    close = difflib.get_close_matches(meant, {*known, *OF_CLIENTS}, 1)
    hint = f"did you mean {close[0]!r}?" if close else "extra_body= carries fields that the documents do not know"
    if close and close[0] in OF_CLIENTS:
        setting = f"{close[0]}={value if isinstance(value, int | float) else '...'}"
        hint = f"it is a setting of the client: client.with_options({setting}) gives one whose calls have it"
    return TypeError(f"{call}() takes no argument {name!r}; {hint}")
