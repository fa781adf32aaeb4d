"""What a friendly call is given is looked at before anything is sent, and spoken of by its Python name."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from tensormesh.errors import SerializationError, ValidationError
from tests.cases import cases
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import ScriptedHost

CALLS = [
    pytest.param("users.api_keys.create", {"userId": "u"}, "'userId'; did you mean 'user_id'?", id="json"),
    pytest.param("users.api_keys.create", {"nmae": "n"}, "'nmae'; did you mean 'name'?", id="misspelt"),
    pytest.param("users.api_keys.create", {"stream": True}, "'stream'; extra_body= carries", id="of another call"),
    pytest.param("users.api_keys.list", {"includeDeleted": True}, "'includeDeleted'; did you mean", id="query"),
    pytest.param("billing.transactions.list", {"pageSize": 5}, "'pageSize'; did you mean 'page_size'?", id="no body"),
    pytest.param("users.api_keys.delete", {"api_key": "k", "userid": "u"}, "mean 'user_id'?", id="beside a secret"),
    pytest.param("models.deploy", {"modelName": "m"}, "'modelName'; did you mean 'model_name'?", id="optional"),
    pytest.param("models.deploy", {"hftoken": "tsk-secret"}, "'hftoken'; did you mean 'hf_token'?", id="secret"),
    pytest.param("support.tickets.create", {"subject": "s", "mesage": "m"}, "did you mean 'message'?", id="required"),
    pytest.param("support.tickets.create", {"subject": "s", "time_out": 3}, "did you mean 'timeout'?", id="option"),
    pytest.param("support.tickets.create", {"user_ids": 3}, "did you mean 'user_id'?", id="field"),
]  # fmt: skip


def call(runner: Runner, client: Any, place: str, arguments: dict[str, Any]) -> Any:
    node = client.control_plane
    for name in place.split("."):
        node = getattr(node, name)
    return runner.run(made) if inspect.isawaitable(made := node(**arguments)) else made


@cases(("place", "arguments", "said"), CALLS)
def test_an_argument_that_a_call_does_not_take_is_told_which_was_meant(
    runner: Runner, client: Any, host: ScriptedHost, place: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(TypeError) as raised:
        call(runner, client, place, arguments)

    assert str(raised.value).startswith(f"{place}() takes no argument ")
    assert said in str(raised.value)
    assert "tsk-secret" not in str(raised.value)
    assert host.asked == []


@cases(
    ("place", "arguments", "missing"),
    [
        ("support.tickets.create", {}, "subject, message"),
        ("support.tickets.create", {"subject": "s"}, "message"),
        ("billing.stripe.payment_methods.attach", {}, "stripe_payment_method_id"),
        ("admin.billing.balances.add", {"amount": {}}, "target_user_id"),
    ],
)
def test_a_field_that_a_call_needs_is_named_as_its_argument(
    runner: Runner, client: Any, host: ScriptedHost, place: str, arguments: dict[str, Any], missing: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        call(runner, client, place, arguments)

    assert str(raised.value) == f"{place}() needs {missing}"
    assert host.asked == []


def test_fields_beside_a_whole_request_are_named_as_arguments(runner: Runner, client: Any, host: ScriptedHost) -> None:
    with pytest.raises(ValidationError, match=r"not both \(got user_id beside request\)"):
        call(runner, client, "support.tickets.create", {"user_id": "u", "request": {"subject": "s"}})

    assert host.asked == []


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"expires_at": object()}, "expires_at"),
        ({"scopes": ["a", {1}]}, "scopes[1]"),
        ({"request": {"expiresAt": object()}}, "expiresAt"),
    ],
)
def test_a_value_that_cannot_be_sent_is_named_as_it_was_given(
    runner: Runner, client: Any, host: ScriptedHost, arguments: dict[str, Any], path: str
) -> None:
    """By keyword in Python's name, in a mapping by its key; and before anybody is asked who calls."""
    with pytest.raises(SerializationError) as raised:
        call(runner, client, "users.api_keys.create", arguments)

    assert raised.value.path == path
    assert host.asked == []


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("users.update", ["user_id", "request", "first_name", "last_name", "display_name", "company", "options"]),
        ("billing.stripe.payment_methods.attach", ["request", "stripe_payment_method_id", "user_id", "options"]),
    ],
)
def test_a_call_shows_all_its_arguments(client: Any, place: str, shown: list[str]) -> None:
    node = client.control_plane
    for name in place.split("."):
        node = getattr(node, name)

    assert list(inspect.signature(node).parameters) == shown
    assert inspect.signature(node).parameters["options"].annotation == "Unpack[Options]"
