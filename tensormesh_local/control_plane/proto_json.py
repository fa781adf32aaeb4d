"""
Requests read against the document, with the leniency of Protocol Buffers' JSON.

    null                 is a field left out
    an unknown field     is ignored
    a 32-bit integer     may be written as a string or as 2.0
    a 64-bit integer     may be written as a number, and is a string afterwards
    a query boolean      is 1, t, true, 0, f, false, in three ways of writing capitals

Everything wrong with a request is found before any of it is told. What comes
out has the document's types and names, and nothing else.
"""

import json
import re
from collections.abc import Sequence

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.control_plane.document import Document, Parameter, Schema
from tensormesh_local.control_plane.failure import Code, Failure, Violation
from tensormesh_local.control_plane.moments import read_stamp

RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
_TRUE = frozenset({"1", "t", "T", "true", "True", "TRUE"})
_FALSE = frozenset({"0", "f", "F", "false", "False", "FALSE"})
_WHOLE = re.compile(r"-?[0-9]{1,20}", re.ASCII)


def read_body(raw: bytes) -> JsonObject:
    """
    Read a body as one JSON object; no body is an empty one.

    Raises:
        Failure: when it is not JSON, or not an object.
    """
    if not raw.strip():
        return {}
    try:
        found: Json = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError) as exc:
        raise Failure(Code.INVALID_ARGUMENT, f"The body is not JSON: {exc}.") from exc
    if not isinstance(found, dict):
        raise Failure(Code.INVALID_ARGUMENT, "The body must be a JSON object.")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


class ProtoReader:
    """One request being read; `violations` collects what is wrong."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.violations: list[Violation] = []
        self._wrong_places: set[str] = set()

    def message(self, schema: Schema, given: JsonObject, place: str = "") -> JsonObject:
        """Read an object field by field."""
        schema = self._document.resolve(schema)
        fields: dict[str, Schema] = schema.get("properties", {})
        found: JsonObject = {}
        for name, field in fields.items():
            if given.get(name) is not None:
                found[name] = self.value(field, given[name], f"{place}{name}")
        for name in schema.get("required", ()):
            # Proto3 has no difference between a text left out and an empty one.
            if found.get(name) in (None, "") and f"{place}{name}" not in self._wrong_places:
                self._wrong(f"{place}{name}", "is required")
        extra = schema.get("additionalProperties")
        if extra is True:
            found |= {name: value for name, value in given.items() if name not in fields}
        elif isinstance(extra, dict):
            found |= {n: self.value(extra, v, f"{place}{n}") for n, v in given.items() if n not in fields}
        return found

    def parameters(self, parameters: Sequence[Parameter], pairs: Sequence[tuple[str, str]]) -> JsonObject:
        """Read the parameters of path and query, all of them text; unknown ones are ignored."""
        found: JsonObject = {}
        for parameter in parameters:
            texts = [text for name, text in pairs if name == parameter.name]
            schema = self._document.resolve(parameter.schema)
            if len(texts) > 1:
                self._wrong(parameter.name, "was given more than once")
            elif texts:
                found[parameter.name] = self._text(schema, texts[0], parameter.name)
            if parameter.required and not any(texts):
                self._wrong(parameter.name, "is required")
        return found

    def value(self, schema: Schema, given: Json, place: str) -> Json:
        """Read one value; a wrong one is noted and read as null."""
        schema = self._document.resolve(schema)
        kind = schema.get("type")
        names = kind if isinstance(kind, list) else [kind]
        name = next((one for one in names if one != "null"), None)
        if name == "object":
            if isinstance(given, dict):
                return self.message(schema, given, f"{place}.")
            self._wrong(place, "must be an object")
            return None
        if name == "array":
            if isinstance(given, list):
                return [self.value(schema["items"], item, f"{place}[{at}]") for at, item in enumerate(given)]
            self._wrong(place, "must be a list")
            return None
        try:
            return _scalar(schema, str(name), given)
        except ValueError as exc:
            self._wrong(place, str(exc))
            return None

    def _text(self, schema: Schema, text: str, place: str) -> Json:
        if schema.get("type") == "boolean":
            if text in _TRUE or text in _FALSE:
                return text in _TRUE
            self._wrong(place, f"must be true or false, not {text!r}")
            return None
        return self.value(schema, text, place)

    def _wrong(self, place: str, description: str) -> None:
        self.violations.append(Violation(place, description))
        self._wrong_places.add(place)


def _scalar(schema: Schema, kind: str, given: Json) -> Json:
    if kind == "boolean":
        if isinstance(given, bool):
            return given
        raise ValueError("must be true or false")
    if kind == "integer":
        return _whole(given, schema["format"])
    if schema.get("format") in ("int64", "uint64"):
        return str(_whole(given, schema["format"]))
    return _string(schema, given)


def _string(schema: Schema, given: Json) -> str:
    if not isinstance(given, str):
        raise ValueError("must be a string")  # noqa: TRY004 - every wrong value is told in one way
    allowed = schema.get("enum")
    if allowed is not None and given not in allowed:
        raise ValueError(f"must be one of {', '.join(allowed)}")
    if schema.get("format") == "date-time":
        try:
            read_stamp(given)
        except ValueError as exc:
            raise ValueError(f"is {exc}; write it like 2026-06-01T00:00:00Z") from exc
    try:
        given.encode()
    except UnicodeEncodeError as exc:
        raise ValueError("must be valid Unicode") from exc
    return given


def _whole(given: Json, form: str) -> int:
    least, most = RANGES[form]
    if (isinstance(given, str) and _WHOLE.fullmatch(given)) or (isinstance(given, float) and given.is_integer()):
        found = int(given)
    elif isinstance(given, int) and not isinstance(given, bool):
        found = given
    else:
        raise ValueError(f"must be a whole number ({form})")
    if not least <= found <= most:
        raise ValueError(f"must be from {least} to {most}")
    return found
