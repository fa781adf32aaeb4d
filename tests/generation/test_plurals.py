"""An option that is given once for each of many is called as one of them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from tools.plurals import singular


@pytest.mark.parametrize(
    ("names", "one"),
    [
        ("statuses status", "status"),
        ("addresses address", "address"),
        ("target-user-ids target-user-id", "target-user-id"),
        ("scopes scope", "scope"),
        ("policies policy", "policy"),
        ("gpus gpu", "gpu"),
        ("gpu-types gpu-type", "gpu-type"),
        ("batches batch", "batch"),
        ("caches cache", "cache"),
        ("boxes box", "box"),
        ("indices index", "index"),
        ("analyses analysis", "analysis"),
        ("aliases alias", "alias"),
        ("prices price", "price"),
        ("responses response", "response"),
        ("series", "series"),
        ("dns", "dns"),
        ("data", "data"),
        ("keys key", "key"),
        ("s", "s"),
    ],
)
def test_many_of_a_thing_are_that_thing(names: str, one: str) -> None:
    assert {singular(name) for name in names.split()} == {one}


@pytest.mark.parametrize(("key", "option"), [("statuses", "status"), ("status", "status"), ("userIds", "user-id")])
def test_an_option_is_called_so(package: Callable[..., Any], key: str, option: str) -> None:
    made = package(
        properties=f"{key}: {{type: array, items: {{type: string}}}}",
        facts="cli: {command: things make}",
    )

    (command,) = importlib.import_module(f"{made.__name__}.commands").COMMANDS
    assert [parameter.name for parameter in command.parameters] == [option]
