"""
The grammar of fault scripts: what goes wrong, for which requests, how often.

Knows every key and its values; refuses unknown ones, so that a misspelt key
cannot pass as a fault that never fires. Doing the damage is `mischief`'s work.
"""

import fnmatch
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tensormesh_local.wire import Json, JsonObject

REASONING_FIELDS = ("reasoning", "reasoning_content")
BREAKS = ("cut_after_bytes", "cut_after_events", "stall_after_bytes", "stall_after_events")
BIG_EVENT_BYTES = 10_000_000
# What is done to the real answer, which a scripted status or a reset leaves no room for.
_DAMAGE = (
    *BREAKS,
    "error_event_after",
    "invalid_json_event_after",
    "big_event_after",
    "reasoning_field",
    "leak_think",
    "drop_done",
    "omit",
    "set",
)
# What HTTP allows as the name and the value of a header.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"([!-~\x80-\xff]([\t !-~\x80-\xff]*[!-~\x80-\xff])?)?")
_SAY_WHAT = "say what goes wrong: status, reset, delay_seconds, headers, " + ", ".join(_DAMAGE)


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
        delay_seconds: wait before the headers.
        status: answer with this status instead of the real answer.
        body: the body then: JSON, or text, "" for none; left out, an engine's error.
        headers: more headers, on the scripted answer or on the real one.
        reset: reset the connection instead of answering.
        cut_after_bytes: close the connection in the middle of the body.
        cut_after_events: close it after so many events of a stream.
        stall_after_bytes: send no more, and keep the connection open.
        stall_after_events: the same after so many events of a stream.
        stall_seconds: go on after so long; None for never.
        error_event_after: after so many events send an error inside the stream, and end it.
        invalid_json_event_after: after so many events send one that is no JSON.
        big_event_after: after so many events pad the next with a field `padding`.
        big_event_bytes: the size of that padding.
        reasoning_field: the name under which the built-in engine sends reasoning.
        leak_think: whether it writes reasoning into the content, between think tags.
        drop_done: end the stream without [DONE].
        omit: fields to leave out, as dotted paths; `*` goes through lists and objects.
        set: fields to set, by such paths; a last key that is not there is added.
    """

    match: Match = Match()
    times: int | None = 1
    delay_seconds: float = 0.0
    status: int | None = None
    body: Json = None
    has_body: bool = False
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    reset: bool = False
    cut_after_bytes: int | None = None
    cut_after_events: int | None = None
    stall_after_bytes: int | None = None
    stall_after_events: int | None = None
    stall_seconds: float | None = None
    error_event_after: int | None = None
    invalid_json_event_after: int | None = None
    big_event_after: int | None = None
    big_event_bytes: int = BIG_EVENT_BYTES
    reasoning_field: str | None = None
    leak_think: bool | None = None
    drop_done: bool = False
    omit: tuple[str, ...] = ()
    set: Mapping[str, Json] = field(default_factory=dict[str, Json])

    @property
    def cuts(self) -> bool:
        """Whether a break in the answer is its end."""
        return self.cut_after_bytes is not None or self.cut_after_events is not None

    @property
    def break_after_bytes(self) -> int | None:
        """After how many bytes of the body there is a break."""
        return self.stall_after_bytes if self.cut_after_bytes is None else self.cut_after_bytes

    @property
    def break_after_events(self) -> int | None:
        """After how many events of a stream there is a break."""
        return self.stall_after_events if self.cut_after_events is None else self.cut_after_events


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
    for key, item in found.items():
        if _TOKEN.fullmatch(key) is None or _FIELD_VALUE.fullmatch(item) is None:
            raise ScriptError(f"{name} holds {key!r}, which cannot be sent as a header")
        if key.lower() in ("content-length", "transfer-encoding"):
            raise ScriptError(f"{name} must leave {key} alone; cut_after_bytes makes an answer shorter than it says")
    return found


def _reasoning_field(name: str, value: Json) -> str:
    if value not in REASONING_FIELDS:
        raise ScriptError(f"{name} must be one of {', '.join(REASONING_FIELDS)}")
    return str(value)


def _paths(name: str, value: Json) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ScriptError(f"{name} must be a list of dotted paths")
    return tuple(str(item) for item in value)


def _values(name: str, value: Json) -> JsonObject:
    if not isinstance(value, dict) or not all(value):
        raise ScriptError(f"{name} must be an object of values by dotted path")
    return value


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
    "delay_seconds": _seconds,
    "status": _status,
    "body": lambda _, value: value,
    "headers": _headers,
    "reset": _truth,
    "cut_after_bytes": _whole(0),
    "cut_after_events": _whole(0),
    "stall_after_bytes": _whole(0),
    "stall_after_events": _whole(0),
    "stall_seconds": _seconds,
    "error_event_after": _whole(0),
    "invalid_json_event_after": _whole(0),
    "big_event_after": _whole(0),
    "big_event_bytes": _whole(1),
    "reasoning_field": _reasoning_field,
    "leak_think": _truth,
    "drop_done": _truth,
    "omit": _paths,
    "set": _values,
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
    fault = Fault(
        **{key: check(key, script[key]) for key, check in _KEYS.items() if key in script}, has_body="body" in script
    )
    _check_together(script, fault)
    return fault


def _check_together(script: JsonObject, fault: Fault) -> None:
    """Refuse keys that exclude each other, or that need another."""
    damage = [key for key in _DAMAGE if key in script]
    if "status" in script and (damage or fault.reset):
        raise ScriptError(f"status answers at once, so it excludes {', '.join(damage or ['reset'])}")
    if fault.reset and (damage or fault.headers):
        raise ScriptError(f"reset leaves no answer, so it excludes {', '.join(damage or ['headers'])}")
    if "body" in script and "status" not in script:
        raise ScriptError("body needs a status")
    breaks = [key for key in BREAKS if key in script]
    if len(breaks) > 1:
        raise ScriptError(f"{breaks[0]} excludes {', '.join(breaks[1:])}")
    if "stall_seconds" in script and (not breaks or fault.cuts):
        raise ScriptError("stall_seconds needs stall_after_bytes or stall_after_events")
    if "big_event_bytes" in script and "big_event_after" not in script:
        raise ScriptError("big_event_bytes needs big_event_after")
    if not (damage or fault.reset) and not {"status", "delay_seconds", "headers"} & set(script):
        raise ScriptError(_SAY_WHAT)
