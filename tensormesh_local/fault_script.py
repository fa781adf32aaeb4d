"""
The grammar of fault scripts: what goes wrong, for which requests, how often.

Knows every key and its values; refuses unknown ones, so that a misspelt key
cannot pass as a fault that never fires. Doing the damage is `mischief`'s work.
"""

import fnmatch
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tensormesh_local.wire import Json

REASONING_FIELDS = ("reasoning", "reasoning_content")
_STREAM_KEYS = (
    "cut_after_bytes",
    "stall_after_bytes",
    "error_event_after",
    "invalid_json_event_after",
    "reasoning_field",
    "leak_think",
    "drop_done",
    "omit",
)
_SAY_WHAT = "say what goes wrong: status, delay_seconds, " + ", ".join(_STREAM_KEYS)


class ScriptError(ValueError):
    """A fault script that cannot be followed, and why."""


@dataclass(frozen=True, slots=True)
class Match:
    """
    Which requests a fault waits for; what is None is not looked at.

    Args:
        method: the HTTP method.
        path: the whole path, or the part below the surface; `*` stands for anything.
        model: the `model` of the JSON body.
    """

    method: str | None = None
    path: str | None = None
    model: str | None = None

    def covers(self, method: str, path: str, model: str | None) -> bool:
        """Tell whether a request is meant."""
        if self.method is not None and self.method.upper() != method.upper():
            return False
        if self.model is not None and self.model != model:
            return False
        below = "/" + path.lstrip("/").partition("/")[2]
        return self.path is None or any(fnmatch.fnmatchcase(candidate, self.path) for candidate in (path, below))


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One thing that goes wrong.

    Args:
        match: for which requests.
        times: how often; None for every time.
        status: answer with this status instead of the real answer.
        body: the body then: JSON, or text, "" for none; left out, an engine's error.
        headers: more headers then, such as Retry-After.
        delay_seconds: wait before the headers.
        cut_after_bytes: close the connection in the middle of the body.
        stall_after_bytes: send no more, and keep the connection open.
        error_event_after: after so many events send an error inside the stream.
        invalid_json_event_after: after so many events send one that is no JSON.
        reasoning_field: the name under which the built-in engine sends reasoning.
        leak_think: whether it writes reasoning into the content, between think tags.
        drop_done: end the stream without [DONE].
        omit: fields to leave out, as dotted paths; `*` goes through lists and objects.
    """

    match: Match = Match()
    times: int | None = 1
    status: int | None = None
    body: Json = None
    has_body: bool = False
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    delay_seconds: float = 0.0
    cut_after_bytes: int | None = None
    stall_after_bytes: int | None = None
    error_event_after: int | None = None
    invalid_json_event_after: int | None = None
    reasoning_field: str | None = None
    leak_think: bool | None = None
    drop_done: bool = False
    omit: tuple[str, ...] = ()


def _whole(least: int) -> Callable[[str, Json], int]:
    def check(name: str, value: Json) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ScriptError(f"{name} must be a whole number of at least {least}")
        return value

    return check


def _times(name: str, value: Json) -> int | None:
    return None if value is None else _whole(1)(name, value)


def _status(name: str, value: Json) -> int:
    found = _whole(200)(name, value)
    if found > 599:
        raise ScriptError(f"{name} must be an HTTP status from 200 to 599")
    return found


def _seconds(name: str, value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3_600:
        raise ScriptError(f"{name} must be a number of seconds from 0 to 3600")
    return float(value)


def _truth(name: str, value: Json) -> bool:
    if not isinstance(value, bool):
        raise ScriptError(f"{name} must be true or false")
    return value


def _headers(name: str, value: Json) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str | int) for v in value.values()):
        raise ScriptError(f"{name} must be an object of strings")
    found = {key: str(item) for key, item in value.items()}
    if any("\n" in text or "\r" in text for pair in found.items() for text in pair):
        raise ScriptError(f"{name} must not hold line breaks")
    return found


def _reasoning_field(name: str, value: Json) -> str:
    if value not in REASONING_FIELDS:
        raise ScriptError(f"{name} must be one of {', '.join(REASONING_FIELDS)}")
    return str(value)


def _paths(name: str, value: Json) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ScriptError(f"{name} must be a list of dotted paths")
    return tuple(str(item) for item in value)


def _match(name: str, value: Json) -> Match:
    if not isinstance(value, dict):
        raise ScriptError(f"{name} must be an object")
    unknown = sorted(set(value) - {"method", "path", "model"})
    if unknown:
        raise ScriptError(f"{name} has unknown keys: {', '.join(unknown)}")
    texts: dict[str, str] = {}
    for key, item in value.items():
        if not isinstance(item, str):
            raise ScriptError(f"{name}.{key} must be a string")
        texts[key] = item
    return Match(**texts)


_KEYS: Mapping[str, Callable[[str, Json], Any]] = {
    "match": _match,
    "times": _times,
    "status": _status,
    "body": lambda _, value: value,
    "headers": _headers,
    "delay_seconds": _seconds,
    "cut_after_bytes": _whole(0),
    "stall_after_bytes": _whole(0),
    "error_event_after": _whole(0),
    "invalid_json_event_after": _whole(0),
    "reasoning_field": _reasoning_field,
    "leak_think": _truth,
    "drop_done": _truth,
    "omit": _paths,
}


def read_fault(script: Json) -> Fault:
    """
    Read one fault of a script.

    Raises:
        ScriptError: naming the key that is unknown, wrong or out of place.
    """
    if not isinstance(script, dict):
        raise ScriptError("a fault must be an object")
    unknown = sorted(set(script) - set(_KEYS))
    if unknown:
        raise ScriptError(f"unknown keys: {', '.join(unknown)}; known are {', '.join(_KEYS)}")
    found = {key: check(key, script[key]) for key, check in _KEYS.items() if key in script}
    damage = [key for key in _STREAM_KEYS if key in script]
    if "status" in script and damage:
        raise ScriptError(f"status answers at once, so it excludes {', '.join(damage)}")
    if "status" not in script:
        alone = [key for key in ("body", "headers") if key in script]
        if alone:
            raise ScriptError(f"{' and '.join(alone)} need a status")
        if not damage and "delay_seconds" not in script:
            raise ScriptError(_SAY_WHAT)
    if "cut_after_bytes" in script and "stall_after_bytes" in script:
        raise ScriptError("cut_after_bytes excludes stall_after_bytes")
    return Fault(**found, has_body="body" in script)
