"""A scripted host, and a sync and an async client over each transport."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import ScriptedHost


@pytest.fixture(params=["sync", "async"])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    with closing(Runner(request.param)) as runner:
        yield runner


@pytest.fixture
def host() -> Iterator[ScriptedHost]:
    host = ScriptedHost().start()
    yield host
    host.stop()
