"""
A pytest plugin: tests against a Tensormesh of one's own.

Installed with the package, so its fixtures are there without an import:

    tensormesh_host           the private local host: its addresses and keys, `faults` to script, `requests` it has seen
    tensormesh_client         a `Tensormesh` on it
    tensormesh_async_client   an `AsyncTensormesh` on it, to be used with `async with`
    tensormesh_options        its settings; override it in a conftest.py

One host serves a session, on a free port, and is put back to how it began before each test. The option
`--tensormesh-local` points the environment of every test at it, so that a client which the tested code makes by itself
leads there, too. The marker `tensormesh_fault` scripts what goes wrong: see `tensormesh_local.faults.script.Fault`.

Nothing but pytest is imported before a fixture is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tensormesh import AsyncTensormesh, Tensormesh
    from tensormesh_local import LocalHost, Options

_OPTION = "--tensormesh-local"
_MARKER = "tensormesh_fault"
_SAY = (
    f"{_MARKER}(**script): something that goes wrong on the local host during this test, such as "
    "status=429 or cut_after_events=2; the keys are those of a fault script"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("tensormesh").addoption(
        _OPTION,
        action="store_true",
        help="point TENSORMESH_* at a private local host in every test, so that no test reaches the service",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and the option felt."""
    config.addinivalue_line("markers", _SAY)
    if config.getoption(_OPTION):
        config.pluginmanager.register(_Everywhere(), "tensormesh-everywhere")


class _Everywhere:
    """What the option adds."""

    @pytest.fixture(autouse=True)
    def _tensormesh_environment(self, tensormesh_host: LocalHost, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in tensormesh_host.environment().items():
            monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def tensormesh_options() -> Options:
    """The settings of the local host; override this fixture to change them."""
    from tensormesh_local import Options

    return Options()


@pytest.fixture(scope="session")
def _tensormesh_running(tensormesh_options: Options) -> Iterator[LocalHost]:
    try:
        from tensormesh_local import LocalHost
    except ModuleNotFoundError as exc:
        raise pytest.fail.Exception(str(exc), pytrace=False) from None

    with LocalHost(tensormesh_options) as host:
        yield host


@pytest.fixture
def tensormesh_host(_tensormesh_running: LocalHost, request: pytest.FixtureRequest) -> LocalHost:
    """The local host as it began: no requests seen, and no faults but those of the test's markers."""
    _tensormesh_running.reset()
    # The nearest marker comes first; scripts are written from the outside in.
    for marker in reversed([*request.node.iter_markers(_MARKER)]):
        _tensormesh_running.faults.add(dict(marker.kwargs))
    return _tensormesh_running


@pytest.fixture
def tensormesh_client(tensormesh_host: LocalHost) -> Iterator[Tensormesh]:
    """A client on the local host, whatever the environment says."""
    from tensormesh import Tensormesh

    with Tensormesh(env=tensormesh_host.environment()) as client:
        yield client


@pytest.fixture
def tensormesh_async_client(tensormesh_host: LocalHost) -> AsyncTensormesh:
    """
    A client on the local host, for `async with`.

    It is not opened here: connections belong to the event loop that uses them, and which one that is, is the test's
    affair.
    """
    from tensormesh import AsyncTensormesh

    return AsyncTensormesh(env=tensormesh_host.environment())
