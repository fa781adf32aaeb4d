"""Tests of somebody's that mean the same with the option of the plugin and without."""

from __future__ import annotations

import re

from tests.pytest_plugin.conftest import ROOT

DOCUMENT = ROOT / "docs" / "guide" / "testing.md"

SCOPES = """
import pytest
from tensormesh import Tensormesh

@pytest.fixture(scope="session")
def application(tensormesh_session_host):
    return Tensormesh(env=tensormesh_session_host.environment())

@pytest.mark.parametrize("time", [1, 2])
def test_call(application, tensormesh_host, time):
    application.inference.serverless.version.get()
    assert [request.path for request in tensormesh_host.requests] == ["/serverless/version"]
"""

NEVER_STRUCK = """
def test_one(tensormesh_host):
    tensormesh_host.faults.add(status=500)
"""


def documented(words: str) -> str:
    """The first program of the guide that has these words."""
    programs = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return next(program for program in programs if words in program)
