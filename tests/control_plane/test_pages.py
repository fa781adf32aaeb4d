"""`auto_paging_iter` walks through every page of the host's lists, sync and async."""

from __future__ import annotations

from typing import Any

import pytest

from tests.control_plane.conftest import Plane


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_every_transaction_comes_once_whatever_the_page_size(plane: Plane, size: int) -> None:
    """By page tokens."""
    whole = plane.call("billing.transactions.list", page_size=1000).transactions

    walked = list(plane.run(plane.client.control_plane.billing.transactions.auto_paging_iter(page_size=size)))

    assert len(whole) > 2
    assert whole == walked


@pytest.mark.parametrize(
    ("namespace", "items"),
    [
        ("activities", "activities"),
        ("support.tickets", "tickets"),
        ("admin.users", "users"),
        ("admin.models", "models"),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_every_item_comes_once_by_page_number(
    plane: Plane, admin_plane: Plane, namespace: str, items: str, size: int
) -> None:
    """By page and size."""
    who = admin_plane if namespace.startswith("admin.") else plane
    whole = getattr(who.call(f"{namespace}.list", size=1000), items)

    walked = list(who.run(_node(who, namespace).auto_paging_iter(size=size)))

    assert whole == walked
    assert len(whole) > 0


def test_a_page_is_asked_for_when_it_is_needed(plane: Plane, mode: str) -> None:
    """The first item costs one request, however many pages there are."""
    items: Any = plane.client.control_plane.billing.transactions.auto_paging_iter(page_size=1)

    first = plane.run(anext(items)) if mode == "async" else next(items)

    assert first == plane.call("billing.transactions.list", page_size=1).transactions[0]


def _node(plane: Plane, path: str) -> Any:
    found = plane.client.control_plane
    for part in path.split("."):
        found = getattr(found, part)
    return found
