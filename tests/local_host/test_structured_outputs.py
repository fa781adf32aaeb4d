"""`structured_outputs`: kept, or refused; never ignored."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tensormesh_local.engine.patterns import PatternError, example
from tests.cases import cases

type Refused = Callable[..., dict[str, Any]]

CHAT, TEXT, RESPONSES = "/v1/chat/completions", "/v1/completions", "/v1/responses"
MODEL = "openai/gpt-oss-20b"
BODIES: dict[str, dict[str, Any]] = {
    CHAT: {"model": MODEL, "messages": [{"role": "user", "content": "Is Paris in France? Say yes or no."}]},
    TEXT: {"model": MODEL, "prompt": "Is Paris in France? Say yes or no.", "max_tokens": 200},
    RESPONSES: {"model": MODEL, "input": "Is Paris in France? Say yes or no."},
}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name"],
}

everywhere = pytest.mark.parametrize("path", BODIES)


def said(serverless: httpx.Client, path: str, constraint: dict[str, Any]) -> str:
    answer = serverless.post(path, json={**BODIES[path], "structured_outputs": constraint})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    if path == RESPONSES:
        text: str = found["output"][-1]["content"][0]["text"]
    else:
        [choice] = found["choices"]
        text = choice["text"] if path == TEXT else choice["message"]["content"]
    return text


@everywhere
def test_an_answer_is_one_of_the_choices(serverless: httpx.Client, path: str) -> None:
    """The one that the question names, where it names one."""
    assert said(serverless, path, {"choice": ["maybe", "yes", "no"]}) == "yes"
    assert said(serverless, path, {"choice": ["red", "blue"]}) in ("red", "blue")


@everywhere
@pytest.mark.parametrize("schema", [PERSON, json.dumps(PERSON)], ids=["object", "text"])
def test_an_answer_fits_a_schema(serverless: httpx.Client, path: str, schema: Any) -> None:
    assert isinstance(json.loads(said(serverless, path, {"json": schema}))["name"], str)


@everywhere
def test_an_answer_is_any_object(serverless: httpx.Client, path: str) -> None:
    assert isinstance(json.loads(said(serverless, path, {"json_object": True})), dict)


@everywhere
@pytest.mark.parametrize("pattern", ["[a-c]{3}", r"\d{4}-\d{2}", "(yes|no)"])
def test_an_answer_matches_an_expression(serverless: httpx.Client, path: str, pattern: str) -> None:
    assert re.fullmatch(pattern, said(serverless, path, {"regex": pattern}))


@everywhere
@pytest.mark.parametrize(
    ("constraint", "words"),
    [
        ({}, "none are specified"),
        ({"choice": None}, "none are specified"),
        ({"json_object": False}, "none are specified"),
        ({"choice": []}, "Choice list must not be empty"),
        ({"choice": ["a"], "regex": "a"}, "multiple are specified: regex, choice"),
        ({"json": "{"}, "Invalid JSON grammar specification"),
        ({"json": {"type": "strin"}}, 'Unsupported type "strin"'),
        ({"regex": "("}, "Invalid regex grammar specification"),
        ({"regex": r"(a)\1"}, "cannot follow this structured_outputs.regex: it refers back to a group"),
        ({"grammar": "root ::= 'a'"}, "does not follow structured_outputs.grammar"),
        ({"structural_tag": "{}"}, "does not follow structured_outputs.structural_tag"),
    ],
)
def test_what_is_not_kept_is_refused(refused: Refused, path: str, constraint: dict[str, Any], words: str) -> None:
    assert words in refused(path, {**BODIES[path], "structured_outputs": constraint})["message"]


def test_a_text_completion_keeps_its_response_format(serverless: httpx.Client) -> None:
    for form in ({"type": "json_object"}, {"type": "json_schema", "json_schema": {"name": "p", "schema": PERSON}}):
        answer = serverless.post(TEXT, json={**BODIES[TEXT], "response_format": form}).json()
        assert isinstance(json.loads(answer["choices"][0]["text"]), dict)


def test_two_fields_for_one_thing_are_refused(refused: Refused) -> None:
    both = {"structured_outputs": {"choice": ["a"]}, "response_format": {"type": "json_object"}}

    assert "multiple are specified: choice, response_format" in refused(CHAT, {**BODIES[CHAT], **both})["message"]


@cases(
    "pattern",
    [
        "", "abc", "a|b", "(?:|b)", "a*b+c?", "a{0}b", "a{2,}", "a{,3}", "a{2,3}?", ".", "^abc$", r"\w+@\w+\.com",
        "[^a-z]", r"[\]x]", "[]]", r"\S\s\D\W", "(?P<year>[0-9]{4})/x", r"\x41\u00e9", "é+", "[ä-ö]", r"\{\}", "a{b}",
        "(a|(b|c)){2}", r"\bword\b", r"line\nbreak",
    ],
)  # fmt: skip
def test_a_text_is_found_for_an_expression(pattern: str) -> None:
    assert re.fullmatch(pattern, example(pattern))


@cases("pattern", ["(?=a)b", r"(a)\1", "a{20000}", "(?i:a)", "a(?!a)b"])
def test_an_expression_that_is_beyond_it_is_told(pattern: str) -> None:
    with pytest.raises(PatternError):
        example(pattern)
