"""
Holds an answer of the control plane against the document, by another's notion of its schemas than the host's own.

Objects of the document are open, so a key it does not know passes a validator: such keys are looked for as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker

from tensormesh_documents.library import Library
from tensormesh_documents.pointers import resolve
from tensormesh_documents.routes import Routes

MOUNT = "/control-plane"

# Keys that may come with a pair of tokens, as the document says in words.
TOKEN_KEYS = {"token_type", "expires_in"}

formats = FormatChecker(["date-time"])


@formats.checks("int64")
def _is_int64(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"-?\d{1,19}", value))


@formats.checks("uint64")
def _is_uint64(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"\d{1,20}", value))


@formats.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@formats.checks("decimal")
def _is_decimal(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"-?\d+(\.\d+)?", value))


@cache
def document() -> dict[str, Any]:
    return Library().document("control_plane").value


def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """All operations: operationId to method, path and facts."""
    return {
        facts["operationId"]: (method.upper(), path, facts)
        for path, item in document()["paths"].items()
        for method, facts in item.items()
    }


def python_name(key: str) -> str:
    """A key of the document as the client spells it, where nothing else is said."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", key).lower()


@cache
def _routes() -> Routes[dict[str, Any]]:
    return Routes(operations().values())


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    return resolve(node, document())


def problems(operation: dict[str, Any], answer: httpx.Response) -> list[str]:
    """What is wrong with an answer to an operation."""
    responses = operation["responses"]
    declared = _resolved(responses.get(str(answer.status_code), responses["default"]))
    if "content" not in declared:
        return [] if answer.content == b"" else [f"{answer.status_code} has a body"]
    if answer.headers["content-type"] != "application/json":
        return [f"the type is {answer.headers['content-type']}"]
    schema = declared["content"]["application/json"]["schema"]
    whole = {**schema, "components": document()["components"]}
    body = answer.json()
    wrong = [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(whole, format_checker=formats).iter_errors(body)
    ]
    return wrong + [f"unknown key {key}" for key in _unknown(body, schema)]


def _unknown(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    schema = _resolved(schema)
    if isinstance(value, list):
        for item in value:
            yield from _unknown(item, schema["items"])
    if not isinstance(value, dict) or "anyOf" in schema or schema.get("additionalProperties") is True:
        return
    for key, item in value.items():
        inner = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
        if inner is not None:
            yield from _unknown(item, inner)
        elif key not in TOKEN_KEYS:
            yield key


def check(answer: httpx.Response) -> None:
    """An httpx hook: every answer an operation gives in any test of this folder fits the document."""
    answer.read()
    path = answer.request.url.raw_path.decode().partition("?")[0].removeprefix(MOUNT)
    match = _routes().find(answer.request.method, path)
    if match is not None:
        assert problems(match.target, answer) == [], answer.text
    assert answer.headers["x-request-id"]
