"""The addresses that calls are made below: what may be one, and what is wrong with what is not."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from tensormesh_transport.origin import check_host

_SIGNS = {
    "@": "a user name or a password, before an @; credentials have arguments of their own",
    "?": "a query, behind a ?; extra_query= adds parameters to a call",
    "#": "a fragment, behind a #",
    "\\": "a backslash",
    " ": "a blank",
}
"""What no address of ours holds, and what it means."""

_CALLS = (
    # Of inference, whatever stands before it.
    r"(.*?)(/(?:v\d+/)?chat/completions|/v\d+/(?:completions|responses|models|messages|embeddings)|/(?:de)?tokenize)",
    # The rest may be what a gateway calls its own, unless it is all there is.
    r"()(/(?:health|version|auth/.+|v\d+/(?:users|billing|products|activities|observability|support|admin)(?:/.*)?))",
)
"""The paths of calls, and what stands before them."""


def text(value: Any) -> str:
    """A text without the blanks around it; ValueError or TypeError where there is none."""
    if not isinstance(value, str):
        raise TypeError(f"it must be text, not {type(value).__name__}")
    if not value.strip():
        raise ValueError("it is blank; leave it out instead")
    return value.strip()


def base_url(value: Any) -> str:
    """An address in the one form in which it is kept; ValueError or TypeError for what is none."""
    given = text(value)
    # First of all: what comes below shows the address, and a password may stand before an @.
    for sign, meaning in _SIGNS.items():
        if sign in given:
            raise ValueError(f"it must be a plain address, and holds {meaning}")
    if not given.isprintable():
        raise ValueError("it must be a plain address, and holds a sign that cannot be seen")
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it must begin with https:// (or http://) and name a host")
    check_host(parts)
    path = parts.path.rstrip("/")
    here = f"{parts.scheme}://{parts.netloc.lower()}"
    for call in _CALLS if path else ():
        if (found := re.fullmatch(call, path, re.IGNORECASE)) is not None:
            before, rest = found.groups()
            raise ValueError(f"it is the address of a call; leave out {rest!r}, and give {here}{before}")
    # Other tools want the `/v1` that our paths already have, and read the same variable.
    return here + path.removesuffix("/v1").rstrip("/")
