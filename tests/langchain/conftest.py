"""A local host that allows schemas; chat models on it; and what the standard tests of LangChain expect of a run."""

from __future__ import annotations

import asyncio
import gc
import inspect
import warnings
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tensormesh_local import LocalHost, Options
from tests.langchain.models import WAYS, Ask, asking
from tests.promises.conftest import host as host


def pytest_configure(config: pytest.Config) -> None:
    """The standard tests have marks of plugins that are not loaded here."""
    for mark in ("benchmark", "vcr"):
        config.addinivalue_line("markers", f"{mark}: of a plugin that is not loaded")


@pytest.fixture(scope="session")
def running() -> Iterator[LocalHost]:
    with LocalHost(Options(allow_json_schema=True)) as host:
        yield host


@pytest.fixture(params=WAYS)
def ask(request: pytest.FixtureRequest, host: LocalHost) -> Ask:
    """The message of an answer, whichever way it was asked for."""
    return asking(request.param)


@pytest.fixture
def benchmark() -> Callable[..., Any]:
    """Calls once: these are tests and measure nothing."""
    return lambda call, *args, **kwargs: call(*args, **kwargs)


@pytest.fixture
def vcr() -> None:
    """No conversation is recorded here: the host is on this machine."""


@pytest.fixture
def snapshot() -> None:
    """Nothing is compared with a file: the model is not serialised."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Each asynchronous test has an event loop of its own, as in programs that are not all asynchronous."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Nobody closes a chat model of LangChain: what a test leaves open goes with it, and not amid another."""
    ran = yield
    if Path(__file__).parent in item.path.parents:  # this hook is called for the tests of other folders, too
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
    return ran
