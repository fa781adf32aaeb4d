"""
The field `structured_outputs`: what an answer must look like.

Knows the kinds of constraint and which of them are followed here. One that is not is refused: an answer that ignored it
would be taken for one that kept it.
"""

import json
import re
from typing import Any

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.engine.answer import OutputFormat
from tensormesh_local.engine.patterns import PatternError, example
from tensormesh_local.errors import bad_request
from tensormesh_local.inference.response_format import checked_schema

FIELD = "structured_outputs"
KINDS = ("json", "regex", "choice", "grammar", "json_object", "structural_tag")


def read_output_format(fields: Any, json_schema: JsonObject | None) -> OutputFormat:
    """
    Read what the answer must look like, by this field or by the one for formats.

    Args:
        fields: the request.
        json_schema: what `response_format`, or `text.format`, asks for: None for text.

    Raises:
        Refusal: 400 for none or several kinds of constraint, for one that makes no sense or is not followed here.
    """
    found = fields.structured_outputs
    if found is None:
        return OutputFormat(json_schema)
    given = [kind for kind in KINDS if getattr(found, f"{kind}_", getattr(found, kind, None)) not in (None, False)]
    if len(given) > 1 or (given and json_schema is not None):
        raise bad_request(
            "You can only use one kind of constraints for structured outputs but multiple are specified: "
            f"{', '.join(given)}{', response_format' if json_schema is not None else ''}",
            FIELD,
        )
    if not given:
        raise bad_request("You must use one kind of structured outputs constraint but none are specified", FIELD)
    [kind] = given
    value: Any = getattr(found, f"{kind}_", getattr(found, kind, None))
    match kind:
        case "json":
            return OutputFormat(_schema(value))
        case "json_object":
            return OutputFormat({})
        case "choice":
            if not value:
                raise bad_request("Choice list must not be empty", FIELD)
            return OutputFormat(None, tuple(value))
        case "regex":
            return OutputFormat(None, (_matching(value),))
    raise bad_request(
        f"The local host does not follow {FIELD}.{kind}; it follows json, json_object, choice and regex.", FIELD
    )


def _schema(value: Any) -> JsonObject:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as exc:
            raise bad_request("Invalid JSON grammar specification.", FIELD) from exc
    if not isinstance(value, dict):
        raise bad_request("Invalid JSON grammar specification.", FIELD)
    return checked_schema(value)


def _matching(pattern: str) -> str:
    try:
        re.compile(pattern)
        return example(pattern)
    except re.error as exc:
        raise bad_request(f"Invalid regex grammar specification: {exc}.", FIELD) from exc
    except PatternError as exc:
        raise bad_request(f"The local host cannot follow this {FIELD}.regex: {exc}.", FIELD) from exc
