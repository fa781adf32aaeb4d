"""The error of an answer that is one: its class by its status, and its words, with the host's own first. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tensormesh_overlay.error_bodies import sentence_of, status_of, without_secrets
from tensormesh_overlay.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    UnprocessableEntityError,
)
from tensormesh_overlay.json_values import from_body
from tensormesh_overlay.retry_after import retry_after
from tensormesh_runtime.types import Response

BODY_SHOWN = 2_000
"""Characters of an answer's body that a message shows; all of it is in `body`."""

_CLASSES: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}

_ADVICE = {
    401: "check the credential: inference takes an inference API key, the control plane its own token",
    403: "this credential may not do that; ask the owner of the account",
    404: "check the name or id that was asked for, and the base URL",
    429: "wait and try again",
}


def status_error(
    status_code: int, headers: Mapping[str, str], content: bytes, place: str, note: str = ""
) -> APIStatusError:
    """The error for an answer of `place` that is not a success, whatever its body is; `note` says what it lacks."""
    body = from_body(content)
    what = f"HTTP {status_code} from {place}"
    advice = _advice(status_code, headers)
    if 300 <= status_code < 400:
        # Without its query and user: a key may travel there.
        place = re.sub(r"//[^/@]*@", "//", headers.get("location", "the new place").partition("?")[0])
        advice = f"redirects are not followed, so that no key travels with one; does the base URL belong to {place}?"
    told = _told(body, what, headers, "; ".join(filter(None, (note, advice))))
    answer = Response(status_code, headers, content, body)
    return _class(status_code)(told, status_code=status_code, body=body, headers=headers, response=answer)


def reported_error(
    status_code: int, headers: Mapping[str, str], content: bytes, place: str, body: Any
) -> APIStatusError | ProtocolError:
    """The error for an answer of `place` that is a success by its status, and an error by its body."""
    reported = status_of(body)
    what = f"HTTP {status_code} from {place}, a success whose body reports an error"
    if reported is None:
        text = content.decode("utf-8", errors="replace")
        return ProtocolError(
            _told(body, what, headers),
            status_code=status_code,
            request_id=headers.get("x-request-id"),
            body=text,
            headers=headers,
        )
    answer = Response(status_code, headers, content, body)
    return _class(reported)(
        _told(body, what, headers, _advice(reported, headers)),
        status_code=reported,
        body=body,
        headers=headers,
        response=answer,
    )


def _told(body: Any, what: str, headers: Mapping[str, str], advice: str | None = None) -> str:
    """What the host says, what it was, which call that was, and what to do about it."""
    request_id = headers.get("x-request-id")
    what = f"{what}, request {request_id}" if request_id else what
    sentence = sentence_of(body)
    text = f"{_shortened(sentence)} ({what})" if sentence else f"{what}: {_excerpt(body)}"
    return f"{text}; {advice}" if advice else text


def _advice(status_code: int, headers: Mapping[str, str]) -> str | None:
    seconds = retry_after(headers)
    if seconds is not None and status_code in (429, 503):
        return f"the host asks to wait {seconds:g} s before the next try"
    return _ADVICE.get(status_code)


def _class(status_code: int) -> type[APIStatusError]:
    return _CLASSES.get(status_code) or (InternalServerError if status_code >= 500 else APIStatusError)


def _excerpt(body: Any) -> str:
    text = "" if body is None else body.strip() if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return _shortened(without_secrets(text)) if text else "the body is empty"


def _shortened(text: str) -> str:
    return text if len(text) <= BODY_SHOWN else f"{text[:BODY_SHOWN]}... ({len(text)} characters)"
