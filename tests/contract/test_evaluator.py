"""Exchanges in, findings out."""

from __future__ import annotations

from dataclasses import replace

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.evaluation.causes import by_cause
from tensormesh_contract.evaluation.evaluator import Evaluator
from tensormesh_contract.evaluation.findings import Finding, Kind, Level
from tensormesh_contract.exchanges.exchange import Exchange, Promise, Request
from tests.contract.conftest import Find, Surfaces, exchange, kinds

TICKET = {"ticketId": "tkt-1", "subject": "a", "status": "TICKET_STATUS_OPEN"}


def test_the_same_thing_in_many_answers_is_one_finding_with_the_plainest_request(find: Find) -> None:
    bodies = [{"model": "m", "tokens": [*range(count)]} for count in (9, 2, 5)]
    (found,) = find(*(exchange("/detokenize", {"prompt": 1}, method="POST", sent=body) for body in bodies))

    assert (found.count, found.requests[0].json) == (3, {"model": "m", "tokens": [0, 1]})


def test_examples_are_few_and_different(find: Find) -> None:
    (found,) = find(*(exchange("/version", {"version": number // 2}) for number in range(20)))

    assert found.count == 20
    assert found.examples == (0, 1, 2)


def test_findings_come_in_the_order_of_the_documents_the_heaviest_first(find: Find) -> None:
    found = find(
        exchange("/version", {"version": 1, "more": 1}),
        exchange("/v1/models", {"data": [], "more": 1}),
    )

    assert [(one.operation, one.level) for one in found] == [
        ("GET /v1/models", Level.UNKNOWN),
        ("GET /version", Level.BROKEN),
        ("GET /version", Level.UNKNOWN),
    ]


def test_a_request_that_reaches_no_operation_is_only_counted(surfaces: Surfaces) -> None:
    evaluator = Evaluator(surfaces)
    evaluator.add(exchange("/nope", {"detail": "Not Found"}, status=404))

    assert (evaluator.passed_over, evaluator.findings(), evaluator.tallies()) == (1, [], ())


def test_documented_fields_that_never_came_are_told_with_how_often_they_could_have(surfaces: Surfaces) -> None:
    evaluator = Evaluator(surfaces)
    evaluator.add(exchange("/v1/models", {"data": [{"id": "a", "object": "model"}, {"id": "b", "object": "model"}]}))
    never = {one.name: one for one in evaluator.findings() if one.kind is Kind.NEVER_SEEN}

    assert {"created", "owned_by", "permission"} <= never.keys()
    assert not {"id", "data"} & never.keys()
    assert never["created"].detail == "was in none of 2 objects"
    assert never["created"].place.pointer == "/components/schemas/InferenceModel/properties/created"
    assert not any(one.fails for one in evaluator.findings())


def test_an_operation_without_a_success_is_told(surfaces: Surfaces) -> None:
    evaluator = Evaluator(surfaces)
    for _ in range(2):
        evaluator.add(exchange("/version", {"error": "Unauthorized"}, status=401))
    (found,) = (one for one in evaluator.findings() if one.kind is Kind.NEVER_SUCCEEDED)

    assert (found.operation, found.fails) == ("GET /version", False)
    assert found.detail.startswith("answered 401 (2)")


def test_an_optional_field_under_a_new_name_is_guessed_by_its_likeness(find: Find) -> None:
    model = {"id": "a", "object": "model", "max_model_length": 8192, "colour": "red"}
    found = find(exchange("/v1/models", {"data": [model]}))

    assert {one.name: one.hint for one in found} == {
        "max_model_length": "perhaps `max_model_len` under a new name: it is not sent",
        "colour": "",
    }


def test_a_field_that_is_sent_is_not_taken_for_renamed(find: Find) -> None:
    model = {"id": "a", "object": "model", "max_model_length": 8192, "max_model_len": 8192}
    (found,) = find(exchange("/v1/models", {"data": [model]}))

    assert found.hint == ""


def test_a_made_up_word_that_comes_back_is_not_the_hosts(find: Find) -> None:
    ticket = {**TICKET, "type": "made-up", "made-up-field": 1}
    sent = {"subject": "a", "message": "b", "type": "made-up", "made-up-field": 1}

    assert (
        find(exchange("/v1/support/tickets", {"ticket": ticket}, method="POST", sent=sent, surface="control-plane"))
        == []
    )


def test_a_word_that_another_surface_was_sent_is_no_echo(find: Find) -> None:
    """Whoever makes texts up for one may hit upon the word that another has of its own."""
    made_up = exchange("/tokenize", {}, method="POST", status=400, sent={"prompt": "TICKET_STATUS_CLOSED"})
    ticket = {"ticket": {**TICKET, "status": "TICKET_STATUS_CLOSED"}}
    found = find(made_up, exchange("/v1/support/tickets/tkt-1", ticket, surface="control-plane"))

    assert (Kind.UNKNOWN_VALUE, "200 ticket.status") in kinds(found)


def test_a_documented_word_is_not_made_up_unless_it_was_sent_under_that_name(find: Find) -> None:
    ticket = {**TICKET, "type": "USER_ROLE_ADMIN", "clientSecret": "x"}
    elsewhere = {"subject": "USER_ROLE_ADMIN", "message": "b", "clientSecret": "x"}
    (field, value) = find(
        exchange("/v1/support/tickets", {"ticket": ticket}, method="POST", sent=elsewhere, surface="control-plane")
    )
    there = {"subject": "a", "message": "b", "type": "USER_ROLE_ADMIN"}
    (still,) = find(
        exchange("/v1/support/tickets", {"ticket": ticket}, method="POST", sent=there, surface="control-plane")
    )

    assert kinds([field, value]) == [
        (Kind.UNDOCUMENTED_FIELD, "200 ticket clientSecret"),
        (Kind.UNKNOWN_VALUE, "200 ticket.type"),
    ]
    assert still.subject == field.subject


def test_a_secret_is_not_among_the_examples(find: Find) -> None:
    key = {"id": 7, "name": "a", "sessionToken": "very secret"}
    found = find(exchange("/v1/users/api-keys", {"apiKeys": [key]}, surface="control-plane"))

    assert {one.name: one.examples for one in found} == {"integer": ("***",), "sessionToken": ("***",)}


def test_behaviour_is_counted_like_everything_else(surfaces: Surfaces) -> None:
    evaluator = Evaluator(surfaces)
    operation = surfaces[SurfaceName.CONTROL_PLANE].by_id("get_model")
    for path in ("/v1/models/abc", "/v1/models/a"):
        evaluator.add_behaviour(operation, "deleted, and still there", "after DELETE", (Request("GET", path),))
    (found,) = evaluator.findings()

    assert (found.kind, found.count, found.fails) == (Kind.BEHAVIOUR, 2, True)
    assert [request.path for request in found.requests] == ["/v1/models/a"]


def test_a_suggestion_fits_all_that_was_seen_of_one_place(find: Find) -> None:
    """To paste one after the other would else take back what the one before has changed."""
    event = b'data: {"id": "1"}\n\ndata: [DONE]\n\n'
    chat = {"model": "m", "messages": [], "stream": True}
    streamed = exchange("/v1/chat/completions", event, method="POST", sent=chat, media_type="text/event-stream")
    types = [exchange("/version", {"version": value}) for value in (1, None)]
    found = find(streamed, *types)

    assert {one.snippet for one in found if one.kind is Kind.MISSING_FIELD} == {"required: [id]"}
    assert {one.snippet for one in found if one.kind is Kind.TYPE} == {"type: [string, integer, 'null']"}


def test_one_field_in_the_answers_of_two_operations_gets_one_schema(find: Find) -> None:
    error = {"message": "no", "type": "BadRequestError", "param": None, "code": 400}
    found = find(
        exchange("/version", {"error": {**error, "more": 1}}, status=400),
        exchange("/health", {"error": {**error, "more": None}}, status=400),
    )

    assert len(found) == 2
    assert {one.snippet.splitlines()[2].strip() for one in found} == {"type: [integer, 'null']"}


def test_a_documented_header_that_never_came_is_told_and_fails_nothing(surfaces: Surfaces) -> None:
    evaluator = Evaluator(surfaces)
    evaluator.add(exchange("/version", {"version": "1"}))
    evaluator.add(exchange("/health", {}, headers={"x-request-id": "1"}))
    evaluator.add(exchange("/health", {}))
    found = [one for one in evaluator.findings() if one.kind is Kind.HEADER_NEVER_SEEN]

    assert [(one.operation, one.subject, one.detail) for one in found] == [
        ("GET /version", "200 x-request-id", "was not in the one answer")
    ]
    assert not any(one.fails for one in found)


def test_a_secret_that_does_not_sound_like_one_is_not_among_the_examples_either(find: Find) -> None:
    """The id of a key is the key; so it is wherever it turns up."""
    keys = [{"id": "ak-s3cret", "name": "a"}]
    wrapped = find(exchange("/v1/users/api-keys", {"data": {"apiKeys": keys}}, surface="control-plane"))
    bare = find(exchange("/v1/users/api-keys", keys, surface="control-plane"))
    plain = find(exchange("/v1/users/api-keys", {"apiKeys": keys}, surface="control-plane", media_type="text/plain"))

    assert "s3cret" not in repr([one.examples for one in (*wrapped, *bare, *plain)])
    assert [list(one.examples[0]) for one in bare] == [[{"id": "***", "name": "a"}]]


def test_an_example_that_is_refused_for_a_parameter_is_not_told_beside_it(surfaces: Surfaces) -> None:
    path, refusal = "/v1/chat/completions", {"error": {"message": "top_k is not taken"}}
    sent = {"model": "m", "messages": [], "top_k": 5}
    one = exchange(path, refusal, method="POST", status=400, sent=sent, example=True)
    tried = replace(exchange(path, refusal, method="POST", status=400, sent=sent), promise=Promise.TAKES, about="top_k")
    other = exchange(path, refusal, method="POST", status=400, sent={"model": "m", "messages": []}, example=True)

    assert [found.kind for found in caused(surfaces, one)] == [Kind.EXAMPLE_REFUSED]
    assert [found.kind for found in caused(surfaces, one, tried)] == [Kind.PARAMETER_REFUSED]
    assert {found.kind for found in caused(surfaces, other, tried)} == {Kind.PARAMETER_REFUSED, Kind.EXAMPLE_REFUSED}


def test_a_host_that_looks_at_no_type_is_one_finding_whatever_it_is_asked(surfaces: Surfaces) -> None:
    wrong = [
        replace(exchange(path, b"{}", method="POST", sent={name: {"a": 1}}), promise=Promise.CHECKS, about=name)
        for path, name in (("/v1/chat/completions", "stop"), ("/v1/chat/completions", "n"), ("/v1/completions", "stop"))
    ]
    (found,) = (one for one in caused(surfaces, *wrong) if one.kind is Kind.WRONG_ACCEPTED)

    assert found.names == ("n", "stop")
    assert found.operations == ("POST /v1/chat/completions", "POST /v1/completions")


def caused(surfaces: Surfaces, *exchanges: Exchange) -> list[Finding]:
    evaluator = Evaluator(surfaces)
    for one in exchanges:
        evaluator.add(one)
    return [one for one in by_cause(evaluator.findings()) if one.fails]
