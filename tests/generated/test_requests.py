"""Arguments become paths, queries and bodies that say exactly what was meant."""

from __future__ import annotations

import datetime
import decimal
import enum
import math
import re
import urllib.parse
import uuid
from typing import Any

import pydantic
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tensormesh_generated.api.activities import list_activities
from tensormesh_generated.api.admin_pricing import admin_delete_gpu_pricing
from tensormesh_generated.api.chat import create_chat_completion
from tensormesh_generated.api.completions import create_completion
from tensormesh_generated.api.responses import create_response
from tensormesh_generated.api.users import get_user, get_user_by_email, update_user
from tensormesh_generated.models import ChatCompletionRequest, ChatMessage, UpdateUserRequest
from tensormesh_runtime.errors import ValidationError
from tensormesh_runtime.types import UNSET, call_options, query

MESSAGE = {"role": "user", "content": "a"}


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("u-1", "u-1"),
        ("a/b", "a%2Fb"),
        ("...", "..."),
        ("a..b", "a..b"),
        ("v1.2/x.", "v1.2%2Fx."),
        (".env", ".env"),
        ("grün ✓", "gr%C3%BCn%20%E2%9C%93"),
        ("a?b#c", "a%3Fb%23c"),
        ("50%", "50%25"),
        ("%2F", "%252F"),
        (" ", "%20"),
        ("a:chat", "a%3Achat"),
        (7, "7"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_a_path_parameter_stays_one_segment(value: Any, segment: str) -> None:
    """Whatever the name of a resource holds, it names one resource."""
    assert f"/v1/users/{segment}" == get_user.build_request(user_id=value).path


@pytest.mark.parametrize(
    "value",
    [
        *("..", ".", "../x", "x/..", "a/./b", "..\\x", "..;x", "x;..", "..\n"),
        *("%2e%2E", "%2e", ".%2e", "%252e%252e", "%25252e.", "..%2fx", "x%5c..", "a%252F%2e.%3B"),
    ],
)
def test_a_step_up_the_path_is_refused(value: str) -> None:
    """However it is written: a host, or what stands before it, may decode it, and go to another route."""
    with pytest.raises(ValidationError, match=r"'user_id' is .* lead to another route"):
        get_user.build_request(user_id=value)


@pytest.mark.parametrize("value", ["", None, UNSET])
def test_an_empty_path_parameter_is_refused(value: Any) -> None:
    """`/v1/users/` would be another resource, and `/v1/users/None` nobody's."""
    with pytest.raises(ValidationError, match="user_id"):
        get_user.build_request(user_id=value)


def test_several_path_parameters_keep_their_places() -> None:
    """Each goes into its own braces."""
    request = admin_delete_gpu_pricing.build_request(gpu_type="GPU/1", cloud_provider="CLOUD 2")

    assert request.path == "/v1/admin/billing/gpu-pricing/GPU%2F1/CLOUD%202"


def test_an_address_goes_into_a_path_whole() -> None:
    """`@` and `+` are encoded."""
    assert (
        get_user_by_email.build_request(user_email="a+b@example.com").path == "/v1/users/by-email/a%2Bb%40example.com"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (0, "0"),
        ("", ""),
        (1.5, "1.5"),
        (decimal.Decimal("0.10"), "0.10"),
        (datetime.datetime(2026, 4, 2, 9, 15, tzinfo=datetime.UTC), "2026-04-02T09:15:00Z"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (enum.StrEnum("Colour", ["RED"]).RED, "red"),
        (enum.Enum("Colour", {"RED": "red"}, type=str).RED, "red"),
        (enum.Enum("Number", {"ONE": 1}, type=int).ONE, "1"),
        (enum.Enum("Share", {"HALF": 0.5}, type=float).HALF, "0.5"),
    ],
)
def test_a_query_value_is_written_as_the_api_wants_it(value: Any, text: str) -> None:
    """Booleans are `true` and `false`, times RFC 3339; false, zero and empty text are values."""
    assert (("name", text),) == query(("name", value))
    if text:
        assert get_user.build_request(user_id=value).path == f"/v1/users/{urllib.parse.quote(text, safe='')}"


@pytest.mark.parametrize(
    "value", [{"a": 1}, ChatMessage(role="user"), [[1]], [{"a": 1}], math.nan, -math.inf, object()]
)
def test_what_has_no_place_in_a_url_is_refused(value: Any) -> None:
    """Its Python `repr` would mean nothing to a host."""
    with pytest.raises(ValidationError):
        query(("name", value))
    with pytest.raises(ValidationError):
        get_user.build_request(user_id=value)


def test_half_of_a_character_in_a_path_is_refused() -> None:
    """A lone surrogate has no UTF-8: an error of ours says so."""
    with pytest.raises(ValidationError, match=r"'user_id' is .*half of a character"):
        get_user.build_request(user_id="a\ud83d")


def test_a_list_repeats_its_name() -> None:
    """Any iterable but text is a list; its order stays."""
    assert query(("a", [1, True]), ("b", ("x",))) == (("a", "1"), ("a", "true"), ("b", "x"))
    assert query(("a", iter(range(2)))) == (("a", "0"), ("a", "1"))
    assert query(("a", {"x": 1}.values()), ("b", {"y"})) == (("a", "1"), ("b", "y"))
    assert query(("a", [])) == ()


def test_what_is_not_given_is_not_asked() -> None:
    """`UNSET` and `None` leave a parameter out, in a list too."""
    assert query(("a", UNSET), ("b", None)) == ()
    assert query(("a", [None, 1, UNSET])) == (("a", "1"),)
    assert list_activities.build_request().query == ()


def test_query_parameters_have_the_names_of_the_api() -> None:
    """camelCase outside, snake_case inside; a time stays a time."""
    request = list_activities.build_request(
        user_id="u", start_time=datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC), page=2, size=20
    )

    assert dict(request.query) == {"userId": "u", "startTime": "2026-06-01T00:00:00Z", "page": "2", "size": "20"}


def test_a_naive_time_is_refused_in_a_query() -> None:
    """Nobody can know which moment is meant."""
    with pytest.raises(ValidationError, match="no time zone"):
        list_activities.build_request(start_time=datetime.datetime(2026, 6, 1))


def test_a_body_is_a_model_or_a_mapping() -> None:
    """Both send the same."""
    from_model = update_user.build_request(user_id="u", body=UpdateUserRequest(display_name="Ada"))
    from_mapping = update_user.build_request(user_id="u", body={"displayName": "Ada"})

    assert {"displayName": "Ada"} == from_model.json == from_mapping.json


def test_a_mapping_may_hold_models() -> None:
    """At any depth."""
    request = create_chat_completion.build_request(body={"model": "m", "messages": [ChatMessage(**MESSAGE)]})

    assert request.json == {"model": "m", "messages": [MESSAGE]}


def test_a_body_holds_plain_json_only() -> None:
    """Times, decimals, enums, tuples and sets of keys become what JSON has."""
    body = {
        "when": datetime.datetime(2026, 4, 2, tzinfo=datetime.UTC),
        "price": decimal.Decimal("0.10"),
        "pair": (1, 2),
        "some": (item for item in "ab"),
        "ids": {7: uuid.UUID(int=1)},
    }

    assert update_user.build_request(user_id="u", body=body).json == {
        "when": "2026-04-02T00:00:00Z",
        "price": "0.10",
        "pair": [1, 2],
        "some": ["a", "b"],
        "ids": {"7": "00000000-0000-0000-0000-000000000001"},
    }


@pytest.mark.parametrize("value", [b"a", bytearray(b"a"), object(), {1, 2}, UNSET])
def test_a_value_without_json_is_refused(value: Any) -> None:
    """It is refused where it is given, not where it is sent."""
    with pytest.raises(ValidationError):
        update_user.build_request(user_id="u", body={"company": value})


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": [value]}
    return value


def circular() -> Any:
    value: dict[str, Any] = {}
    value["a"] = [value]
    return value


@pytest.mark.parametrize("value", [deep(3000), circular()], ids=["deep", "circular"])
def test_a_body_without_end_is_refused(value: Any) -> None:
    """By an error of ours, wherever it is given."""
    with pytest.raises(ValidationError, match="nested too deep, or contains itself"):
        update_user.build_request(user_id="u", body=value)
    with pytest.raises(ValidationError, match="nested too deep, or contains itself"):
        call_options("create", {"extra_body": value})
    with pytest.raises(ValidationError, match="nested too deep, or contains itself"):
        ChatMessage.from_dict({"role": "user", "novelty": value}).to_dict()


@pytest.mark.parametrize("body", [None, "text", [1], 7, b"{}"])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    """A list or a text is no body of this API."""
    with pytest.raises(ValidationError):
        update_user.build_request(user_id="u", body=body)


@pytest.mark.parametrize("module", [create_chat_completion, create_completion, create_response])
def test_a_whole_answer_cannot_be_asked_as_a_stream(module: Any) -> None:
    """The body asks for pieces, the function for a whole: that is refused before it is sent."""
    with pytest.raises(ValidationError, match=r"use stream\(\) or astream\(\)"):
        module.build_request(body={"model": "m", "stream": True})
    assert module.build_request(body={"model": "m", "stream": False}).json == {"model": "m", "stream": False}


@pytest.mark.parametrize("module", [create_chat_completion, create_completion, create_response])
@pytest.mark.parametrize("given", [{}, {"stream": False}, {"stream": None}, {"stream": True}])
def test_a_stream_request_asks_for_a_stream(module: Any, given: dict[str, Any]) -> None:
    """Whatever the body says; and the body given is left as it was."""
    body = {"model": "m", **given}

    assert module.build_stream_request(body=body).json == {"model": "m", "stream": True}
    assert {"model": "m", **given} == body


def test_a_model_given_as_body_is_left_as_it_was() -> None:
    """Streaming a request does not turn it into a streaming request for good."""
    body = ChatCompletionRequest.from_dict({"model": "m", "messages": [MESSAGE]})
    create_chat_completion.build_stream_request(body=body)

    assert body.to_dict() == {"model": "m", "messages": [MESSAGE]}


@given(st.text(min_size=1).filter(lambda text: text.isprintable() or "/" in text))
@example("./a")
@example("%2E%2e")
def test_any_text_is_one_segment_and_can_be_read_back_or_refused(text: str) -> None:
    """No slash, no question mark, no dots that lead elsewhere, and nothing lost."""
    from urllib.parse import unquote

    try:
        path = get_user.build_request(user_id=text).path
    except ValidationError:
        assert {".", ".."} & set(re.split(r"[/\\;]", unquote(unquote(text))))
        return
    segment = path.removeprefix("/v1/users/")

    assert segment not in ("", ".", "..")
    assert not set(segment) & set("/?#")
    assert text == unquote(segment)


class Spoken(pydantic.BaseModel):
    role: str
    content: str | None = None


def test_a_model_of_pydantic_is_sent_as_its_json() -> None:
    request = create_chat_completion.build_request(body={"model": "m", "messages": [Spoken(role="user", content="hi")]})

    assert request.json is not None
    assert request.json["messages"] == [{"role": "user", "content": "hi"}]
