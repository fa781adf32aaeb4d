"""`pytest --tensormesh-local`: whenever a client is made, it leads to the local host, and none leaves this machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.pytest_plugin.conftest import ROOT, Run, passed

REAL = {
    "TENSORMESH_SERVERLESS_BASE_URL": "https://service.invalid",
    "TENSORMESH_CONTROL_PLANE_BASE_URL": "https://service.invalid",
    "TENSORMESH_INFERENCE_API_KEY": "the-key-of-a-developer",
}

EARLY = """
import pytest
from tensormesh import Tensormesh

at_import = Tensormesh()

@pytest.fixture(scope="session")
def of_the_session():
    return Tensormesh()

@pytest.fixture(scope="module")
def of_the_module():
    return Tensormesh()
"""

CALLS = """
import pytest
from conftest import at_import
from tensormesh import Tensormesh

here = Tensormesh()

@pytest.fixture(autouse=True)
def first(of_the_session):
    assert of_the_session.inference.serverless.version.get().version

@pytest.mark.parametrize("client", [at_import, here], ids=["conftest", "module"])
def test_imported(client):
    assert client.inference.serverless.version.get().version
    assert client.control_plane.users.api_keys.list() is not None

def test_module(of_the_module, tensormesh_host):
    assert of_the_module.inference.serverless.version.get().version
    assert of_the_module.config.inference_api_key == tensormesh_host.inference_api_key
"""


def test_clients_that_are_made_before_the_first_test_lead_to_the_host(run: Run) -> None:
    output = run(CALLS, "--tensormesh-local", conftest=EARLY, PYTHONPATH=f"{ROOT}:.", **REAL)

    assert passed(output) == {"test_imported", "test_module"}


def test_settings_of_the_host_leave_early_clients_their_way(run: Run) -> None:
    settings = EARLY + (
        "\n\n@pytest.fixture(scope='session')\ndef tensormesh_options():\n"
        "    from tensormesh_local import Options\n    return Options(role='admin')\n"
    )
    calls = (
        CALLS
        + "\n\ndef test_admin(of_the_session):\n    assert of_the_session.control_plane.admin.users.list().users\n"
    )

    output = run(calls, "--tensormesh-local", conftest=settings, PYTHONPATH=f"{ROOT}:.", **REAL)

    assert passed(output) == {"test_imported", "test_module", "test_admin"}


def test_calls_are_answered_while_tests_are_collected(run: Run) -> None:
    code = """
import pytest
from tensormesh import Tensormesh

with Tensormesh() as client:
    MODELS = [model.id for model in client.inference.serverless.models.list().data]

@pytest.mark.parametrize("model", MODELS)
def test_model(model):
    assert model
"""

    assert passed(run(code, "--tensormesh-local", **REAL)) == {"test_model"}


WAYS = """
import asyncio
import os
from unittest import mock

import httpx
import pytest

import tensormesh
from tensormesh import AsyncTensormesh, Tensormesh

QUESTION = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
THERE = {"serverless_base_url": "https://service.invalid", "inference_api_key": "the-key-of-a-developer"}

def refused():
    return pytest.raises(tensormesh.ConfigurationError, match="service.invalid is not this machine")

def whole(**settings):
    with Tensormesh(**settings) as client:
        client.inference.serverless.chat.completions.create(**QUESTION)

def streamed(**settings):
    with Tensormesh(**settings) as client:
        client.inference.serverless.chat.completions.create(stream=True, **QUESTION)

def any_route(**settings):
    with Tensormesh(**settings) as client:
        client.inference.serverless.request("GET", "/v1/models")

def awaited(**settings):
    async def ask():
        async with AsyncTensormesh(**settings) as client:
            await client.inference.serverless.chat.completions.create(**QUESTION)
    asyncio.run(ask())

def streamed_and_awaited(**settings):
    async def ask():
        async with AsyncTensormesh(**settings) as client:
            await client.inference.serverless.chat.completions.create(stream=True, **QUESTION)
    asyncio.run(ask())

@pytest.mark.parametrize("call", [whole, streamed, any_route, awaited, streamed_and_awaited])
def test_base_url(call):
    with refused() as caught:
        call(**THERE)
    assert "pytest --tensormesh-local" in str(caught.value)
    assert "the-key" not in str(caught.value)

def test_options():
    with Tensormesh().with_options(**THERE) as client, refused():
        client.inference.serverless.version.get()

@pytest.mark.parametrize("call", [whole, streamed])
def test_http_client(call):
    with httpx.Client() as own, refused():
        call(http_client=own, **THERE)

def test_async_http_client():
    with refused():
        awaited(http_client=httpx.AsyncClient(), **THERE)

def test_real_transport():
    with refused():
        whole(transport=httpx.HTTPTransport(), **THERE)

def test_a_proxy_of_ones_own_client():
    # The host is here, and the way to it leads elsewhere.
    proxy = "http://proxy.service.invalid:3128"
    with httpx.Client(proxy=proxy) as own, refused() as caught:
        whole(http_client=own, inference_api_key="the-key")
    assert "proxy.service.invalid" in str(caught.value)
    with refused():
        awaited(http_client=httpx.AsyncClient(proxy=proxy), inference_api_key="the-key")
    with refused():
        streamed(transport=httpx.HTTPTransport(proxy=proxy), inference_api_key="the-key")

def test_other_variables():
    with refused():
        whole(env={"TENSORMESH_SERVERLESS_BASE_URL": "https://service.invalid", "TENSORMESH_INFERENCE_API_KEY": "k"})

def test_no_variables():
    with mock.patch.dict(os.environ, clear=True), pytest.raises(
        tensormesh.ConfigurationError, match="is not this machine"
    ):
        whole(inference_api_key="the-key-of-a-developer")

def test_a_transport_that_reaches_nobody():
    answers = httpx.MockTransport(lambda request: httpx.Response(200, json={"version": "7"}))
    with Tensormesh(transport=answers, **THERE) as client:
        assert client.inference.serverless.version.get().version == "7"

def test_an_http_client_of_ones_own_at_the_host():
    with httpx.Client() as own, Tensormesh(http_client=own) as client:
        assert client.inference.serverless.version.get().version
"""


def test_no_client_leaves_the_machine(run: Run) -> None:
    """However it is made: by arguments, other variables, or none at all."""
    output = run(WAYS, "--tensormesh-local", HTTP_PROXY="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9", **REAL)

    assert "failed" not in output
    assert len(passed(output)) == 10


def test_programs_that_tests_start_stay_here_as_well(run: Run) -> None:
    code = """
import subprocess, sys

PROGRAM = '''
from tensormesh import Tensormesh
with Tensormesh() as client:
    client.inference.serverless.version.get()
client = Tensormesh(serverless_base_url="https://service.invalid", inference_api_key="k")
client.inference.serverless.version.get()
'''

def test_program():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert "ConfigurationError: GET https://service.invalid/version cannot be called" in done.stderr
    assert "TENSORMESH_LOCAL_ONLY" in done.stderr
"""

    assert passed(run(code, "--tensormesh-local", **REAL)) == {"test_program"}


def test_variables_that_another_plugin_sets_do_not_count(run: Run) -> None:
    """Some read a file of them, late."""
    conftest = "import os\n\ndef pytest_configure():\n    os.environ['TENSORMESH_INFERENCE_API_KEY'] = 'of-a-file'\n"
    code = """
from tensormesh import Tensormesh

client = Tensormesh()

def test_key(tensormesh_host):
    assert client.config.inference_api_key == tensormesh_host.inference_api_key
"""

    assert passed(run(code, "--tensormesh-local", conftest=conftest)) == {"test_key"}


def test_the_environment_is_as_it_was_after_the_run() -> None:
    program = """
import os, pytest
before = {**os.environ}
assert pytest.main(["-p", "tensormesh_pytest", "-p", "no:cacheprovider", "-q", "--tensormesh-local", "--co", "-k", "x",
                    os.devnull]) != 0
after = {**os.environ}
assert after == before, {name for name in after if after[name] != before.get(name)}
from tensormesh import Tensormesh
assert type(Tensormesh()._transport).__name__ == "DefaultTransport"
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_missing_extra_is_told_before_anything_else(run: Run, tmp_path: Path) -> None:
    (tmp_path / "blocking.py").write_text("import sys\nsys.modules['starlette'] = None\n", encoding="utf-8")
    output = run("", "-p", "blocking", "--tensormesh-local", expected=4, PYTHONPATH=f"{ROOT}:.")

    assert "which the local host needs: pip install pydantic pyyaml starlette uvicorn" in output


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


@pytest.mark.parametrize("options", [[], ["--tensormesh-local"]], ids=["fixture", "option"])
def test_a_fixture_of_the_session_finds_the_host(run: Run, options: list[str]) -> None:
    assert passed(run(SCOPES, *options)) == {"test_call"}
