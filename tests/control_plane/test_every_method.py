"""Every method of `client.control_plane`, sync and async, gives what the host answered."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tensormesh import Tensormesh
from tensormesh_generated import api
from tests.control_plane.conftest import Plane
from tests.local_control_plane.documented import document, operations, python_name
from tests.local_control_plane.test_operations import ADMINISTRATIVE, CALLS

SHEET = """
users: get_auth_profile accept_tos update get get_by_email
users.api_keys: list create delete
billing.balance: get
billing.address: get update
billing.transactions: list auto_paging_iter
billing.spending: history summary usage_history
billing.stripe.customer: get_or_create
billing.stripe.payment_methods: list attach detach
billing.stripe.payment_intents: create confirm
billing.stripe.setup_intents: create
billing.pricing.serverless: list
billing.pricing.gpu: list
models: list get delete deploy chat search_by_infra validate_name check
observability.users.metrics: get
observability.deployments.logs: list
observability.deployments.metrics: get
support.tickets: list auto_paging_iter create get close add_message
support.reserved_deployments: submit
activities: list auto_paging_iter get
products: list delete
admin.users: list auto_paging_iter change_role
admin.billing.balances: get add
admin.billing.spending: summary
admin.billing.pricing.serverless: list upsert create update delete
admin.billing.pricing.gpu: upsert create update delete
admin.products: list upsert
admin.models: list auto_paging_iter delete
cli_auth: start exchange refresh
"""
"""Namespaces and methods that users of the published package know."""

METHODS = {
    f"{namespace}.{method}"
    for namespace, _, methods in (line.partition(": ") for line in SHEET.strip().splitlines())
    for method in methods.split()
}

LOOKING_AGAIN = {"models.wait_until_up", "observability.deployments.logs.follow"}
"""Ours alone: each makes a call of the published ones again and again."""


def facts(name: str) -> dict[str, Any]:
    """The `x-tensormesh` block of an operation."""
    for item in document()["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and operation.get("operationId") == name:
                return dict(operation["x-tensormesh"])
    raise LookupError(name)


def arguments(name: str, filled: Callable[[Any], Any]) -> tuple[list[Any], dict[str, Any]]:
    """The positional and the named arguments of the friendly call of an operation."""
    block, given = facts(name), filled(CALLS[name])
    rename, positional = block.get("rename", {}), block.get("positional", [])
    named = {**given.get("path", {}), **given.get("query", {}), **given.get("body", {})}
    if "includeDeleted" in named or "activeOnly" in named:
        named = {key: value == "true" if value in ("true", "false") else value for key, value in named.items()}
    first = [named.pop(key) for key in positional]
    return first, {rename.get(key, python_name(key)): value for key, value in named.items()}


@pytest.fixture
def filled(known: Callable[[str], str]) -> Callable[[Any], Any]:
    """The arguments of a call with the values that are only known once a host runs."""

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [fill(item) for item in value]
        return known(value) if isinstance(value, str) else value

    return fill


def plain(value: Any) -> Any:
    """A typed value as JSON."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


@pytest.mark.parametrize("name", CALLS)
def test_a_method_gives_what_the_host_answered(
    name: str, plane: Plane, admin_plane: Plane, filled: Callable[[Any], Any]
) -> None:
    """Status, bytes and typed value beside each other; the typed value goes back to the same JSON."""
    namespace, _, method = facts(name)["call"].rpartition(".")
    positional, named = arguments(name, filled)
    who = admin_plane if name in ADMINISTRATIVE else plane

    answer = who.call(f"{namespace}.with_raw_response.{method}", *positional, **named)

    returns = facts(name).get("returns")
    assert answer.status_code == 200
    assert plain(answer.parsed) == (answer.json()[returns] if returns else answer.json())


@pytest.mark.parametrize("name", CALLS)
def test_a_low_level_function_gives_the_whole_answer(
    name: str, plane: Plane, admin_plane: Plane, mode: str, filled: Callable[[Any], Any]
) -> None:
    """`api.<tag>.<operation>` with the control plane as its client."""
    module, given = _module(name), filled(CALLS[name])
    rename = facts(name).get("rename", {})
    places = {**given.get("path", {}), **given.get("query", {})}
    named = {rename.get(key, python_name(key)): value for key, value in places.items()}
    if "body" in given:
        named["body"] = given["body"]
    who = admin_plane if name in ADMINISTRATIVE else plane
    call = module.asyncio_detailed if mode == "async" else module.sync_detailed

    answer = who.run(call(client=who.client.control_plane, **named))

    assert answer.parsed.to_dict() == answer.json()


def _module(name: str) -> ModuleType:
    _, _, operation = operations()[name]
    return import_module(f"tensormesh_generated.api.{operation['tags'][0]}.{name}")


def test_the_methods_that_users_know_are_there() -> None:
    """And those of operations that came later."""
    found = methods()

    assert found >= METHODS | LOOKING_AGAIN
    for name in operations():
        assert facts(name)["call"] in found


def test_no_method_is_without_an_operation() -> None:
    calls = {facts(name)["call"] for name in operations()}
    places = {call.rpartition(".")[0] for call in calls}
    beside = {f"{place}.{name}" for place in places for name in ("auto_paging_iter", "upsert")}

    assert methods() <= calls | beside | LOOKING_AGAIN


def methods() -> set[str]:
    with Tensormesh(env={}) as client:
        return {f"{path}.{name}" for path, node in _nodes(client.control_plane) for name in _methods(node)}


def _nodes(node: Any, path: str = "") -> list[tuple[str, Any]]:
    found = [(path, node)] if path else []
    for name in _children(node):
        found += _nodes(getattr(node, name), f"{path}.{name}" if path else name)
    return found


def _children(node: Any) -> list[str]:
    from functools import cached_property

    return [
        name
        for kind in type(node).__mro__
        for name, member in vars(kind).items()
        if isinstance(member, cached_property)
    ]


def _methods(node: Any) -> list[str]:
    return [name for name, _ in inspect.getmembers(type(node), inspect.isfunction) if not name.startswith("_")]


def test_upsert_creates_or_replaces_by_the_name_of_the_method(admin_plane: Plane) -> None:
    """As users of the published package call it."""
    price = {"model": "example/new", "isActive": True}

    made = admin_plane.call("admin.billing.pricing.serverless.upsert", pricing=price)
    again = admin_plane.call(
        "admin.billing.pricing.serverless.upsert", pricing={**made.to_dict(), "model": "example/newer"}, method="PUT"
    )

    assert made.id == again.id
    assert again.model == "example/newer"


def test_an_unlisted_route_can_be_called(plane: Plane) -> None:
    """Its answer is plain JSON."""
    answer = plane.call("request", "GET", "/v1/billing/balance", params={"userId": ""})

    assert "balance" in answer.parsed


def test_every_operation_of_the_package_is_called_here() -> None:
    """The package has no control-plane operation that this file does not know."""
    tags = (getattr(api, tag) for tag in api.__all__)
    modules = (import_module(f"{tag.__name__}.{name}") for tag in tags for name in tag.__all__)
    assert set(CALLS) == {module.OPERATION.id for module in modules if "control_plane" in module.OPERATION.surfaces}


def test_the_documentation_lists_every_method() -> None:
    """`docs/reference/control-plane.md`, each with the operation it calls."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "control-plane.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| \[`([a-z_.]+)`\]\(\S+\) \| (.*?) \|", text, re.MULTILINE))

    assert set(rows) == methods()
    for name, (method, path, _) in operations().items():
        assert rows[facts(name)["call"]] == f"`{method.upper()} {path}`"
