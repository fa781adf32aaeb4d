"""Whatever is sent, the host answers: never with a failure of its own."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FILE = Path(__file__).resolve().parents[2] / "openapi" / "inference.yaml"
MODEL = "openai/gpt-oss-20b"
MESSAGES = [{"role": "user", "content": "What is the weather in Paris?"}]
TOOL = {"type": "function", "function": {"name": "get_weather", "description": "Get the weather.", "parameters": {}}}
# A body of each operation that is fine, to put other fields into.
GOOD: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": MODEL, "messages": MESSAGES},
    "/v1/completions": {"model": MODEL, "prompt": "Roses are"},
    "/v1/responses": {"model": MODEL, "input": "Hello"},
    "/tokenize": {"model": MODEL, "messages": MESSAGES},
    "/detokenize": {"model": MODEL, "tokens": [300]},
}
WORDS = ["auto", "none", "required", "function", "user", "json_object", "json_schema", "message", "1", "#", "#/$defs/a"]
# Fields that make long answers, which no example needs.
SMALL = {"n": 3, "max_tokens": 60, "max_completion_tokens": 60, "max_output_tokens": 60, "min_tokens": 60}

# One host for all examples is what is wanted: a failure has to be found, not to be kept apart.
patient = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def _keys(value: Any) -> set[str]:
    """Every property name below a schema, and the keywords that tool parameters are made of."""
    if isinstance(value, list):
        return {key for item in value for key in _keys(item)}
    if not isinstance(value, dict):
        return set()
    own = set(value["properties"]) if isinstance(value.get("properties"), dict) else set()
    return own.union(*(_keys(item) for item in value.values()))


_SCHEMAS = yaml.safe_load(FILE.read_text(encoding="utf-8"))["components"]["schemas"]
KEYS = sorted(_keys(_SCHEMAS) | {"properties", "required", "items", "enum", "const", "$ref", "$defs", "anyOf"})

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-3, 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(codec=None), max_size=20)
    | st.sampled_from(WORDS)
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=10,
)


def _kept_small(body: dict[str, Any]) -> dict[str, Any]:
    return {key: min(value, SMALL[key]) if _is_large(key, value) else value for key, value in body.items()}


def _is_large(key: str, value: Any) -> bool:
    return key in SMALL and isinstance(value, int | float) and value > SMALL[key]


bodies = st.dictionaries(st.sampled_from(KEYS), anything, max_size=4).map(_kept_small)
visible = st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")


@pytest.mark.parametrize("path", GOOD)
@patient
@given(more=bodies, tools=st.booleans())
def test_any_json_is_answered_or_refused(
    serverless: httpx.Client, path: str, more: dict[str, Any], tools: bool
) -> None:
    body = {**GOOD[path], **({"tools": [TOOL]} if tools else {}), **more}
    # Escaped, since half a surrogate pair has no other form.
    answer = serverless.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})

    assert answer.status_code in (200, 400, 404), answer.text
    assert answer.headers["content-type"] in ("application/json", "text/event-stream; charset=utf-8")


@pytest.mark.parametrize("path", GOOD)
@patient
@given(content=st.binary(max_size=60), kind=st.sampled_from(["application/json", "text/plain", "x", ""]))
def test_any_bytes_are_refused(serverless: httpx.Client, path: str, content: bytes, kind: str) -> None:
    answer = serverless.post(path, content=content, headers={"Content-Type": kind})

    assert answer.status_code == 400
    assert set(answer.json()) <= {"error", "detail"}


@patient
@given(path=st.binary(max_size=30).map(quote), method=st.sampled_from(["GET", "POST", "DELETE", "HEAD", "OPTIONS"]))
def test_any_path_is_answered(stranger: httpx.Client, path: str, method: str) -> None:
    answer = stranger.request(method, f"{stranger.base_url}/{path}")

    assert answer.status_code < 500


@patient
@given(value=st.text(alphabet=visible, max_size=30))
def test_any_header_is_taken(serverless: httpx.Client, value: str) -> None:
    sent = value.strip().encode("latin-1")
    answer = serverless.post(
        "/tokenize",
        json={"model": MODEL, "prompt": "x"},
        headers=[(b"x-request-id", sent), (b"x-user-id", sent), (b"accept", sent)],
    )

    assert answer.status_code == 200
