"""What an error of the client means for whoever typed a command: its kind, its words and a way out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tensormesh_cli.errors import CliError

if TYPE_CHECKING:
    from tensormesh import TensormeshError

_STATUS_KINDS = {401: "unauthorized", 403: "unauthorized", 404: "not_found", 429: "rate_limited"}
_HINTS = {
    "rate_limited": "wait a moment and try again",
    "unreachable": "check the network and the address: `tm config show --sources` says where it comes from",
    "timeout": "try again, or allow more time with --timeout SECONDS",
    "protocol": "try again; --debug shows the calls that were made",
}
_WORDS = (
    (re.compile(r"(; |^)snapshot\(\) gives what came( before)?\b"), ""),  # it was printed as it came
    (re.compile(r"\btimeout= sets the limits"), "--timeout sets the limit"),
    (re.compile(r"\bca_bundle= names\b"), "--ca-bundle names"),
    (re.compile(r"(\(?)see to_dict\(\)( for what it did)?"), r"\1--output raw shows all that came"),
    (re.compile(r" \(max_connections= sees to that\)|; extra_query= adds parameters to a call"), ""),
    (re.compile(r"\bmax_response_bytes= (?=sets|allows)"), "--max-response-bytes "),
    (
        re.compile(r", which needs a client of your own: http_client=httpx\.Client\(proxy=\.\.\.\)"),
        ", which tm cannot use",
    ),
    (re.compile(r"\bextra_body= carries\b"), "a body as JSON carries"),
    (re.compile(r"(; | or )?\b(or )?(use )?with_options\(\)[^;,.]*"), ""),
)
"""What the client says to who writes a program -> the same for who types a command."""


def failure(error: TensormeshError, hints: Mapping[str, str]) -> CliError:
    """
    The error of a command for one of the client.

    Args:
        hints: kind -> what to do about it in the place that made the call.
    """
    status: int | None = getattr(error, "status_code", None)
    request_id: str | None = getattr(error, "request_id", None)
    kind = _kind(error, status)
    # Another token would not help where the account may not do it.
    hint = None if status == 403 else hints.get(kind) or _hint(error, kind, request_id)
    return CliError(kind, _text(error, status, request_id), hint, status, request_id)


def in_words_of_tm(text: str) -> str:
    """A text of the client without words that only a program could use."""
    for pattern, words in _WORDS:
        text = pattern.sub(words, text)
    return text


def _kind(error: TensormeshError, status: int | None) -> str:
    from tensormesh import errors

    if isinstance(error, errors.APITimeoutError):
        return "timeout"
    if isinstance(error, errors.APIConnectionError) and not isinstance(error, errors.StreamError):
        return "unreachable"
    if isinstance(error, errors.APIStatusError | errors.StreamEventError) and status is not None:
        return _STATUS_KINDS.get(status) or ("server" if status >= 500 else "refused")
    if isinstance(error, errors.APIError | errors.MissingFieldError):
        return "protocol"
    return "config" if isinstance(error, errors.ConfigurationError) else "input"


def _text(error: TensormeshError, status: int | None, request_id: str | None) -> str:
    """The host's sentence and which call it was about; where it has none, what the client makes of it."""
    from tensormesh import errors

    whole = str(error).strip()
    said = getattr(error, "message", None) or whole
    if isinstance(error, errors.MissingFieldError):
        return f"The answer has no {error.name!r}, which every {error.model} should have"
    if said == whole or status is None:
        text = in_words_of_tm(whole)
        return text[:1].upper() + text[1:]
    return f"{said} (HTTP {status}{f', request {request_id}' if request_id else ''})"


def _hint(error: TensormeshError, kind: str, request_id: str | None) -> str | None:
    from tensormesh import errors

    seconds: float | None = getattr(error, "retry_after", None)
    if seconds is not None and kind in ("rate_limited", "server"):
        whole = math.ceil(seconds)
        return f"try again in {whole} second{'' if whole == 1 else 's'}"
    if kind == "server":
        return f"try again; if it stays, tell support{' the request id' if request_id else ''}"
    if isinstance(error, errors.StreamTimeoutError):
        return "try again, or allow a longer silence with --stream-idle-timeout SECONDS"
    return _HINTS.get(kind)
