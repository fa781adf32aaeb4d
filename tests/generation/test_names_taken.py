"""What the client adds by hand to the calls that are made is known to the rules, so that no document takes its name."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh import AsyncTensormesh, Tensormesh
from tensormesh_generated.namespaces import control_plane, inference
from tools.operation_rules import BY_HAND, CLIENTS_TAKEN

CLIENTS = [Tensormesh, AsyncTensormesh]


def added(node: Any) -> set[str]:
    """What a node has that the made class of the same place has not."""
    made = next(kind for kind in type(node).__mro__ if kind.__module__ in (control_plane.__name__, inference.__name__))
    return {name for name in set(dir(type(node))) - set(dir(made)) if not name.startswith("_")}


@pytest.mark.parametrize("client_class", CLIENTS)
def test_what_a_surface_is_beside_its_namespaces_is_taken(client_class: Any) -> None:
    client = client_class(env={})

    assert added(client.inference.serverless) | added(client.control_plane) == CLIENTS_TAKEN


@pytest.mark.parametrize("client_class", CLIENTS)
def test_every_call_that_is_written_by_hand_is_known(client_class: Any) -> None:
    client = client_class(env={})
    nodes = {"control_plane.models": client.control_plane.models}
    nodes["control_plane.observability.deployments.logs"] = client.control_plane.observability.deployments.logs

    assert {f"{place}.{name}" for place, node in nodes.items() for name in added(node)} == BY_HAND
