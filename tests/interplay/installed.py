"""What is installed where these tests run: nothing in `make test`, the libraries of each environment in turn else."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import pytest

LIBRARIES = "INTERPLAY_LIBRARIES"


def needs(name: str) -> Any:
    """The library, for a module of tests that is skipped where no environment promises it."""
    if name not in os.environ.get(LIBRARIES, "").split():
        pytest.skip(f"`make interplay` runs these tests, in an environment with {name}", allow_module_level=True)
    return import_module(name)
