"""The pytest plugin, as somebody's tests use it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.pytest_plugin.conftest import ROOT, Session, run
from tests.pytest_plugin.scenarios import SCOPES, documented

ANEW = """
import pytest
import tensormesh

def test_first(tensormesh_client, tensormesh_host):
    tensormesh_host.faults.add({"status": 500, "times": None})
    with pytest.raises(tensormesh.InternalServerError):
        tensormesh_client.inference.serverless.version.get()
    assert tensormesh_host.faults.pending()

def test_second(tensormesh_client, tensormesh_host):
    assert tensormesh_host.faults.pending() == []
    tensormesh_client.control_plane.users.api_keys.create(user_id=tensormesh_host.on_demand_user_id, name="second")
    assert len(tensormesh_host.requests) == 1

def test_third(tensormesh_client, tensormesh_host):
    assert list(tensormesh_host.requests) == []
    assert "second" not in [key.name for key in tensormesh_client.control_plane.users.api_keys.list()]
"""

ORDER = """
import pytest
import tensormesh

pytestmark = pytest.mark.tensormesh_fault(status=503)

@pytest.mark.tensormesh_fault(status=409)
@pytest.mark.tensormesh_fault(status=404)
def test_order(tensormesh_client):
    found = []
    for _ in range(4):
        try:
            tensormesh_client.inference.serverless.version.get()
            found.append(200)
        except tensormesh.APIStatusError as error:
            found.append(error.status_code)
    assert found == [503, 409, 404, 200]
"""

ENVIRONMENT = """
import os

def test_environment(tensormesh_client):
    assert os.environ["TENSORMESH_SERVERLESS_BASE_URL"] == "http://127.0.0.1:9"
    assert tensormesh_client.inference.serverless.version.get().version
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return run(
        tmp_path_factory.mktemp("plugin"),
        {
            "test_documented.py": documented("tensormesh_async_client"),
            "test_anew.py": ANEW,
            "test_order.py": ORDER,
            "test_environment.py": ENVIRONMENT,
            "test_scopes.py": SCOPES,
        },
        TENSORMESH_SERVERLESS_BASE_URL="http://127.0.0.1:9",
    )


def test_the_documented_example_passes(session: Session) -> None:
    named = re.findall(r"^def (test_\w+)", documented("tensormesh_async_client"), re.MULTILINE)

    assert len(named) > 1
    assert session.passed("test_documented") == set(named)


def test_each_test_begins_anew(session: Session) -> None:
    assert session.passed("test_anew") == {"test_first", "test_second", "test_third"}


def test_faults_of_markers_strike_from_the_outside_in(session: Session) -> None:
    assert session.passed("test_order") == {"test_order"}


def test_without_the_option_the_environment_is_left_alone(session: Session) -> None:
    assert session.passed("test_environment") == {"test_environment"}


def test_a_fixture_of_the_session_finds_the_host(session: Session) -> None:
    assert session.passed("test_scopes") == {"test_call[1]", "test_call[2]"}


BARE = """
import sys

def test_modules():
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not loaded & {"tensormesh", "tensormesh_generated", "tensormesh_local", "starlette", "aiohttp", "httpx"}

def test_missing(request):
    sys.modules["starlette"] = None
    request.getfixturevalue("tensormesh_client")
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Where nothing was loaded yet, and then the extra is missing."""
    return run(tmp_path_factory.mktemp("bare"), {"test_theirs.py": BARE}, expected=1)


def test_nothing_is_loaded_before_a_fixture_is_asked_for(bare: Session) -> None:
    assert bare.passed("test_theirs") == {"test_modules"}


def test_a_missing_extra_is_told_in_a_sentence(bare: Session) -> None:
    told = bare.complaints["test_theirs"]["test_missing"]

    assert "which the local host needs: pip install pydantic pyyaml starlette uvicorn; or, in a clone" in told
    assert "another exception" not in bare.output
    assert "tensormesh_local/" not in bare.output


def test_the_plugin_is_announced_in_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["entry-points"]["pytest11"] == {"tensormesh_pytest": "tensormesh_pytest"}


def test_the_option_and_the_marker_are_in_the_help(tmp_path: Path) -> None:
    program = """
import pytest
for option in ("--help", "--markers"):
    pytest.main(["-p", "tensormesh_pytest", "-p", "no:cacheprovider", option])
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    shown, markers = done.stdout.split("@pytest.mark.", 1)
    assert "--tensormesh-local" in shown
    assert "tensormesh_fault(**script)" in markers
