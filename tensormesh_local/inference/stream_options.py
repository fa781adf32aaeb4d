"""
The field `stream_options`, which chat and completions share.
"""

from typing import Any

from tensormesh_local.errors import bad_request
from tensormesh_local.json_values import JsonObject


def check_stream_options(body: JsonObject) -> None:
    """
    Raises:
        Refusal: 400 when there is no stream to have options.
    """
    if body.get("stream_options") and not body.get("stream"):
        raise bad_request("Stream options can only be defined when `stream=True`.", "stream_options")


def read_stream_options(options: Any) -> tuple[bool, bool]:
    """Read `stream_options`: usage at the end, usage all along."""
    if options is None or not options.include_usage:
        return False, False
    return True, bool(options.continuous_usage_stats)
