"""Drifts planted between a caller and a host: each is found, and named for what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tensormesh_contract.evaluation.acceptance import LOCAL_HOST, read_accepted
from tensormesh_contract.evaluation.findings import Finding, Kind, Level
from tensormesh_contract.run import evaluated
from tests.contract.conftest import Drift, Recorded, Sent, Surfaces
from tests.contract.drifts import CHAT, body, events, rename
from tests.contract.gateway import through

type Drifted = Callable[..., list[Finding]]


def failing(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.fails]


@pytest.fixture
def replayed(surfaces: Surfaces, recorded: Recorded) -> Drifted:
    """Evaluate what a walk through a surface was answered, as a drift would have changed it; gives what is found."""

    def evaluate(surface: str, drift: Drift) -> list[Finding]:
        outcome = evaluated(surfaces, through(recorded[surface], drift), read_accepted(LOCAL_HOST))
        return [finding for finding in outcome.findings if not finding.accepted]

    return evaluate


def test_without_a_drift_nothing_is_found(drifted: Drifted) -> None:
    assert failing(drifted("serverless", lambda _: None)) == []
    assert failing(drifted("control-plane", lambda _: None)) == []


def test_a_renamed_field_is_missing_and_new_and_the_report_says_that_it_may_be_one(replayed: Drifted) -> None:
    missing, new = failing(
        replayed("serverless", body(CHAT, lambda v: rename(v["usage"], "prompt_tokens", "input_tokens")))
    )

    assert (missing.kind, missing.subject) == (Kind.MISSING_FIELD, "200 usage prompt_tokens")
    assert (new.kind, new.subject) == (Kind.UNDOCUMENTED_FIELD, "200 usage input_tokens")
    assert new.hint == "perhaps `prompt_tokens` under a new name: it is not sent"
    assert new.place.pointer == "/components/schemas/UsageInfo/properties"


def test_a_changed_type_is_named_with_both_types(replayed: Drifted) -> None:
    (found,) = failing(replayed("serverless", body(CHAT, lambda v: v.update(created=str(v["created"])))))

    assert (found.kind, found.subject) == (Kind.TYPE, "200 created string")
    assert found.detail == "is a string, documented as integer"
    assert found.snippet == "type: [string, integer]"
    assert found.place.pointer == "/components/schemas/ChatCompletionResponse/properties/created/type"


def test_a_64_bit_integer_that_is_no_longer_text_is_a_changed_type(replayed: Drifted) -> None:
    def drift(value: Any) -> None:
        value["balance"]["units"] = int(value["balance"]["units"])

    (found,) = failing(replayed("control-plane", body("/v1/billing/balance", drift)))

    assert (found.kind, found.operation) == (Kind.TYPE, "GET /v1/billing/balance")
    assert found.detail == "is an integer, documented as string"


def test_null_where_the_document_has_none_is_a_changed_type(replayed: Drifted) -> None:
    (found,) = failing(replayed("serverless", body("/tokenize", lambda v: v.update(tokens=None))))[:1]

    assert (found.kind, found.subject) == (Kind.TYPE, "200 tokens null")
    assert found.snippet == "type: [array, 'null']"


def test_a_new_status_is_named(replayed: Drifted) -> None:
    def drift(sent: Sent) -> None:
        if sent.path.endswith("/version"):
            sent.status = 203

    (found,) = failing(replayed("serverless", drift))

    assert (found.kind, found.subject, found.level) == (Kind.STATUS, "203", Level.UNKNOWN)
    assert found.operation == "GET /version"
    assert found.snippet.startswith("responses:\n  '203':\n    description:")
    assert "schema:\n          $ref: inference.yaml#/components/schemas/VersionResponse" in found.snippet


def test_a_removed_field_is_missed(replayed: Drifted) -> None:
    def drift(value: Any) -> None:
        for model in value["data"]:
            del model["object"]

    (found,) = failing(replayed("serverless", body("/v1/models", drift)))

    assert (found.kind, found.subject) == (Kind.MISSING_FIELD, "200 data[] object")
    assert found.count > 1
    assert found.snippet == "required: [id]"


def test_a_removed_optional_field_is_among_what_was_never_seen(replayed: Drifted) -> None:
    def drift(value: Any) -> None:
        for model in value["data"]:
            del model["max_model_len"]

    before = replayed("serverless", lambda _: None)
    after = replayed("serverless", body("/v1/models", drift))

    subject = (Kind.NEVER_SEEN, "GET /v1/models", "200 data[] max_model_len")
    assert subject not in [(one.kind, one.operation, one.subject) for one in before]
    assert subject in [(one.kind, one.operation, one.subject) for one in after]
    assert failing(after) == []


def test_a_new_value_of_an_enumeration_is_named_with_where_to_add_it(replayed: Drifted) -> None:
    def drift(value: Any) -> None:
        value["choices"][0]["finish_reason"] = "exhausted"

    (found,) = failing(replayed("serverless", body(CHAT, drift)))

    assert (found.kind, found.subject) == (Kind.UNKNOWN_VALUE, "200 choices[].finish_reason")
    assert found.examples == ("exhausted",)
    assert found.snippet == "x-known-values: [stop, length, tool_calls, abort, error, repetition, exhausted]"


def test_a_changed_constant_is_named(replayed: Drifted) -> None:
    (found,) = failing(replayed("serverless", body(CHAT, lambda v: v.update(object="chat.completion.v2"))))

    assert (found.kind, found.subject, found.level) == (Kind.CONSTANT, "200 object", Level.BROKEN)


def test_a_new_field_is_named_with_a_schema_for_it(replayed: Drifted) -> None:
    (found,) = failing(
        replayed("serverless", body("/tokenize", lambda v: v.update(tokenizer={"name": "bpe", "vocab": 9})))
    )

    assert (found.kind, found.subject) == (Kind.UNDOCUMENTED_FIELD, "200 tokenizer")
    assert found.examples == ({"name": "bpe", "vocab": 9},)
    field, components = yaml.safe_load_all(found.snippet)
    assert field["properties"]["tokenizer"]["$ref"] == "#/components/schemas/TokenizeResponseTokenizer"
    tokenizer = components["components"]["schemas"]["TokenizeResponseTokenizer"]
    assert {name: one["type"] for name, one in tokenizer["properties"].items()} == {
        "name": "string",
        "vocab": "integer",
    }


def test_a_wrong_content_type_is_named(replayed: Drifted) -> None:
    def drift(sent: Sent) -> None:
        if sent.path.endswith("/version"):
            sent.headers["content-type"] = "text/html"

    (found,) = failing(replayed("serverless", drift))

    assert (found.kind, found.subject) == (Kind.MEDIA_TYPE, "200 text/html")
    assert found.detail == "is text/html, documented as application/json"


def test_a_renamed_header_is_new(replayed: Drifted) -> None:
    def drift(sent: Sent) -> None:
        if sent.path.endswith("/version"):
            rename(sent.headers, "x-request-id", "x-trace")

    (found,) = failing(replayed("serverless", drift))

    assert (found.kind, found.subject) == (Kind.UNDOCUMENTED_HEADER, "200 x-trace")


def test_a_header_with_a_wrong_value_is_named(replayed: Drifted) -> None:
    def drift(sent: Sent) -> None:
        if sent.path.endswith("/health"):
            sent.status, sent.headers["retry-after"] = 429, "soon"
            sent.json = {"error": {"message": "wait"}}

    (found,) = failing(replayed("serverless", drift))

    assert (found.kind, found.subject) == (Kind.HEADER_VALUE, "429 retry-after")
    assert found.examples == ("soon",)


def test_a_chunk_without_choices_is_named(replayed: Drifted) -> None:
    (found,) = failing(replayed("serverless", events(CHAT, lambda v: v.pop("choices"))))

    assert (found.kind, found.subject) == (Kind.MISSING_FIELD, "200 event choices")
    assert found.operation == f"POST {CHAT}"
    assert found.place.pointer == "/components/schemas/ChatCompletionChunk/required"


def test_a_stream_without_its_end_is_named(replayed: Drifted) -> None:
    def drift(sent: Sent) -> None:
        sent.body = sent.body.replace(b"data: [DONE]\n\n", b"")

    found = failing(replayed("serverless", drift))

    assert {finding.kind for finding in found} == {Kind.STREAM_END}
    assert [finding.operations for finding in found] == [(f"POST {CHAT}", "POST /v1/completions")]
    assert found[0].detail == "does not end with [DONE]"


def test_an_event_of_an_unknown_type_is_named(replayed: Drifted) -> None:
    def drift(sent: Sent) -> None:
        sent.body = sent.body.replace(b"response.in_progress", b"response.begun")

    (found,) = failing(replayed("serverless", drift))

    assert (found.kind, found.subject) == (Kind.UNKNOWN_EVENT, "200 event response.begun")


def test_a_whole_answer_where_a_stream_was_asked_for_is_named(replayed: Drifted) -> None:
    def drift(sent: Sent) -> None:
        if sent.headers["content-type"].startswith("text/event-stream") and sent.path.endswith(CHAT):
            sent.headers["content-type"], sent.body = "application/json", b"{}"

    (found,) = failing(replayed("serverless", drift))

    assert found.kind is Kind.MEDIA_TYPE
    assert found.detail == (
        "is application/json, documented as text/event-stream: a stream was asked for and none came"
    )


def test_a_server_error_is_named_with_the_request_that_causes_it(replayed: Drifted) -> None:
    def drift(sent: Sent) -> None:
        if sent.path.endswith("/detokenize"):
            sent.status = 500
            sent.json = {"error": {"message": "gone", "type": "InternalServerError"}}

    (found,) = failing(replayed("serverless", drift))

    assert (found.kind, found.operation) == (Kind.SERVER_ERROR, "POST /detokenize")
    assert found.requests[0].json is not None


def test_what_was_deleted_and_is_still_there_is_named(drifted: Drifted) -> None:
    looked_at = {
        "/v1/users/api-keys",
        "/v1/billing/stripe/customers/payment-methods",
        "/v1/admin/billing/serverless-pricing",
    }
    kept: dict[str, bytes] = {}

    def drift(sent: Sent) -> None:
        # The list as it was before the deletion is given out for ever.
        path = sent.path.removeprefix("/control-plane")
        if path in looked_at and sent.method == "GET" and sent.status == 200:
            kept[path] = max(kept.get(path, b""), sent.body, key=len)
            sent.body = kept[path]

    found = failing(drifted("control-plane", drift))

    assert {one.operation for one in found} == {f"GET {path}" for path in looked_at}
    assert len(found) == len(looked_at)
    for one in found:
        assert (one.kind, one.name) == (Kind.BEHAVIOUR, "deleted, and still there")
        assert [request.method for request in one.requests] == ["DELETE", "GET"]
