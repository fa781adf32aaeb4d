"""A Tensormesh of one's own, and an environment that points at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tensormesh_local import LocalHost, Options
from tests.overlay.conftest import runner as runner


@pytest.fixture(scope="session")
def running() -> Iterator[LocalHost]:
    with LocalHost(Options()) as host:
        yield host


@pytest.fixture
def host(running: LocalHost, monkeypatch: pytest.MonkeyPatch) -> LocalHost:
    """The host as it began; the variables of the test's environment lead there."""
    running.reset()
    for name, value in running.environment().items():
        monkeypatch.setenv(name, value)
    return running
