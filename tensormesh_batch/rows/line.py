"""One request of a batch, as OpenAI writes it: a line with `custom_id`, `method`, `url` and `body`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from math import isfinite
from typing import Any, NamedTuple

CHAT, COMPLETIONS, RESPONSES = "/v1/chat/completions", "/v1/completions", "/v1/responses"
_MARKS = {CHAT: "messages", COMPLETIONS: "prompt", RESPONSES: "input"}
"""What each operation cannot do without, which also tells them apart."""

_KNOWN = frozenset({"custom_id", "method", "url", "body"})
LONGEST_ID = 512
_LIMIT = {RESPONSES: "max_output_tokens"}
"""What a limit is called, where it is not `max_tokens`."""
_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_BYTE_ORDER_MARK = "\ufeff"

NO_REQUEST = "no_request"
"""In place of all other fields: why a row of a table makes no request."""


class Line(NamedTuple):
    """
    A request.

    Attributes:
        custom_id: the name that its sender gave it; no two rows of a batch share one.
        url: the path of the operation.
        body: its JSON object, with the defaults of the run.
    """

    custom_id: str
    url: str
    body: dict[str, Any]

    @property
    def key(self) -> int:
        """
        64 bits that tell this row from every other: a changed body is another row.

        Whitespace and the order of keys are no change.
        """
        body = json.dumps(self.body, sort_keys=True, separators=(",", ":"))
        return hashed(f"{self.custom_id}\0{self.url}\0{body}")


def hashed(text: str) -> int:
    """64 bits that no two texts of a batch share."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def read_line(text: bytes | str, defaults: Mapping[str, Any]) -> Line:
    """
    Read a line of a file.

    Args:
        defaults: fields for bodies that lack them.

    Raises:
        ValueError: it is no request; the message says what is wrong.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8", "surrogatepass")
        value = _decode(text.removeprefix(_BYTE_ORDER_MARK))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    except ValueError as error:
        raise ValueError(f"it is not JSON ({error})") from error
    return line_of(value, defaults)


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text[:40]} is no number of JSON")
    return value


_decode = json.JSONDecoder(parse_constant=_finite, parse_float=_finite).decode


def line_of(value: Any, defaults: Mapping[str, Any]) -> Line:
    """
    The request that a JSON object describes. `method` and `url` may be left out.

    Raises:
        ValueError: it describes none.
    """
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004  (of the line, not of an argument)
    if isinstance(why := value.get(NO_REQUEST), str):
        raise ValueError(why)  # noqa: TRY004
    custom_id, body = value.get("custom_id"), value.get("body")
    if not isinstance(custom_id, str) or not custom_id or len(custom_id) > LONGEST_ID:
        raise ValueError(f"custom_id must be text of 1 to {LONGEST_ID} characters")
    if not isinstance(body, dict):
        raise ValueError("body must be a JSON object")  # noqa: TRY004
    if value.get("method", "POST") != "POST":
        raise ValueError("method must be POST")
    url = value.get("url")
    if url is None:
        url = next((url for url, mark in _MARKS.items() if mark in body), CHAT)
    if not isinstance(url, str) or url not in _MARKS:
        raise ValueError(f"url must be {', '.join(_MARKS)}")
    if unknown := value.keys() - _KNOWN:
        raise ValueError(f"there is no field {min(unknown)!r}; fields of the request stand in body")
    if defaults:
        body = _filled(url, body, defaults)
    _check(url, body)
    return Line(custom_id, url, body)


def _filled(url: str, body: dict[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A body with what it lacks; one that names a limit by whatever name does not lack one."""
    has_limit = any(name in body for name in _LIMITS)
    lacking = {
        _LIMIT.get(url, name) if name == "max_tokens" else name: value
        for name, value in defaults.items()
        if name != "max_tokens" or not has_limit
    }
    return {**lacking, **body}


def _check(url: str, body: Mapping[str, Any]) -> None:
    mark = _MARKS[url]
    if body.get(mark) in (None, "", []):
        raise ValueError(f"body needs {mark!r} for {url}")
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise ValueError("body needs a model")
    if body.get("stream"):
        raise ValueError("rows of a batch are not streamed: leave out stream")
    many = body.get("n")
    if many is not None and (isinstance(many, bool) or not isinstance(many, int) or many < 1):
        raise ValueError("n must be a whole number of at least 1")
