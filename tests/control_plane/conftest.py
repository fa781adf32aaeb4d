"""`client.control_plane`, sync and async, on a host of this folder's own, put back before every test."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from tensormesh import AsyncTensormesh, Tensormesh
from tensormesh_local import LocalHost
from tests.local_control_plane.conftest import (
    anonymous,
    clock,
    connect,
    host,
    login,
    owner,
    root,
    running,
    session_clock,
)
from tests.local_control_plane.test_operations import known

__all__ = ("anonymous", "clock", "connect", "host", "known", "login", "owner", "root", "running", "session_clock")


class Plane:
    """`client.control_plane` (sync or async), whose calls are waited for."""

    def __init__(self, host: LocalHost, mode: str, role: str) -> None:
        self._runner = asyncio.Runner()
        make: Any = AsyncTensormesh if mode == "async" else Tensormesh
        self.client = make(
            control_plane_base_url=host.control_plane_base_url,
            control_plane_token=host.new_control_plane_token(role),
            env={},
        )

    def call(self, path: str, *given: Any, **named: Any) -> Any:
        """What the method at `path` gives, such as `billing.balance.get`."""
        found = self.client.control_plane
        for part in path.split("."):
            found = getattr(found, part)
        return self.run(found(*given, **named))

    def run(self, value: Any) -> Any:
        if inspect.isawaitable(value):
            return self._runner.run(_awaited(value))
        return self._runner.run(_all(value)) if hasattr(value, "__aiter__") else value

    def close(self) -> None:
        self.run(self.client.close())
        self._runner.close()


async def _awaited(value: Any) -> Any:
    return await value


async def _all(items: Any) -> list[Any]:
    return [item async for item in items]


@pytest.fixture(params=["sync", "async"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def plane(host: LocalHost, mode: str) -> Iterator[Plane]:
    """As the owner of the account."""
    plane = Plane(host, mode, "user")
    yield plane
    plane.close()


@pytest.fixture
def admin_plane(host: LocalHost, mode: str) -> Iterator[Plane]:
    """As the super administrator."""
    plane = Plane(host, mode, "super-admin")
    yield plane
    plane.close()
