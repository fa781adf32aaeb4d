"""Headers that a caller gives: what may stand in them, and how they are compared."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tensormesh_overlay.errors import ValidationError
from tensormesh_transport.secret import Secret

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PLAIN = re.compile(r"(?=.{1,40}$)[A-Za-z]+([-_ ][A-Za-z]+)*[:\s]*")
"""What people call headers, rightly or not."""

_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")

_FRAMING = frozenset({"content-length", "transfer-encoding"})
"""Where these are wrong, the rest of a body is taken for the next request."""


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    """
    The headers by lower-case name; any of them may hold a key.

    Raises:
        ValidationError: one of them cannot be sent.
    """
    for position, (name, value) in enumerate(headers.items(), 1):
        which = _told(name, position)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValidationError(f"{which} has no name for one: letters, digits and hyphens, such as 'X-Name'")
        if not isinstance(value, str) or not _VALUE.fullmatch(value) or not value.isascii():
            raise ValidationError(f"the value of {which} cannot be sent: it must be one line of ASCII text")
        if name.lower() in _FRAMING:
            raise ValidationError(f"{which} is worked out from the body, and cannot be given")
    return {name.lower(): Secret(value) for name, value in headers.items()}


def _told(name: object, position: int) -> str:
    """A header in the words of an error. What does not look like a name may be a key in its place."""
    if isinstance(name, str) and _PLAIN.fullmatch(name):
        return f"the header {name!r}"
    return f"header {position} of those given"
