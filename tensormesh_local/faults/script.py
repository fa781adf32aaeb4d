"""
The grammar of fault scripts: what goes wrong, for which requests, how often.

Knows every key and its values; refuses unknown ones, so that a misspelt key
cannot pass as a fault that never fires. Doing the damage is `injection`'s work.
"""

import fnmatch
import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from tensormesh_documents.json_types import Json
from tensormesh_local.options import ReasoningField

BREAKS = ("cut_after_bytes", "cut_after_events", "stall_after_bytes", "stall_after_events")
# What is done to an answer where there is something in it to do it to.
DAMAGE = (
    *BREAKS,
    "error_event_after",
    "invalid_json_event_after",
    "big_event_after",
    "drop_done",
    "omit",
    "set",
)
# What is done to the real answer, which a scripted status or a reset leaves no room for.
_DAMAGE = (*DAMAGE, "reasoning_field", "leak_think")
# What HTTP allows as the name and the value of a header.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"([!-~\x80-\xff]([\t !-~\x80-\xff]*[!-~\x80-\xff])?)?")
_SAY_WHAT = "say what goes wrong: status, reset, delay_seconds, headers, " + ", ".join(_DAMAGE)


class ScriptError(ValueError):
    """A fault script that cannot be followed, and why."""


def _wrong(words: str) -> PydanticCustomError:
    return PydanticCustomError("script", "{words}", {"words": words})


def _must_be(words: str, *, null: bool = False) -> WrapValidator:
    """Say in plain words what a value has to be; null is none, but where it has a meaning."""

    def check(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
        if value is None and not null:
            raise _wrong(f"must be {words}")
        try:
            return read(value)
        except ValidationError as exc:
            raise _wrong(f"must be {words}") from exc

    return WrapValidator(check)


def _status(value: int) -> int:
    if value > 599:
        raise _wrong("must be an HTTP status from 200 to 599")
    return value


def _headers(given: dict[str, str]) -> dict[str, str]:
    for key, value in given.items():
        if _TOKEN.fullmatch(key) is None or _FIELD_VALUE.fullmatch(value) is None:
            raise _wrong(f"holds {key!r}, which cannot be sent as a header")
        if key.lower() in ("content-length", "transfer-encoding"):
            raise _wrong(f"must leave {key} alone; cut_after_bytes makes an answer shorter than it says")
    return given


_Text = Annotated[str | None, _must_be("a string")]
_Truth = Annotated[bool, Field(strict=True), _must_be("true or false")]
_Whole = Annotated[int | None, Field(strict=True, ge=0), _must_be("a whole number of at least 0")]
_Seconds = Annotated[
    float, Field(strict=True, ge=0, le=3_600, allow_inf_nan=False), _must_be("a number of seconds from 0 to 3600")
]
_Path = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    # Built when it is first used, for most hosts are never told to misbehave.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Match(_Part):
    """
    Which requests a fault waits for; what is None is not looked at.

    Args:
        method: the HTTP method.
        path: the whole path, or the part below the surface; `*` stands for anything.
        model: the `model` of the JSON body.
    """

    method: _Text = None
    path: _Text = None
    model: _Text = None

    def covers(self, method: str, path: str, model: str | None) -> bool:
        """Tell whether a request is meant."""
        if self.method is not None and self.method.upper() != method.upper():
            return False
        if self.model is not None and self.model != model:
            return False
        below = "/" + path.lstrip("/").partition("/")[2]
        return self.path is None or any(fnmatch.fnmatchcase(candidate, self.path) for candidate in (path, below))


class Fault(_Part):
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

    match: Match = Field(default_factory=Match)
    times: Annotated[int | None, Field(strict=True, ge=1), _must_be("a whole number of at least 1", null=True)] = 1
    delay_seconds: _Seconds = 0.0
    status: Annotated[
        int | None, Field(strict=True, ge=200), _must_be("a whole number of at least 200"), AfterValidator(_status)
    ] = None
    body: Any = None
    headers: Annotated[
        dict[str, Annotated[str, Field(coerce_numbers_to_str=True)]],
        _must_be("an object of strings"),
        AfterValidator(_headers),
    ] = {}
    reset: _Truth = False
    cut_after_bytes: _Whole = None
    cut_after_events: _Whole = None
    stall_after_bytes: _Whole = None
    stall_after_events: _Whole = None
    stall_seconds: _Seconds | None = None
    error_event_after: _Whole = None
    invalid_json_event_after: _Whole = None
    big_event_after: _Whole = None
    big_event_bytes: Annotated[int, Field(strict=True, ge=1), _must_be("a whole number of at least 1")] = 10_000_000
    reasoning_field: Annotated[ReasoningField | None, _must_be("one of reasoning, reasoning_content")] = None
    leak_think: Annotated[bool | None, Field(strict=True), _must_be("true or false")] = None
    drop_done: _Truth = False
    omit: Annotated[tuple[_Path, ...], _must_be("a list of dotted paths")] = ()
    set: Annotated[dict[_Path, Any], _must_be("an object of values by dotted path")] = {}

    @property
    def has_body(self) -> bool:
        """Whether the body of the answer was given, null included."""
        return "body" in self.model_fields_set

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


def read_fault(script: Json) -> Fault:
    """
    Read one fault of a script.

    Raises:
        ScriptError: naming the key that is unknown, wrong or out of place.
    """
    if not isinstance(script, dict):
        raise ScriptError("a fault must be an object")
    try:
        fault = Fault.model_validate(script)
    except ValidationError as exc:
        raise ScriptError(_reason(exc)) from exc
    _check_together(fault)
    return fault


def _reason(exc: ValidationError) -> str:
    """Tell of keys that nobody knows before anything else."""
    errors = exc.errors()
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden"]
    outer, inner = (", ".join(sorted(str(loc[-1]) for loc in unknown if len(loc) == depth)) for depth in (1, 2))
    if outer:
        return f"unknown keys: {outer}; known are {', '.join(Fault.model_fields)}"
    if inner:
        return f"match has unknown keys: {inner}"
    place = ".".join(map(str, errors[0]["loc"]))
    return f"{place} {'must be an object' if errors[0]['type'] == 'model_type' else errors[0]['msg']}"


def _check_together(fault: Fault) -> None:
    """Refuse keys that exclude each other, or that need another."""
    given = fault.model_fields_set
    damage = [key for key in _DAMAGE if key in given]
    if "status" in given and (damage or fault.reset):
        raise ScriptError(f"status answers at once, so it excludes {', '.join(damage or ['reset'])}")
    if fault.reset and (damage or fault.headers):
        raise ScriptError(f"reset leaves no answer, so it excludes {', '.join(damage or ['headers'])}")
    if fault.has_body and "status" not in given:
        raise ScriptError("body needs a status")
    breaks = [key for key in BREAKS if key in given]
    if len(breaks) > 1:
        raise ScriptError(f"{breaks[0]} excludes {', '.join(breaks[1:])}")
    if "stall_seconds" in given and (not breaks or fault.cuts):
        raise ScriptError("stall_seconds needs stall_after_bytes or stall_after_events")
    if "big_event_bytes" in given and "big_event_after" not in given:
        raise ScriptError("big_event_bytes needs big_event_after")
    if not (damage or fault.reset) and not {"status", "delay_seconds", "headers"} & given:
        raise ScriptError(_SAY_WHAT)
