"""The error of an event in which a host reports one. No I/O."""

from __future__ import annotations

import json
from typing import Any

from tensormesh_overlay.error_bodies import sentence_of, status_of
from tensormesh_overlay.errors import StreamEventError
from tensormesh_overlay.status_errors import BODY_SHOWN


def event_error(body: Any) -> StreamEventError:
    """The error that a host reported in an event: an object, or plain words."""
    status, sentence = status_of(body), sentence_of(body)
    text = (sentence or (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)))[:BODY_SHOWN]
    what = "an error that the host reported inside the stream" + (f", HTTP {status}" if status else "")
    return StreamEventError(f"{text} ({what})" if sentence else f"{what}: {text}", status_code=status, body=body)
