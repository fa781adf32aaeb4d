"""`auto_paging_iter` walks through every page of the host's lists, sync and async."""

from __future__ import annotations

from typing import Any

import pytest

from tests.control_plane.conftest import Plane
from tests.local_control_plane.documented import operations

PAGED = {
    name: operation["x-tensormesh"]
    for name, (_, _, operation) in operations().items()
    if "paging" in operation["x-tensormesh"]
}
SIZES = {"page": "size", "token": "page_size"}


@pytest.mark.parametrize("name", PAGED)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_every_item_comes_once_whatever_the_page_size(plane: Plane, admin_plane: Plane, name: str, size: int) -> None:
    """By page number and by token: each operation that says it is paged."""
    who = admin_plane if name.startswith("admin_") else plane
    call, paging = PAGED[name]["call"], PAGED[name]["paging"]
    of = SIZES[paging["style"]]
    whole = getattr(who.call(call, **{of: 1000}), paging["items"])

    walked = list(who.run(_node(who, call.rpartition(".")[0]).auto_paging_iter(**{of: size})))

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
