"""Every way a call can fail: the tree of errors, what they say, and what they keep when they travel."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_generated.models import ApiKey, Money
from tensormesh_overlay import errors
from tensormesh_overlay.error_bodies import SENTENCE_LENGTH, message_of
from tensormesh_overlay.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    MissingFieldError,
    ProtocolError,
    SerializationError,
    StreamError,
    StreamEventError,
    StreamTimeoutError,
    StreamTruncatedError,
    TensormeshError,
    ValidationError,
)
from tensormesh_overlay.status_errors import BODY_SHOWN, reported_error, status_error
from tensormesh_runtime.types import Response

PLACE = "POST https://h.test/v1/chat/completions"

TREE = {
    "TensormeshError": (Exception,),
    "ConfigurationError": (TensormeshError, ValueError),
    "ValidationError": (TensormeshError, ValueError),
    "MissingFieldError": (ValidationError, AttributeError),
    "SerializationError": (ValidationError,),
    "DeploymentError": (TensormeshError,),
    "DeploymentTimeoutError": (errors.DeploymentError, TimeoutError),
    "ToolLoopError": (TensormeshError,),
    "APIError": (TensormeshError,),
    "APIConnectionError": (APIError,),
    "APITimeoutError": (APIConnectionError,),
    "ProtocolError": (APIError,),
    "StreamError": (APIError,),
    "StreamTruncatedError": (StreamError, APIConnectionError),
    "StreamTimeoutError": (StreamError, APITimeoutError),
    "StreamEventError": (StreamError,),
    "APIStatusError": (APIError,),
    "BadRequestError": (APIStatusError,),
    "AuthenticationError": (APIStatusError,),
    "PermissionDeniedError": (APIStatusError,),
    "NotFoundError": (APIStatusError,),
    "ConflictError": (APIStatusError,),
    "UnprocessableEntityError": (APIStatusError,),
    "RateLimitError": (APIStatusError,),
    "InternalServerError": (APIStatusError,),
}
STATUSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}


def error(status: int = 400, body: Any = None, **headers: str) -> APIStatusError:
    """The error of an answer; a body that is neither bytes nor text goes out as JSON."""
    content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    return status_error(status, {name.replace("_", "-"): value for name, value in headers.items()}, content, PLACE)


# The tree.


@pytest.mark.parametrize("name", TREE)
def test_each_error_has_its_place_in_the_tree(name: str) -> None:
    assert getattr(errors, name).__bases__ == TREE[name]


def test_these_are_all_the_errors() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type)]

    assert {one.__name__ for one in classes if issubclass(one, BaseException)} == set(TREE)


def test_every_status_has_its_error() -> None:
    for status in [*range(300, 600), 600, 999]:
        expected = STATUSES.get(status, "InternalServerError" if status >= 500 else "APIStatusError")

        assert (type(error(status)).__name__, error(status).status_code) == (expected, status)


# What they say.


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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


def test_an_error_that_holds_no_report_has_a_message_all_the_same() -> None:
    for failure in (APIConnectionError("said"), APITimeoutError("said"), StreamError("said")):
        assert (failure.message, failure.code, failure.type, failure.param) == ("said", None, None, None)
    page = ProtocolError("said", status_code=200, request_id=None, body="OK")
    assert (page.message, page.code) == ("said", None)


def test_an_error_holds_the_answer() -> None:
    failure = error(503, {"error": {"message": "é"}}, x_request_id="r-1", retry_after="7")
    response = failure.response

    assert (response.status_code, response.request_id, response.headers["Retry-After"]) == (503, "r-1", "7")
    assert (response.json(), response.parsed) == (failure.body, failure.body)
    assert "\\u00e9" in response.text
    assert failure.retry_after == 7


def test_an_answer_that_is_an_error_by_its_body_alone_is_held_as_it_came() -> None:
    content = b'{"error": {"message": "Slow down.", "code": 429}}'
    failure = reported_error(200, {"x-request-id": "r-1"}, content, PLACE, json.loads(content))

    assert str(failure) == (
        f"Slow down. (HTTP 200 from {PLACE}, a success whose body reports an error, request r-1); wait and try again"
    )
    assert isinstance(failure, APIStatusError)
    assert (failure.status_code, failure.response.status_code, failure.response.content) == (429, 200, content)


def test_a_report_without_a_status_is_held_as_it_came_too() -> None:
    content = b'{"error": {"message": "Enough.", "code": "c"}}'
    failure = reported_error(200, {"x-request-id": "r-1"}, content, PLACE, json.loads(content))

    assert str(failure) == f"Enough. (HTTP 200 from {PLACE}, a success whose body reports an error, request r-1)"
    assert isinstance(failure, ProtocolError)
    assert (failure.message, failure.code, failure.request_id) == ("Enough.", "c", "r-1")
    assert (failure.response.content, failure.response.headers["x-request-id"]) == (content, "r-1")


@pytest.mark.parametrize("header", ["set-cookie", "authorization", "proxy-authorization"])
def test_an_error_keeps_no_credential_that_an_answer_brought(header: str) -> None:
    failure = status_error(500, {header: "SENTINEL"}, b"", PLACE)

    assert "SENTINEL" not in repr(vars(failure))
    assert failure.headers.get(header) is failure.response.headers.get(header) is None


@pytest.mark.parametrize(("status", "told"), [(429, True), (503, True), (500, False)])
def test_an_error_says_how_long_the_host_asks_to_wait(status: int, told: bool) -> None:
    failure = error(status, "Slow down.", retry_after="12.5")

    assert failure.retry_after == 12.5
    assert ("; the host asks to wait 12.5 s before the next try" in str(failure)) == told
    assert error(status, "Slow down.").retry_after is None


@pytest.mark.parametrize(
    ("failure", "sent"),
    [
        (TensormeshError("said"), False),
        (ConfigurationError("said"), False),
        (ValidationError("said"), False),
        (MissingFieldError("ChatMessage", "role"), True),
        (APIError("said"), True),
        (APIConnectionError("said", sent=False), False),
        (APITimeoutError("said"), True),
        (ProtocolError("said", status_code=200, request_id=None, body=""), True),
        (StreamError("said"), True),
        (StreamTruncatedError("said"), True),
        (StreamEventError("said", status_code=None, body=None), True),
        (error(404), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_tells_whether_the_host_may_have_seen_the_request(failure: TensormeshError, sent: bool) -> None:
    assert failure.sent is sent


@pytest.mark.parametrize(
    "read",
    [
        lambda: Money.from_dict({"units": "many"}).units,
        lambda: ApiKey.from_dict({"createdAt": "soon"}).created_at,
        lambda: Response(200, {}, b"<html>", None).json(),
    ],
    ids=["a number", "a time", "JSON"],
)
def test_what_is_found_out_when_an_answer_is_read_was_sent(read: Any) -> None:
    """Whoever repeats what was not sent must not pay twice for what cannot be read."""
    with pytest.raises(ValidationError) as raised:
        read()

    assert pickle.loads(pickle.dumps(raised.value)).sent is True


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(("status", "redirect"), [(300, True), (399, True), (400, False), (299, False)])
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


@pytest.mark.parametrize("depth", [100, 990, 5_000, 100_000])
def test_a_body_nested_too_deep_makes_an_error_too(depth: int) -> None:
    assert str(status_error(500, {}, b"[" * depth + b"]" * depth, PLACE)).startswith("HTTP 500 from ")


@given(JSON)
def test_a_message_is_a_sentence_or_nothing(body: Any) -> None:
    message = message_of(body)

    assert message is None or isinstance(message, str)


# What they keep.

STATUS = {"status_code": 400, "body": {"a": [1]}, "headers": {"x-request-id": "r-1"}}
EXAMPLES: list[tuple[Exception, dict[str, Any]]] = [
    (TensormeshError("said"), {}),
    (ConfigurationError("said"), {}),
    (ValidationError("said"), {}),
    (MissingFieldError("ChatMessage", "role"), {"model": "ChatMessage", "name": "role"}),
    (SerializationError("said", ["content", 0, "messages"]), {"reason": "said", "path": "messages[0].content"}),
    (errors.DeploymentError("said", model={"modelId": "m"}), {"model": {"modelId": "m"}}),
    (errors.DeploymentTimeoutError("said", model=None), {"model": None}),
    (errors.ToolLoopError("said", run=("a",)), {"run": ("a",)}),
    (APIError("said"), {}),
    (APIConnectionError("said", sent=False), {"sent": False}),
    (APIConnectionError("said"), {"sent": True}),
    (APITimeoutError("said", sent=False), {"sent": False}),
    (
        ProtocolError("said", status_code=200, request_id="r-1", body="<html>"),
        {"status_code": 200, "request_id": "r-1", "body": "<html>"},
    ),
    (StreamError("said"), {}),
    (StreamTruncatedError("said"), {"sent": True}),
    (StreamTimeoutError("said"), {"sent": True}),
    (StreamEventError("said", status_code=500, body={"error": "x"}), {"status_code": 500, "body": {"error": "x"}}),
    *(
        (getattr(errors, name)("said", **STATUS), STATUS)
        for name, bases in TREE.items()
        if name == "APIStatusError" or APIStatusError in bases
    ),
]


def test_the_examples_are_of_every_class() -> None:
    assert {type(one).__name__ for one, _ in EXAMPLES} == set(TREE)


@pytest.mark.parametrize(("one", "attributes"), EXAMPLES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("how", ["pickle", "copy", "deepcopy"])
def test_an_error_keeps_everything_when_it_travels(one: Exception, attributes: dict[str, Any], how: str) -> None:
    copies = (
        [pickle.loads(pickle.dumps(one, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
        if how == "pickle"
        else [getattr(copy, how)(one)]
    )
    for copied in copies:
        assert type(copied) is type(one)
        assert (str(copied), copied.args) == (str(one), one.args)
        assert {name: getattr(copied, name) for name in attributes} == attributes


def test_the_name_of_a_call_travels_with_its_error() -> None:
    assert pickle.loads(pickle.dumps(error(500, x_request_id="r-1"))).request_id == "r-1"


def test_headers_kept_are_not_those_of_the_answer() -> None:
    headers = {"a": "1"}
    failure = status_error(500, headers, b"", PLACE)
    headers["a"] = "2"

    assert failure.headers == {"a": "1"}


@pytest.mark.parametrize("kind", [StreamTruncatedError, StreamTimeoutError])
def test_a_stream_that_breaks_off_was_sent(kind: type[APIConnectionError]) -> None:
    assert kind("said").sent is True


def test_one_who_catches_connection_errors_catches_those_of_streams() -> None:
    assert issubclass(StreamTruncatedError, APIConnectionError)
    assert issubclass(StreamTimeoutError, APITimeoutError)
    assert not issubclass(StreamEventError, APIConnectionError)
