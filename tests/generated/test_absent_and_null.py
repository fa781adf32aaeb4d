"""Absent, null and missing are three things."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from tensormesh_generated import models
from tensormesh_generated.models import ChatCompletionRequest, ChatCompletionResponse, CliTokens, User
from tensormesh_runtime.errors import MissingFieldError, TensormeshError, ValidationError
from tensormesh_runtime.types import UNSET, Unset


def test_an_absent_field_reads_as_none_and_is_not_sent() -> None:
    """What nobody set is not sent."""
    request = ChatCompletionRequest(model="m", messages=[])

    assert request.temperature is None
    assert not request.is_set("temperature")
    assert request.to_dict() == {"model": "m", "messages": []}


def test_a_null_field_reads_as_none_and_is_sent() -> None:
    """A null is a value: it goes out as it was set."""
    request = ChatCompletionRequest(model="m", messages=[], temperature=None)

    assert request.temperature is None
    assert request.is_set("temperature")
    assert request.to_dict() == {"model": "m", "messages": [], "temperature": None}


def test_null_and_absent_come_back_as_they_came() -> None:
    """A received null is not dropped, a received absence is not filled in."""
    data = {"id": "1", "firstName": None}
    user = User.from_dict(data)

    assert (user.first_name, user.last_name) == (None, None)
    assert (user.is_set("first_name"), user.is_set("last_name")) == (True, False)
    assert data == user.to_dict()


def test_null_where_a_model_a_list_or_a_time_is_expected() -> None:
    """Hosts send null for what they do not have, whatever the documents say."""
    data = {"id": "c", "created": 1, "model": "m", "choices": None, "usage": None}
    assert data == ChatCompletionResponse.from_dict(data).to_dict()

    user = User.from_dict({"tosAcceptedAt": None, "authProvider": None})
    assert (user.tos_accepted_at, user.auth_provider) == (None, None)
    assert user.to_dict() == {"tosAcceptedAt": None, "authProvider": None}


def test_documented_defaults_are_not_sent() -> None:
    """The smallest request holds two fields; what the host does without the others is the host's to decide."""
    documented = ChatCompletionRequest.__attrs_attrs__
    assert {"n", "stream", "tool_choice", "ignore_eos"} <= {field.name for field in documented}

    assert list(ChatCompletionRequest(model="m", messages=[]).to_dict()) == ["model", "messages"]


def test_a_constant_fills_itself_in() -> None:
    """A field that can only be one thing need not be given, and is sent."""
    assert models.ThinkingConfigEnabled().to_dict() == {"type": "enabled"}
    assert models.TextContentPart(text="a").to_dict() == {"type": "text", "text": "a"}


def test_a_missing_required_field_parses() -> None:
    """An answer that lacks what the documents promise is still an answer."""
    tokens = CliTokens.from_dict({"refresh_token": "a"})

    assert tokens.refresh_token == "a"
    assert tokens.to_dict() == {"refresh_token": "a"}


def test_a_missing_required_field_says_so_when_read() -> None:
    """The error names the model and the field, and is caught as what it is."""
    with pytest.raises(MissingFieldError, match="this CliTokens has no 'access_token'") as caught:
        _ = CliTokens.from_dict({"refresh_token": "a"}).access_token

    assert (caught.value.model, caught.value.name) == ("CliTokens", "access_token")
    assert all(isinstance(caught.value, kind) for kind in (TensormeshError, ValidationError, AttributeError))


def test_a_missing_required_field_is_not_had() -> None:
    """`hasattr` and `getattr` with a default work as for any attribute."""
    tokens = CliTokens.from_dict({})

    assert not hasattr(tokens, "access_token")
    assert getattr(tokens, "access_token", "none") == "none"


def test_a_missing_field_error_can_be_pickled() -> None:
    """It crosses processes whole."""
    error = pickle.loads(pickle.dumps(MissingFieldError("CliTokens", "access_token")))

    assert (error.model, error.name) == ("CliTokens", "access_token")
    assert str(MissingFieldError("CliTokens", "access_token")) == str(error)


def test_a_name_that_is_no_field_is_an_ordinary_attribute_error() -> None:
    """A misspelt name is not mistaken for a missing answer."""
    user = User.from_dict({})

    with pytest.raises(AttributeError, match="'User' object has no attribute 'fist_name'") as caught:
        _ = user.fist_name  # type: ignore[attr-defined]
    assert not isinstance(caught.value, MissingFieldError)
    with pytest.raises(AttributeError, match="User has no field 'fist_name'"):
        user.is_set("fist_name")


def test_a_required_argument_must_be_given() -> None:
    """What is received may be incomplete; what is made may not."""
    with pytest.raises(TypeError, match="messages"):
        ChatCompletionRequest(model="m")  # type: ignore[call-arg]


def test_unset_is_one_false_thing() -> None:
    """`UNSET` is a singleton that copying and pickling leave alone."""
    assert not UNSET
    assert repr(UNSET) == "UNSET"
    copies: list[Any] = [copy.copy(UNSET), copy.deepcopy(UNSET), pickle.loads(pickle.dumps(UNSET)), Unset("UNSET")]
    assert all(one is UNSET for one in copies)
