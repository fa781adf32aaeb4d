"""Headers that a caller gives: what may stand in them, and how they are compared."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tensormesh_overlay.errors import ValidationError
from tensormesh_transport.secret import Secret

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")

_FRAMING = frozenset({"content-length", "transfer-encoding"})
"""Where these are wrong, the rest of a body is taken for the next request."""


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    """
    The headers by lower-case name; any of them may hold a key.

    Raises:
        ValidationError: one of them cannot be sent.
    """
    for name, value in headers.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValidationError(f"{name!r} is no name for a header")
        if not isinstance(value, str) or not _VALUE.fullmatch(value) or not value.isascii():
            raise ValidationError(f"the value of the header {name!r} cannot be sent: it must be one line of ASCII text")
        if name.lower() in _FRAMING:
            raise ValidationError(f"the header {name!r} is worked out from the body, and cannot be given")
    return {name.lower(): Secret(value) for name, value in headers.items()}
