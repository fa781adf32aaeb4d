"""The tree of errors, what they hold, and what they keep when they travel."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from tensormesh_generated.models import ApiKey, Money
from tensormesh_overlay import errors
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
from tensormesh_overlay.status_errors import reported_error, status_error
from tensormesh_runtime.types import Response
from tests.cases import cases
from tests.overlay.pure.failed_calls import PLACE, STATUSES, error

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


# The tree.


@cases("name", TREE)
def test_each_error_has_its_place_in_the_tree(name: str) -> None:
    assert getattr(errors, name).__bases__ == TREE[name]


def test_these_are_all_the_errors() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type)]

    assert {one.__name__ for one in classes if issubclass(one, BaseException)} == set(TREE)


def test_every_status_has_its_error() -> None:
    for status in [*range(300, 600), 600, 999]:
        expected = STATUSES.get(status, "InternalServerError" if status >= 500 else "APIStatusError")

        assert (type(error(status)).__name__, error(status).status_code) == (expected, status)


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


@cases(
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


@cases(("one", "attributes"), EXAMPLES, ids=lambda value: type(value).__name__)
@cases("how", ["pickle", "copy", "deepcopy"])
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
