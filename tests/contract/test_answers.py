"""Answers as a whole: status, headers, content type, body."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.evaluation.findings import Kind, Level
from tensormesh_contract.exchanges.exchange import Exchange, Request
from tests.contract.conftest import Find, Surfaces, exchange, kinds

BALANCE = {"balance": {"currencyCode": "USD", "units": "25", "nanos": 0}}


def test_an_answer_as_documented_is_not_mentioned(find: Find) -> None:
    assert find(exchange("/version", {"version": "1"})) == []
    assert find(exchange("/v1/billing/balance", BALANCE, surface="control-plane")) == []


@pytest.mark.parametrize("surface", ["serverless", "on-demand"])
def test_an_empty_body_is_an_answer_where_the_document_says_so(find: Find, surface: str) -> None:
    assert find(exchange("/health", surface=surface)) == []
    assert find(exchange("/health", surface=surface, status=503)) == []
    assert kinds(find(exchange("/version", surface=surface))) == [(Kind.BODY, "200")]


def test_a_declared_error_is_checked_against_its_shape(find: Find) -> None:
    assert find(exchange("/version", {"error": {"message": "no"}}, status=404)) == []
    assert find(exchange("/version", {"detail": "no"}, status=404)) == []
    assert kinds(find(exchange("/version", {"error": 7}, status=404))) == [(Kind.TYPE, "404 error integer")]


def test_a_status_under_default_alone_is_not_declared(find: Find) -> None:
    (found,) = find(exchange("/version", {"detail": "tea"}, status=418))

    assert (found.kind, found.name, found.level) == (Kind.STATUS, "418", Level.UNKNOWN)
    assert found.detail.endswith("only its `default` covers it")
    assert found.snippet == "responses:\n  '418':\n    $ref: inference.yaml#/components/responses/BadRequest"


@pytest.mark.parametrize(("status", "expected"), [(500, True), (502, True), (501, False), (503, False)])
def test_a_server_error_is_one_unless_the_document_knows_it(find: Find, status: int, *, expected: bool) -> None:
    body = {"error": {"message": "no"}}
    sent = {"model": "m", "tokens": []}
    found = find(exchange("/detokenize", body, method="POST", sent=sent, status=status))

    assert any(one.kind is Kind.SERVER_ERROR for one in found) is expected


@pytest.mark.parametrize(
    ("media_type", "body", "expected"),
    [
        ("text/plain", {"version": "1"}, (Kind.MEDIA_TYPE, "200 text/plain")),
        ("text/html", b"<title>Log in</title>", (Kind.MEDIA_TYPE, "200 text/html")),
        ("application/json", b"{", (Kind.BODY, "200")),
        ("application/json", b"null", (Kind.TYPE, "200 null")),
        ("application/json", b"[" * 5_000 + b"]" * 5_000, (Kind.BODY, "200")),
        ("application/json", b'{"version": ' + b"[" * 200 + b"]" * 200 + b"}", (Kind.BODY, "200")),
        ("application/json; charset=utf-8", b'{"version": "1"}', None),
        ("Application/JSON", b'{"version": "1"}', None),
    ],
)
def test_a_body_is_of_its_content_type(
    find: Find, media_type: str, body: Any, expected: tuple[Kind, str] | None
) -> None:
    assert kinds(find(exchange("/version", body, media_type=media_type))) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-request-id": "r", "date": "now", "cf-ray": "1", "x-envoy-upstream-service-time": "3"}, []),
        ({"x-ratelimit-remaining": "3"}, [(Kind.UNDOCUMENTED_HEADER, "429 x-ratelimit-remaining")]),
        ({"retry-after": "2"}, []),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, []),
        ({"retry-after": "2s"}, [(Kind.HEADER_VALUE, "429 retry-after")]),
    ],
)
def test_headers_are_looked_at_but_for_those_of_http_itself(
    find: Find, headers: dict[str, str], expected: list[tuple[Kind, str]]
) -> None:
    found = find(exchange("/version", {"error": {"message": "wait"}}, status=429, headers=headers))

    assert kinds(found) == expected


@pytest.mark.parametrize(("status", "expected"), [(400, 1), (422, 1), (404, 0), (401, 0), (403, 0)])
def test_an_example_may_meet_a_host_without_its_data_but_not_be_wrong(find: Find, status: int, expected: int) -> None:
    sent = {"model": "m", "prompt": "Hello!"}
    found = find(
        exchange("/tokenize", {"error": {"message": "no"}}, method="POST", sent=sent, status=status, example=True)
    )

    assert [one.kind for one in found] == [Kind.EXAMPLE_REFUSED] * expected


def test_no_answer_is_a_finding(find: Find) -> None:
    (found,) = find(Exchange(SurfaceName.SERVERLESS, Request("GET", "/version"), None, "ConnectError: refused"))

    assert (found.kind, found.detail) == (Kind.NO_ANSWER, "does not answer: ConnectError: refused")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/users/api-keys", "list_user_api_keys"),
        ("GET", "/v1/users/abc", "get_user"),
        ("GET", "/v1/users/by-email/a%40b.c", "get_user_by_email"),
        ("POST", "/v1/models/abc:chat", "chat_with_model"),
        ("POST", "/v1/models:validate", "validate_model_name"),
        ("POST", "/v1/models/check", "check_model"),
        ("GET", "/v1/models/abc", "get_model"),
        ("DELETE", "/v1/admin/billing/gpu-pricing/GPU_TYPE_H100/CLOUD_PROVIDER_LAMBDA", "admin_delete_gpu_pricing"),
        ("GET", "/v1/users/", None),
        ("PATCH", "/v1/users/abc", None),
        ("GET", "/nope", None),
    ],
)
def test_a_request_finds_its_operation(surfaces: Surfaces, method: str, path: str, expected: str | None) -> None:
    found = surfaces[SurfaceName.CONTROL_PLANE].find(method, path)

    assert (found.id if found else None) == expected


def test_no_body_belongs_to_some_statuses(find: Find) -> None:
    assert kinds(find(exchange("/version", status=204))) == [(Kind.STATUS, "204")]


def test_a_header_that_sounds_like_a_secret_is_not_shown(find: Find) -> None:
    found = find(exchange("/version", {"version": "1"}, headers={"x-session-token": "s3cret", "x-api-key": "s3cret"}))

    assert [one.examples for one in found] == [("***",), ("***",)]


def test_a_body_of_another_content_type_is_shown_without_its_secrets(find: Find) -> None:
    (found,) = find(exchange("/version", {"api_key": "s3cret", "version": "1"}, media_type="text/plain"))

    assert found.examples == ('{"api_key": "***", "version": "1"}',)
