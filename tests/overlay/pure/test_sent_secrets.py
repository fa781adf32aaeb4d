"""What a call sent stands in no error, however a host spells it; words like any others stay."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh.errors import APIStatusError
from tensormesh_overlay.sent_secrets import HIDDEN, SentSecrets, sent_secrets
from tensormesh_runtime.headers import Headers
from tensormesh_runtime.types import Response
from tests.cases import cases

KEY = "sk-live/0123+456789&abc<def>KLM=="
BEARER = [("authorization", f"Bearer {KEY}")]


@cases(
    "spelt",
    [
        pytest.param(str, id="as it is"),
        pytest.param(html.escape, id="HTML"),
        pytest.param(quote, id="a path"),
        pytest.param(lambda key: quote(key, safe=""), id="an address"),
        pytest.param(quote_plus, id="a form"),
        pytest.param(lambda key: re.sub("%..", lambda found: found[0].lower(), quote_plus(key)), id="a form, small"),
        pytest.param(lambda key: json.dumps(key)[1:-1].replace("/", r"\/"), id="JSON of PHP"),
    ],
)
def test_a_key_is_hidden_however_it_is_spelt(spelt: Any) -> None:
    said = f"Incorrect API key provided: {spelt(KEY)}. Look again."

    secrets = sent_secrets(BEARER, "/v1/models")

    assert secrets.text(said) == f"Incorrect API key provided: {HIDDEN}. Look again."
    assert secrets.content(said.encode()) == secrets.text(said).encode()
    for coding in ("utf-16-le", "utf-16-be"):
        assert secrets.content(said.encode(coding)) == secrets.text(said).encode(coding)


@cases("key", ["key", "token", "is", "invalid"])
def test_a_short_key_makes_no_word_unreadable(key: str) -> None:
    said = "this token is invalid: send `Bearer key`, `Bearer token`"

    assert sent_secrets([("authorization", f"Bearer {key}"), ("x-api-key", key)], f"/?key={key}").text(said) == said


def test_what_begins_like_a_key_is_none() -> None:
    secrets = sent_secrets([("authorization", "Bearer tensormesh-local-key")], "/")

    assert secrets.text("https://api.tensormesh.ai, tensormesh-local-keeper") == (
        "https://api.tensormesh.ai, tensormesh-local-keeper"
    )


def test_the_greater_part_of_a_key_that_is_cut_off_is_hidden() -> None:
    secrets = sent_secrets(BEARER, "/")

    assert secrets.text(f"it begins {'your key ' + KEY[:-3]!r}. Is it?") == f"it begins 'your key {HIDDEN}'. Is it?"
    assert secrets.text(KEY[:-1]) == HIDDEN


@cases(
    ("name", "value", "secret"),
    [
        ("proxy-authorization", f"Basic {base64.b64encode(b'somebody:pass-word').decode()}", "pass-word"),
        ("authorization", "Basic c29tZWJvZHk6cGFzcy13b3Jk", "c29tZWJvZHk6cGFzcy13b3Jk"),
        ("Authorization", "without-a-scheme", "without-a-scheme"),
        ("cookie", "a=1; session=abcdefgh12", "abcdefgh12"),
        ("X-Api-Key", "abcdefgh12", "abcdefgh12"),
        ("x-goog-api-key", "abcdefgh12", "abcdefgh12"),
        ("x-auth-token", "abcdefgh12", "abcdefgh12"),
    ],
)
def test_of_headers_those_that_let_somebody_in_are_secret(name: str, value: str, secret: str) -> None:
    assert sent_secrets([(name, value)], "/").text(f"<{secret}>") == f"<{HIDDEN}>"


@cases("name", ["x-user-id", "user-agent", "idempotency-key", "x-author", "x-model", "x-title"])
def test_other_headers_are_not(name: str) -> None:
    assert sent_secrets([(name, "abcdefgh12")], "/").text("abcdefgh12") == "abcdefgh12"


def test_parameters_and_fields_are_told_by_their_names() -> None:
    secrets = sent_secrets(
        [],
        "/v1/x?apiKey=query%2Fsecret&model=some-model",
        {"refresh_token": "refresh-secret", "model": "some-model", "messages": [{"content": "what-is-said"}]},
        {"deep": [{"hfToken": "nested-secret", "max_tokens": 12345678, "author": "some-author"}]},
    )

    said = "query/secret query%2Fsecret refresh-secret nested-secret some-model what-is-said 12345678 some-author"
    assert secrets.text(said) == f"{' '.join([HIDDEN] * 4)} some-model what-is-said 12345678 some-author"


def test_an_error_holds_none_of_it_wherever_it_stood() -> None:
    cause = ValueError(f"cannot read {KEY}")
    body = {"error": {KEY: [KEY, 1, None], "n": {"message": KEY}}}
    answer = Response(401, Headers({"x-a": KEY}), json.dumps(body).encode(), body)
    error = APIStatusError(f"no: {KEY}", status_code=401, body=body, headers={"x-b": KEY}, response=answer)
    error.__cause__ = cause

    found = sent_secrets(BEARER, "/").conceal(error)

    assert found is error
    assert found.body == {"error": {HIDDEN: [HIDDEN, 1, None], "n": {"message": HIDDEN}}}
    assert found.headers["X-B"] == HIDDEN
    assert KEY not in f"{found}{vars(found)}{found.response}{found.response.headers}{found.response.content!r}{cause}"


def test_json_that_is_nested_without_end_is_looked_at_as_a_text() -> None:
    body: Any = "x"
    for _ in range(100_000):
        body = [body]
    error = APIStatusError(f"no: {KEY}", status_code=401, body=None, headers={})
    error.body = body

    assert str(sent_secrets(BEARER, "/").conceal(error)) == f"no: {HIDDEN}"


@given(st.text("ab&/%\"'é\ud83d\x00", min_size=8, max_size=40), st.text("ab&/ *"), st.text("ab&/ *"))
def test_no_secret_is_left_whatever_it_is_made_of(secret: str, before: str, after: str) -> None:
    secrets = SentSecrets([secret])

    assert secret not in secrets.text(before + secret + after)
    spelt = (before + secret + after).encode("utf-8", "surrogatepass")
    assert secret.encode("utf-8", "surrogatepass") not in secrets.content(spelt)
