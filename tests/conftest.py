"""Every test owns its environment: no setting, no proxy and no certificate of the machine reaches it, and no hurry."""

import gc
import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is not a fault of what is tested.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # Started in the background of a shell: the processes that tests interrupt would inherit a deaf ear.
    signal.signal(signal.SIGINT, signal.default_int_handler)

_PREFIXES = ("TENSORMESH_",)
_NAMES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"})


@pytest.fixture(autouse=True)
def scrubbed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith(_PREFIXES) or name.upper() in _NAMES:
            monkeypatch.delenv(name)


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Whatever is made is for everybody, unless whoever makes it says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Several processes run the files of all folders by turns: some compute, and others wait for a host."""
    if hasattr(config, "workerinput"):
        folders: dict[Path, list[Path]] = {}
        for file in dict.fromkeys(item.path for item in items):
            folders.setdefault(file.parent, []).append(file)
        turns = {file: (place + 0.5) / len(files) for files in folders.values() for place, file in enumerate(files)}
        items.sort(key=lambda item: turns[item.path])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collected without looking for garbage: a hundred libraries are loaded, and hardly anything is thrown away."""
    gc.disable()
    try:
        return (yield)
    finally:
        set_aside()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    yield
    if nextitem is None or nextitem.path != item.path:
        set_aside()


def set_aside() -> None:
    """What a file of tests leaves stays to the end: to collect garbage, as hundreds do, is not to look at it again."""
    gc.collect()
    gc.freeze()
