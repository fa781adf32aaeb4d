"""
A request as a line for a shell.

Knows quoting, but no secret: where one stood, there is `$KEY`.
"""

from __future__ import annotations

import base64
import shlex

from tensormesh_contract.exchanges.exchange import Request
from tensormesh_contract.hosts.credentials import KEY, USER_ID

_NAMES = (KEY, USER_ID, "$HOST")


def curl(request: Request, base_url: str) -> str:
    """
    Write the line that sends a request again.

    Args:
        request: the request, secrets hidden.
        base_url: the address of its surface; may be `$HOST`.
    """
    words = ["curl", "-sS", "-i"]
    if request.method != "GET":
        words += ["-X", request.method]
    if any(mark in request.target for mark in "[]{}"):
        words.append("--globoff")
    if "/." in request.path:
        words.append("--path-as-is")
    words.append(_quoted(base_url + request.target))
    for name, value in request.headers.items():
        words += ["-H", _quoted(f"{name.title()}: {value}")]
    if request.body:
        words += ["--data-binary", _body(request.body)]
    return " ".join(words)


def _body(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    if text.encode() == body and all(one.isprintable() or one in "\n\t" for one in text):
        return _quoted(text)
    # No text, or none that a terminal shows: as bytes, by way of a second command.
    return f"@<(echo {base64.b64encode(body).decode('ascii')} | base64 -d)"


def _quoted(text: str) -> str:
    """Quote a word so that only our own names for secrets are filled in."""
    bare = text
    for name in _NAMES:
        bare = bare.replace(name, "")
    if bare != text and not set(bare) & set('"\\`$!'):
        return f'"{text}"'
    quoted = shlex.quote(text)
    for name in _NAMES:
        quoted = quoted.replace(name, f"'\"{name}\"'")
    return quoted
