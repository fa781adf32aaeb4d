"""A model is a value: it is compared, copied, pickled and shown as one."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh_generated import models
from tensormesh_generated.api.cli_auth import cli_token_refresh
from tensormesh_generated.models import ChatCompletionRequest, ChatMessage, CliTokens, TextContentPart, User
from tensormesh_runtime.types import UNSET

REQUEST = {
    "model": "m",
    "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}],
    "temperature": None,
    "novelty": {"deep": [1, {"er": 2}]},
}


def through_pickle(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, through_pickle], ids=["copy", "deepcopy", "pickle"])
def test_a_duplicate_is_equal(duplicate: Callable[[Any], Any]) -> None:
    """Copies are equal, of the same class, and send the same JSON."""
    request = ChatCompletionRequest.from_dict(REQUEST)

    copied = duplicate(request)

    assert request == copied
    assert request is not copied
    assert (ChatCompletionRequest, REQUEST) == (type(copied), copied.to_dict())


def test_a_deep_copy_shares_nothing() -> None:
    """Changing one leaves the other."""
    request = ChatCompletionRequest.from_dict(REQUEST)
    copied = copy.deepcopy(request)

    copied.messages[0].role = "system"
    copied["novelty"]["deep"].clear()

    assert request.to_dict() == REQUEST


def test_to_dict_shares_nothing() -> None:
    """What `to_dict` gives may be changed without changing the model."""
    request = ChatCompletionRequest.from_dict(REQUEST)

    data = request.to_dict()
    data["novelty"]["deep"].clear()
    data["messages"].clear()

    assert request.to_dict() == REQUEST


KINDS = [kind for name in models.__all__ if inspect.isclass(kind := getattr(models, name))]


def test_every_model_can_be_pickled() -> None:
    """Each class is found again by its name, with what it holds."""
    values = [kind.from_dict({"novelty": 1}) for kind in KINDS]

    assert len(values) > 200
    assert [value for value in values if through_pickle(value) != value] == []


def test_equality_is_by_class_and_content() -> None:
    """Same class and same content, however it was made; absent and null differ."""
    assert User(id="1") == User.from_dict({"id": "1"})
    assert User(id="1") != User(id="2")
    assert User(id="1") != User(id="1", company=None)
    assert User(id="1") != User.from_dict({"id": "1", "novelty": 1})
    assert User(id="1") != {"id": "1"}
    assert User.from_dict({}) != CliTokens.from_dict({})


def test_looking_at_unknown_keys_changes_nothing() -> None:
    """Reading `additional_properties` of a model without any does not make it another."""
    looked = User(id="1")
    assert looked.additional_properties == {}

    assert User(id="1") == looked
    assert repr(User(id="1")) == repr(looked)
    assert looked.to_dict() == {"id": "1"}


def test_a_mutable_model_has_no_hash() -> None:
    """It may not be a key that changes."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(User(id="1"))


def test_replace_gives_a_changed_copy() -> None:
    """The original stays; `UNSET` takes a field away; nested models are copies too."""
    request = ChatCompletionRequest.from_dict(REQUEST)

    changed = request.replace(model="n", temperature=UNSET, n=2)

    assert {key: value for key, value in REQUEST.items() if key != "temperature"} | {
        "model": "n",
        "n": 2,
    } == changed.to_dict()
    assert request.to_dict() == REQUEST
    assert changed.messages[0] is not request.messages[0]


def test_the_replace_of_python_is_ours() -> None:
    """`copy.replace` (of Python 3.13) calls `__replace__`: what is unknown stays, and what is absent stays absent."""
    data = {"novelty": {"deep": [1]}}

    assert [kind for kind in KINDS if kind.__replace__(kind.from_dict(data)).to_dict() != data] == []


def test_the_replace_of_python_changes_what_it_is_told() -> None:
    """As `replace` does."""
    request = ChatCompletionRequest.from_dict(REQUEST)

    assert type(request).__replace__(request, model="n") == request.replace(model="n")
    if hasattr(copy, "replace"):
        assert copy.replace(request, model="n") == request.replace(model="n")


def test_replace_knows_the_fields() -> None:
    """A misspelt name is refused, not sent."""
    with pytest.raises(TypeError, match="User has no field 'fist_name'"):
        User(id="1").replace(fist_name="a")


def test_replace_takes_mappings_for_models() -> None:
    """What the constructor takes, `replace` takes: a mapping becomes a model that reads as one."""
    request = ChatCompletionRequest.from_dict(REQUEST)

    changed = request.replace(messages=[{"role": "user", "content": "b"}])

    assert changed.messages[0].content == "b"


def test_mappings_stand_for_nested_models() -> None:
    """A constructor takes mappings where models go, and makes models of them, by tag where there is one."""
    request = ChatCompletionRequest(
        model="m",
        messages=[{"role": "user", "content": [{"type": "text", "text": "a"}]}, ChatMessage(role="user", content="b")],
        thinking={"type": "enabled"},
        stream_options={"include_usage": True},
    )
    parts: Any = request.messages[0].content

    assert isinstance(request.messages[0], ChatMessage)
    assert isinstance(parts[0], TextContentPart)
    assert isinstance(request.thinking, models.ThinkingConfigEnabled)
    assert isinstance(request.stream_options, models.StreamOptions)


def test_a_secret_is_not_shown() -> None:
    """A key in a model does not reach a log by way of `repr`."""
    shown = repr(CliTokens(access_token="very-secret", refresh_token="very-secret"))

    assert shown == "CliTokens(access_token=***, refresh_token=***)"


def secrets() -> list[tuple[str, str]]:
    return [
        (name, attribute.metadata["key"])
        for name in models.__all__
        for attribute in getattr(getattr(models, name), "__attrs_attrs__", ())
        if attribute.metadata["secret"]
    ]


@pytest.mark.parametrize(("name", "key"), secrets())
def test_no_declared_secret_is_shown(name: str, key: str) -> None:
    """Every field that the documents call secret is hidden, and still sent."""
    model = getattr(models, name).from_dict({key: "very-secret"})

    assert "very-secret" not in repr(model)
    assert "very-secret" not in repr([model])
    assert {key: "very-secret"} == model.to_dict()


def test_a_request_does_not_show_the_secrets_it_carries() -> None:
    """A request that is logged before it is sent shows no key either."""
    request = cli_token_refresh.build_request(body={"refresh_token": "very-secret"})

    assert request.json == {"refresh_token": "very-secret"}
    assert "very-secret" not in repr(request)


def test_repr_shows_what_was_set() -> None:
    """Fields by their Python names, absent ones left out, unknown ones with the rest."""
    user = User.from_dict({"id": "1", "firstName": "Ada", "novelty": 2})

    assert repr(user) == "User(id='1', first_name='Ada', additional_properties={'novelty': 2})"


def test_a_misspelt_attribute_is_not_sent() -> None:
    """Setting what is no field is a mistake; it must not become a key of the JSON."""
    user = User(id="1")
    with pytest.raises(AttributeError, match="no field 'fist_name'"):
        user.fist_name = "Ada"  # type: ignore[attr-defined]

    assert user.to_dict() == {"id": "1"}


def test_a_class_below_a_model_makes_objects_of_its_own() -> None:
    """Whatever was prepared for the model above it."""

    class Mine(User):
        """Somebody's own kind of user."""

    User.from_dict({"id": "1"})

    assert type(Mine.from_dict({"id": "2"})) is Mine
