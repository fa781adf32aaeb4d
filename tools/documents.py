"""What a document has to be before anything is made of it: OpenAPI 3.1, by the generator's own model of that."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import pydantic
from openapi_python_client.schema import OpenAPI, Reference, Schema

from tensormesh_documents.library import Document
from tensormesh_documents.places import DocumentError
from tensormesh_documents.pointers import Keys, walk

JsonObject = dict[str, Any]

VALUES = {"const", "default", "example", "examples", "value"}
VALUE_LISTS = {"enum", "x-known-values"}
"""What holds values of the API, of which one may be null."""

MAPS = frozenset({"examples", "headers", "links", "parameters", "properties", "responses", "schemas"})
"""What may hold things by names that somebody chose: one called `default` or `value` is no value for that."""

VERSION = "3.1."
"""The generator refuses 3.2, and 3.0 cannot say that something may be null."""


LATER = {"identifier", "pathItems", "summary"}
"""Words of OpenAPI 3.1 in places where the generator's model has them not."""


def check_document(document: Document) -> None:
    """
    Check a document against OpenAPI.

    Raises:
        DocumentError: it is none.
    """
    version = document.value.get("openapi")
    if not str(version).startswith(VERSION):
        raise DocumentError(document.place(("openapi",)), f"the version is {version!r}, and must be {VERSION}x")
    try:
        model = OpenAPI.model_validate(document.value)
    except pydantic.ValidationError as error:
        keys, problem = first_problem(error, document.value)
        raise DocumentError(document.place(keys), problem) from error
    # The generator takes null for absent; whoever wrote a key with nothing behind it meant to write more.
    for keys in _nulls(document.value):
        raise DocumentError(document.place(keys), "nothing stands here")

    for keys, known in _strangers(model, document.value):
        meant = get_close_matches(str(keys[-1]), known, 1)
        advice = f"write {meant[0]!r}" if meant else "take it out"
        raise DocumentError(document.place(keys), f"nothing here obeys {keys[-1]!r}: {advice}")


def _strangers(model: Any, value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, list[str]]]:
    """The words that OpenAPI does not have where they stand, and those that it has; schemas have rules of their own."""
    if isinstance(value, list):
        for index, pair in enumerate(zip(model, value, strict=True)):
            yield from _strangers(*pair, (*keys, index))
    elif isinstance(value, dict) and isinstance(model, dict):
        for key, item in value.items():
            yield from _strangers(model.get(key), item, (*keys, key))
    elif isinstance(model, pydantic.BaseModel) and not isinstance(model, Schema | Reference):
        fields = {field.alias or name: name for name, field in type(model).model_fields.items()}
        for key, item in value.items():
            if key in fields:
                yield from _strangers(getattr(model, fields[key]), item, (*keys, key))
            elif not key.startswith("x-") and key not in LATER:
                yield (*keys, key), [*fields]


def _nulls(node: Any, keys: Keys = ()) -> Iterator[Keys]:
    names = keys[-1:] == ("properties",)
    for key, item in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if item is None and (names or key not in VALUES):
            yield (*keys, key)
        elif names or key not in VALUES | VALUE_LISTS:
            yield from _nulls(item, (*keys, key))


def first_problem(error: pydantic.ValidationError, value: Any) -> tuple[Keys, str]:
    """Where in `value` the first thing is that is wrong, and what is."""
    first = error.errors()[0]
    keys: Keys = ()
    for key in first["loc"]:
        # Between the keys stand names of pydantic's own: which branch of a union it tried.
        with contextlib.suppress(LookupError):
            step, value = walk(value, (key,))
            keys += step
    last = first["loc"][-1] if first["loc"] else ""
    own = {"missing": f"there is no {last!r}", "extra_forbidden": "no such key is known here"}
    return keys, own.get(first["type"], f"{value!r} cannot stand here: {first['msg']}")
