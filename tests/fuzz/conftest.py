"""A scripted host, and a client of each colour over each transport."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.overlay.conftest import Colour
from tests.overlay.scripted_host import ScriptedHost


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Iterator[Colour]:
    with closing(Colour(request.param)) as colour:
        yield colour


@pytest.fixture
def host() -> Iterator[ScriptedHost]:
    host = ScriptedHost().start()
    yield host
    host.stop()
