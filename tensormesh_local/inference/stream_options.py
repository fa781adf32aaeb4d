"""
The field `stream_options`, which chat and completions share.
"""

from tensormesh_local.errors import bad_request
from tensormesh_local.validation import Reader


def read_stream_options(reader: Reader, *, stream: bool) -> tuple[bool, bool]:
    """
    Read `stream_options`: usage at the end, usage all along.

    Raises:
        Refusal: 400 when there is no stream to have options.
    """
    options = reader.child("stream_options")
    if options is None:
        return False, False
    if not stream:
        raise bad_request("Stream options can only be defined when `stream=True`.", "stream_options")
    usage = bool(options.flag("include_usage"))
    return usage, usage and bool(options.flag("continuous_usage_stats"))
