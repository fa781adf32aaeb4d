"""The repository as its readers see it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tools.clean_room import local_host


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def reader(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The environment of somebody who sourced the env file of a running `tensormesh_local`."""
    with local_host(sys.executable, tmp_path_factory.mktemp("host"), PYTHONPATH=str(root)) as environment:
        yield environment
