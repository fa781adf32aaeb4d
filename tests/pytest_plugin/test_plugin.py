"""The pytest plugin, as somebody's tests use it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.pytest_plugin.conftest import ROOT, Run, passed

DOCUMENT = ROOT / "docs" / "guide" / "testing.md"


def examples() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_a_function_that_makes_its_own_client_is_tested_as_documented(run: Run, tmp_path: Path) -> None:
    program, code = (next(block for block in examples() if f"# {name}.py" in block) for name in ("ask", "test_ask"))
    (tmp_path / "ask.py").write_text(program, encoding="utf-8")

    output = run(code, "--tensormesh-local", PYTHONPATH=f"{ROOT}:.")

    assert passed(output) == set(re.findall(r"^def (test_\w+)", code, re.MULTILINE))
    assert len(passed(output)) == 3


def test_the_documented_example_passes(run: Run) -> None:
    code = next(block for block in examples() if "tensormesh_async_client" in block)

    assert passed(run(code)) == set(re.findall(r"^def (test_\w+)", code, re.MULTILINE))


def test_the_documented_settings_are_felt(run: Run) -> None:
    settings = next(block for block in examples() if "def tensormesh_options" in block)
    output = run(
        settings
        + "\n\ndef test_role(tensormesh_client):\n"
        + "    assert tensormesh_client.control_plane.admin.users.list().users\n"
    )

    assert passed(output) == {"test_role"}


def test_each_test_begins_anew(run: Run) -> None:
    code = """
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

    assert passed(run(code)) == {"test_first", "test_second", "test_third"}


def test_faults_of_markers_strike_from_the_outside_in(run: Run) -> None:
    code = """
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

    assert passed(run(code)) == {"test_order"}


OWN = """
from tensormesh import Tensormesh

def test_own_client():
    with Tensormesh() as client:
        assert client.inference.serverless.version.get().version
        assert client.config.serverless_base_url.startswith("http://127.0.0.1:")
"""


def test_the_option_leads_every_client_to_the_local_host(run: Run) -> None:
    assert passed(run(OWN, "--tensormesh-local", TENSORMESH_SERVERLESS_BASE_URL="http://127.0.0.1:9")) == {
        "test_own_client"
    }


def test_without_the_option_the_environment_is_left_alone(run: Run) -> None:
    code = """
import os

def test_environment(tensormesh_client):
    assert os.environ["TENSORMESH_SERVERLESS_BASE_URL"] == "http://127.0.0.1:9"
    assert tensormesh_client.inference.serverless.version.get().version
"""

    assert passed(run(code, TENSORMESH_SERVERLESS_BASE_URL="http://127.0.0.1:9")) == {"test_environment"}


PROXIES = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]


@pytest.mark.parametrize("variable", PROXIES)
def test_no_proxy_comes_between_a_test_and_its_host(run: Run, variable: str) -> None:
    """Nor does a key go that way: the environments of many companies name one, and no NO_PROXY."""
    code = (
        OWN
        + """
import asyncio

def test_client(tensormesh_client):
    assert tensormesh_client.inference.serverless.version.get().version

def test_async_client(tensormesh_async_client):
    async def ask():
        async with tensormesh_async_client as client:
            return await client.inference.serverless.version.get()

    assert asyncio.run(ask()).version
"""
    )
    output = run(code, "--tensormesh-local", **{variable: "http://me:s3cret@127.0.0.1:9"})

    assert passed(output) == {"test_own_client", "test_client", "test_async_client"}


def test_a_misspelt_fault_is_told(run: Run) -> None:
    code = """
import pytest

@pytest.mark.tensormesh_fault(statsu=429)
def test_never(tensormesh_client):
    pass
"""

    assert "unknown keys: statsu" in run(code, expected=1)


def test_a_missing_extra_is_told_in_a_sentence(run: Run) -> None:
    code = """
import sys

sys.modules["starlette"] = None

def test_never(tensormesh_client):
    pass
"""
    output = run(code, expected=1)

    assert "which the local host needs: pip install pydantic pyyaml starlette uvicorn; or, in a clone" in output
    assert "another exception" not in output
    assert "tensormesh_local/" not in output


def test_nothing_is_loaded_before_a_fixture_is_asked_for(run: Run) -> None:
    code = """
import sys

def test_modules():
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not loaded & {"tensormesh", "tensormesh_generated", "tensormesh_local", "starlette", "aiohttp", "httpx"}
"""

    assert passed(run(code)) == {"test_modules"}


def test_the_plugin_is_announced_in_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["entry-points"]["pytest11"] == {"tensormesh_pytest": "tensormesh_pytest"}


def test_the_option_and_the_marker_are_in_the_help(run: Run) -> None:
    assert "--tensormesh-local" in run("", "--help")
    assert "tensormesh_fault(**script)" in run("", "--markers")
