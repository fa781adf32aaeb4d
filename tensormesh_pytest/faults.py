"""Faults that markers script, and whether all that were scripted did something."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tensormesh_local import LocalHost

MARKER = "tensormesh_fault"
SAY = (
    f"{MARKER}(**script): something that goes wrong on the local host during this test, such as "
    "status=429 or cut_after_events=2; the keys are those of a fault script"
)
WITHOUT_HOST = (
    f"the marker {MARKER} has no effect: this test uses no local host. Ask for the fixture tensormesh_client, "
    "tensormesh_async_client or tensormesh_host, or run pytest with --tensormesh-local"
)
CLEAR = "Where that is meant, end the test with tensormesh_host.faults.clear()"

_HOST = pytest.StashKey["LocalHost"]()


def apply(host: LocalHost, item: pytest.Item) -> None:
    """Put the host back to how it began, but for the faults of the test's markers; once in each test."""
    if _HOST in item.stash:
        return
    item.stash[_HOST] = host
    host.reset()
    # The nearest marker comes first; scripts are written from the outside in.
    for marker in reversed([*item.iter_markers(MARKER)]):
        if len(marker.args) > 1 or not all(isinstance(script, dict) for script in marker.args):
            pytest.fail(f"{MARKER} takes the keys of one fault, such as {MARKER}(status=429)", pytrace=False)
        host.faults.add({**(marker.args[0] if marker.args else {}), **marker.kwargs})


def complaints(item: pytest.Item) -> list[str]:
    """What was scripted for a test and did nothing."""
    host = item.stash.get(_HOST, None)
    if host is not None:
        found = host.faults.complaints()
        return [*found, CLEAR] if found else []
    return [WITHOUT_HOST] if any(item.iter_markers(MARKER)) else []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that is run again begins anew, too."""
    if _HOST in item.stash:
        del item.stash[_HOST]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that passes though its fault never struck tests something else than it says."""
    try:
        result = yield
    except (Exception, pytest.fail.Exception):
        if found := complaints(item):
            item.add_report_section("call", "tensormesh", "\n".join(found))
        raise
    if found := complaints(item):
        pytest.fail("\n".join(found), pytrace=False)
    return result
