"""What errors say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_overlay.error_bodies import SENTENCE_LENGTH, message_of
from tensormesh_overlay.errors import StreamEventError
from tensormesh_overlay.status_errors import BODY_SHOWN, status_error
from tests.cases import cases
from tests.overlay.pure.failed_calls import PLACE, error

# What they say.


@pytest.mark.parametrize(
    "body",
    [
        b'data: {"error": {"message": "No such model.", "code": "model_not_found"}}\n\n',
        b'event: error\r\ndata:{"error": {"message": "No such model.", "code": "model_not_found"}}\r\n\r\ndata: [DONE]',
        b': hello\n\ndata: {bad\n\ndata: {"message": "No such model.", "code": "model_not_found"}\n\n',
    ],
)
def test_a_host_may_refuse_in_the_form_of_events(body: bytes) -> None:
    found = status_error(404, {}, body, PLACE)

    assert (found.message, found.code, found.response.content) == ("No such model.", "model_not_found", body)


@cases(
    ("body", "sentence"),
    [
        ({"error": {"message": "No such model.", "type": "NotFoundError", "code": 404}}, "No such model."),
        ({"error": "No such model."}, "No such model."),
        ({"error": "not_found", "message": "No such model."}, "No such model."),
        ({"error": "not_found", "detail": "No such model."}, "No such model."),
        ({"error": "not_found", "error_description": "No such model."}, "No such model."),
        ({"message": "No such model.", "error": None}, "No such model."),
        ({"message": "", "error": "No such model."}, "No such model."),
        ({"detail": "No such model."}, "No such model."),
        ({"detail": {"message": "No such model."}}, "No such model."),
        ({"detail": {"error": {"message": "No such model."}}}, "No such model."),
        ({"code": 5, "message": "No such model.", "details": []}, "No such model."),
        ({"object": "error", "message": "No such model.", "code": 404}, "No such model."),
        ({"error": {}, "message": "No such model."}, "No such model."),
        ({"message": 5, "error": "No such model."}, "No such model."),
        ({"error": {"message": "No such model."}, "message": {"role": "x"}}, "No such model."),
        ({"response": {"error": {"message": "No such model."}}}, "No such model."),
        ({"detail": [{"loc": ["body"], "msg": "é"}]}, "body: é"),
        ({"detail": [{"loc": ["body", "n"], "msg": "Too many."}, {"msg": "No."}]}, "body.n: Too many.; No."),
        ({"errors": [{"field": "n", "message": "Too many."}]}, "n: Too many."),
        ('"No such model."', "No such model."),
        ("No such model.", "No such model."),
        ("x" * SENTENCE_LENGTH, "x" * SENTENCE_LENGTH),
    ],
)
def test_an_error_begins_with_what_the_host_says_in_whatever_shape(body: Any, sentence: str) -> None:
    failure = error(418, body, x_request_id="r-1")

    assert str(failure) == f"{sentence} (HTTP 418 from {PLACE}, request r-1)"
    assert failure.message == sentence


@cases(
    ("body", "shown"),
    [
        ({"error": True}, '{"error": true}'),
        ({"error": {"code": 7}}, '{"error": {"code": 7}}'),
        ({"detail": [{"loc": ["body"]}]}, '{"detail": [{"loc": ["body"]}]}'),
        ({"unknown": 1}, '{"unknown": 1}'),
        ({}, "{}"),
        ([1, 2], "[1, 2]"),
        (7, "7"),
        (False, "false"),
        ("<html><h1>502</h1></html>\n", "<html><h1>502</h1></html>"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ("{broken", "{broken"),
        ("two\nlines", "two\nlines"),
        ("x" * (SENTENCE_LENGTH + 1), "x" * (SENTENCE_LENGTH + 1)),
        ("", "the body is empty"),
        (" \n", "the body is empty"),
        ("null", "the body is empty"),
        ('""', "the body is empty"),
    ],
)
def test_where_the_host_has_no_sentence_the_status_comes_first(body: Any, shown: str) -> None:
    failure = error(418, body, x_request_id="r-1")

    assert str(failure) == failure.message == f"HTTP 418 from {PLACE}, request r-1: {shown}"


@cases(
    ("body", "code", "kind", "param"),
    [
        ({"error": {"message": "x", "type": "t", "param": "p", "code": "c"}}, "c", "t", "p"),
        (
            {"object": "error", "message": "x", "type": "NotFoundError", "param": None, "code": 404},
            404,
            "NotFoundError",
            None,
        ),
        ({"code": 5, "message": "x", "details": []}, 5, None, None),
        ({"error": "not_found", "message": "x"}, "not_found", None, None),
        ({"error": "No such model."}, None, None, None),
        ({"type": "error", "error": {"message": "x", "type": "overloaded_error"}}, None, "overloaded_error", None),
        ({"base_resp": {"status_code": 1004, "status_msg": "x"}}, 1004, None, None),
        ({"detail": {"error": {"message": "x", "code": "c"}}}, "c", None, None),
        ({"detail": [{"loc": ["body", "n"], "msg": "x"}]}, None, None, "n"),
        ({"detail": [{"loc": ["body", "n"], "msg": "x"}, {"loc": ["body", "m"], "msg": "x"}]}, None, None, None),
        ({"error": {"message": "x", "code": True, "type": 5, "param": {"a": 1}}}, None, None, None),
        ({"error": {"message": "x", "code": "", "type": "", "param": ""}}, None, None, None),
        ("plain words", None, None, None),
        (None, None, None, None),
        ([1], None, None, None),
    ],
)
def test_an_error_tells_code_type_and_parameter_where_the_host_does(
    body: Any, code: str | int | None, kind: str | None, param: str | None
) -> None:
    failure = error(400, body)

    assert (failure.code, failure.type, failure.param) == (code, kind, param)


def test_an_error_inside_a_stream_tells_the_same() -> None:
    body = {"error": {"message": "Enough.", "type": "t", "param": "p", "code": "c"}}
    failure = StreamEventError("said", status_code=None, body=body)

    assert (failure.message, failure.code, failure.type, failure.param) == ("Enough.", "c", "t", "p")


@cases(
    ("body", "kept"),
    [
        ({"error": {"message": "x"}}, {"error": {"message": "x"}}),
        ([1], [1]),
        (" text ", "text"),
        ("", None),
        (b"\xff", "\ufffd"),
        ('{"a": 1e400}', {"a": float("inf")}),
    ],
)
def test_the_whole_body_is_kept(body: Any, kept: Any) -> None:
    assert error(500, body).body == kept


def test_a_long_body_is_shown_in_part_and_kept_whole() -> None:
    page = "<html>" + "x" * 5_000
    failure = error(502, page)

    assert str(failure) == f"HTTP 502 from {PLACE}: {page[:BODY_SHOWN]}... (5006 characters)"
    assert len(str(error(400, {"message": "x" * 5_000}))) < BODY_SHOWN + 200
    assert failure.body == page


def test_a_body_that_just_fits_is_shown_whole() -> None:
    assert str(error(502, "x" * BODY_SHOWN)) == f"HTTP 502 from {PLACE}: {'x' * BODY_SHOWN}"


@cases(
    ("status", "advice"),
    [
        (401, "inference takes an inference API key, the control plane its own token"),
        (403, "this credential may not do that"),
        (404, "check the name or id that was asked for, and the base URL"),
        (429, "wait and try again"),
    ],
)
def test_where_there_is_something_to_do_the_error_says_so(status: int, advice: str) -> None:
    assert advice in str(error(status, "x"))


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://new.test/v1?key=SENTINEL", "https://new.test/v1"),
        ("https://me:SENTINEL@new.test/v1@2", "https://new.test/v1@2"),
        (None, "the new place"),
    ],
)
def test_a_redirect_is_not_followed_and_says_where_it_points(location: str | None, shown: str) -> None:
    failure = error(307, "", **({} if location is None else {"location": location}))

    assert f"redirects are not followed, so that no key travels with one; does the base URL belong to {shown}?" in str(
        failure
    )
    assert "SENTINEL" not in str(failure)


@cases(("status", "redirect"), [(300, True), (399, True), (400, False), (299, False)])
def test_only_redirects_are_spoken_of_as_such(status: int, redirect: bool) -> None:
    assert ("redirects are not followed" in str(error(status, "x"))) == redirect


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "message", "detail", "code", "x"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(st.integers(100, 999), JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60))
def test_any_body_makes_an_error_with_a_message(status: int, content: bytes) -> None:
    failure = status_error(status, {}, content, PLACE)

    assert f"HTTP {status} from {PLACE}" in str(failure)
    assert str(failure) == str(failure).strip()
    assert not str(failure).endswith(": ")
    assert failure.message
    assert {type(failure.code), type(failure.type), type(failure.param)} <= {str, int, type(None)}


@cases("depth", [100, 990, 5_000, 100_000])
def test_a_body_nested_too_deep_makes_an_error_too(depth: int) -> None:
    assert str(status_error(500, {}, b"[" * depth + b"]" * depth, PLACE)).startswith("HTTP 500 from ")


@given(JSON)
def test_a_message_is_a_sentence_or_nothing(body: Any) -> None:
    message = message_of(body)

    assert message is None or isinstance(message, str)
