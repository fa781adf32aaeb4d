"""JSON values from bytes and to bytes."""

from __future__ import annotations

import json
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_scan = json.JSONDecoder().raw_decode


def to_json(value: Any) -> bytes:
    """
    The JSON text of a value, as compact UTF-8. Half a character, which a host may have sent, goes back escaped.

    Raises:
        ValueError, RecursionError: JSON has no word for it, such as NaN, or it is nested too deep.
    """
    text = _encode(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def from_json(content: bytes) -> Any:
    """
    The value of a JSON text. Bytes that are no UTF-8 become replacement characters.

    Raises:
        ValueError, RecursionError: it is no JSON, or nested too deep.
    """
    text = content.decode("utf-8", "replace")
    try:
        value, end = _scan(text)
    except ValueError:
        value, end = None, -1
    # `json.loads` knows of white space and says what is wrong; most texts do without.
    if end == len(text) or (end > 0 and not text[end:].strip()):
        return value
    return json.loads(content.decode(json.detect_encoding(content), "replace"))
