"""Tests of somebody's, run with the plugin as they run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLUGINS = ("-p", "tensormesh_pytest", "-p", "no:cacheprovider")

type Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run tests with the plugin in a place of their own; gives what pytest prints."""

    def pytest_run(code: str, *arguments: str, expected: int = 0, conftest: str = "", **variables: str) -> str:
        (tmp_path / "test_theirs.py").write_text(code, encoding="utf-8")
        (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
        environment = {
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(ROOT),
            **variables,
        }
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "pytest", *PLUGINS, "--strict-markers", "-q", "-rA", *arguments],
            cwd=tmp_path,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == expected, done.stdout + done.stderr
        return done.stdout + done.stderr

    return pytest_run


def passed(output: str) -> set[str]:
    return set(re.findall(r"^PASSED test_theirs\.py::(\w+)", output, re.MULTILINE))
