"""
The field `stream_options`, which chat and completions share.
"""

from typing import Any

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.errors import bad_request


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
