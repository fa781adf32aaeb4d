"""Whatever is sent, the control plane answers with what its document declares, and never fails."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tensormesh_local import LocalHost
from tests.local_control_plane.documented import document, operations, problems
from tests.plain_http import NO_TLS

# A line break in a path finds no route at all, so it is left out.
PATH_CHARACTERS = st.characters(codec="utf-8", exclude_characters="\n")
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8)
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a schema, nearly."""
    schema = resolved(schema)
    if "enum" in schema or "x-known-values" in schema:
        return st.sampled_from(schema.get("enum", schema.get("x-known-values"))) | ANYTHING
    kind = schema.get("type")
    if kind == "object":
        fields = {name: values(inner) for name, inner in schema.get("properties", {}).items()}
        return st.fixed_dictionaries({}, optional=fields) | ANYTHING
    if kind == "array":
        return st.lists(values(schema["items"]), max_size=3) | ANYTHING
    if schema.get("format") == "date-time":
        return st.datetimes().map(lambda time: f"{time.isoformat()}Z") | ANYTHING
    return ANYTHING


def texts(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    return values(schema).map(str)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, str, dict[str, str], Any]:
    """An operation, its path, query and body."""
    name = draw(st.sampled_from(sorted(operations())))
    method, path, facts = operations()[name]
    query: dict[str, str] = {}
    for parameter in map(resolved_parameter, facts.get("parameters", [])):
        if parameter["in"] == "path":
            value = draw(st.text(PATH_CHARACTERS, min_size=1, max_size=8))
            path = path.replace("{" + parameter["name"] + "}", "".join(f"%{byte:02X}" for byte in value.encode()))
        elif draw(st.booleans()):
            query[parameter["name"]] = draw(texts(parameter["schema"])).encode("utf-8", "replace").decode()
    body = None
    if "requestBody" in facts:
        body = draw(values(facts["requestBody"]["content"]["application/json"]["schema"]))
    return name, method, path, query, body


def resolved_parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in parameter:
        found: dict[str, Any] = document()["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
        return found
    return parameter


@pytest.fixture
def anybody(host: LocalHost) -> Any:
    headers = {"Authorization": f"Bearer {host.new_control_plane_token('super-admin')}"}
    with httpx.Client(base_url=host.control_plane_base_url, headers=headers, trust_env=False, verify=NO_TLS) as client:
        yield client


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=requests())
def test_every_answer_is_one_the_document_declares(
    anybody: httpx.Client, request: tuple[str, str, str, dict[str, str], Any]
) -> None:
    name, method, path, query, body = request
    answer = anybody.request(method, path, params=query, json=body)

    assert answer.status_code < 500, answer.text
    assert problems(operations()[name][2], answer) == [], answer.text
