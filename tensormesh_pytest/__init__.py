"""
A pytest plugin: tests against a Tensormesh of one's own.

Installed with the package, so its fixtures are there without an import:

    tensormesh_host           the private local host: its addresses and keys, `faults` to script, `requests` it has seen
    tensormesh_client         a `Tensormesh` on it
    tensormesh_async_client   an `AsyncTensormesh` on it, to be used with `async with`
    tensormesh_session_host   the same host, for fixtures of a module or of the session
    tensormesh_options        its settings; override it in a conftest.py
    tensormesh_contract       holds any host against the OpenAPI documents

One host serves a session, on a free port, and is put back to how it began before each test. The option
`--tensormesh-local` leads whatever client there is to it, from before the first import, and lets none leave this
machine. The marker `tensormesh_fault` scripts what goes wrong: see `tensormesh_local.faults.script.Fault`; a fault that
does nothing fails its test.

Without the option, nothing but pytest is imported before a fixture is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tensormesh_pytest.faults import SAY, apply, pytest_runtest_call, pytest_runtest_setup

if TYPE_CHECKING:
    from tensormesh import AsyncTensormesh, Tensormesh
    from tensormesh_contract.session import Report
    from tensormesh_local import LocalHost, Options
    from tensormesh_pytest.everywhere import Everywhere

__all__ = [
    "pytest_addoption",
    "pytest_configure",
    "pytest_load_initial_conftests",
    "pytest_runtest_call",
    "pytest_runtest_setup",
    "tensormesh_async_client",
    "tensormesh_client",
    "tensormesh_contract",
    "tensormesh_host",
    "tensormesh_options",
    "tensormesh_session_host",
]

_OPTION = "--tensormesh-local"
_EVERYWHERE = "tensormesh-everywhere"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("tensormesh").addoption(
        _OPTION,
        action="store_true",
        help="point TENSORMESH_* at a private local host from the start, and let no client leave this machine",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Make the option felt before any code of theirs is imported."""
    known = early_config.known_args_namespace
    if known.tensormesh_local and not (known.help or known.version):
        _begin(early_config)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known; and the option felt, where this plugin was loaded late."""
    config.addinivalue_line("markers", SAY)
    if config.getoption(_OPTION) and not config.option.help:
        _begin(config)


def _begin(config: pytest.Config) -> None:
    if config.pluginmanager.has_plugin(_EVERYWHERE):
        return
    from tensormesh_pytest.everywhere import Everywhere

    try:
        everywhere = Everywhere()
    except (ModuleNotFoundError, RuntimeError) as exc:  # the extra is missing, or the host does not start
        raise pytest.UsageError(f"{_OPTION}: {exc}") from None
    config.add_cleanup(everywhere.end)
    config.pluginmanager.register(everywhere, _EVERYWHERE)


@pytest.fixture(scope="session")
def tensormesh_options() -> Options:
    """The settings of the local host; override this fixture to change them."""
    from tensormesh_local import Options

    return Options()


@pytest.fixture(scope="session")
def tensormesh_session_host(tensormesh_options: Options, request: pytest.FixtureRequest) -> Iterator[LocalHost]:
    """
    The local host for fixtures of a wider scope than one test: its addresses and keys hold for the whole session.

    Before each test it is put back to how it began, so what such a fixture makes on it is gone by then.
    """
    everywhere: Everywhere | None = request.config.pluginmanager.get_plugin(_EVERYWHERE)
    if everywhere is not None:
        yield everywhere.under(tensormesh_options)
        return
    try:
        from tensormesh_local import LocalHost
    except ModuleNotFoundError as exc:
        raise pytest.fail.Exception(str(exc), pytrace=False) from None

    with LocalHost(tensormesh_options) as host:
        yield host


@pytest.fixture
def tensormesh_host(tensormesh_session_host: LocalHost, request: pytest.FixtureRequest) -> LocalHost:
    """The local host as it began: no requests seen, and no faults but those of the test's markers."""
    apply(tensormesh_session_host, request.node)
    return tensormesh_session_host


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


@pytest.fixture(scope="session")
def tensormesh_contract() -> Callable[..., Report]:
    """
    Hold a host against the OpenAPI documents, as `tm contract --gentle` does, and give the report.

    The function takes the address of the host, `key` (else that of the environment), and any option of
    `python -m tensormesh_contract` by its name, such as `surface`, `model`, `only` or `accept`. Of the report,
    `text` is what would be printed, `failing` what is wrong and `status` the exit status. It asks once a second unless
    `rate` says otherwise.

    The function raises `tensormesh_contract.session.NothingEvaluatedError` where nobody could be asked, and
    `click.UsageError` for an option that there is not, or a value that it does not take.
    """

    def contract(host: str, *, key: str | None = None, **options: object) -> Report:
        from tensormesh_contract.command_line import contract as command
        from tensormesh_contract.session import report

        words = ["--host", host, "--gentle"]
        for name, value in options.items():
            option = f"--{name.replace('_', '-')}"
            several = value if isinstance(value, list | tuple) else [value]
            words += [option] if value is True else [word for one in several for word in (option, str(one))]
        given = command.make_context("contract", words).params
        del given["quiet"]
        environment = dict(os.environ) if key is None else {**os.environ, "KEY": key}
        found = report(given, environment, tell=lambda line: None)
        list(found.written())
        return found

    return contract
