"""`pytest --tensormesh-local`: whenever a client is made, it leads to the local host, and none leaves this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pytest_plugin.conftest import ROOT, Session, run
from tests.pytest_plugin.scenarios import NEVER_STRUCK, SCOPES, documented

REAL = {
    "TENSORMESH_SERVERLESS_BASE_URL": "https://service.invalid",
    "TENSORMESH_CONTROL_PLANE_BASE_URL": "https://service.invalid",
    "TENSORMESH_INFERENCE_API_KEY": "the-key-of-a-developer",
}
PROXIES = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), "http://me:s3cret@127.0.0.1:9")
"""The environments of many companies name one, and no NO_PROXY."""

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

def test_key(tensormesh_host):
    assert here.config.inference_api_key == tensormesh_host.inference_api_key

def test_module(of_the_module, tensormesh_host):
    assert of_the_module.inference.serverless.version.get().version
    assert of_the_module.config.inference_api_key == tensormesh_host.inference_api_key
"""


COLLECTED = """
import pytest
from tensormesh import Tensormesh

with Tensormesh() as client:
    MODELS = [model.id for model in client.inference.serverless.models.list().data]

@pytest.mark.parametrize("model", MODELS)
def test_model(model):
    assert model
"""

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


PROGRAMS = """
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

OWN = """
import asyncio
from tensormesh import Tensormesh

def test_own_client():
    with Tensormesh() as client:
        assert client.inference.serverless.version.get().version
        assert client.config.serverless_base_url.startswith("http://127.0.0.1:")

def test_client(tensormesh_client):
    assert tensormesh_client.inference.serverless.version.get().version

def test_async_client(tensormesh_async_client):
    async def ask():
        async with tensormesh_async_client as client:
            return await client.inference.serverless.version.get()

    assert asyncio.run(ask()).version
"""


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Where the environment leads to the service, with a real key, and names proxies."""
    return run(
        tmp_path_factory.mktemp("everywhere"),
        {
            "conftest.py": EARLY,
            "test_early.py": CALLS,
            "test_collected.py": COLLECTED,
            "test_ways.py": WAYS,
            "test_programs.py": PROGRAMS,
            "test_own.py": OWN,
            "test_scopes.py": SCOPES,
            "test_never_struck.py": NEVER_STRUCK,
            "ask.py": documented("# ask.py"),
            "test_ask.py": documented("# test_ask.py"),
        },
        "--tensormesh-local",
        "--continue-on-collection-errors",
        expected=1,  # the fault that never struck
        **REAL,
        **PROXIES,
    )


def test_clients_that_are_made_before_the_first_test_lead_to_the_host(everywhere: Session) -> None:
    assert everywhere.passed("test_early") == {
        "test_imported[conftest]",
        "test_imported[module]",
        "test_key",
        "test_module",
    }


def test_calls_are_answered_while_tests_are_collected(everywhere: Session) -> None:
    models = everywhere.complaints["test_collected"]

    assert len(models) > 1
    assert everywhere.passed("test_collected") == models.keys()


def test_no_client_leaves_the_machine(everywhere: Session) -> None:
    """However it is made: by arguments, other variables, or none at all."""
    ways = everywhere.complaints["test_ways"]

    assert len({test.partition("[")[0] for test in ways}) == 10
    assert everywhere.passed("test_ways") == ways.keys()


def test_programs_that_tests_start_stay_here_as_well(everywhere: Session) -> None:
    assert everywhere.passed("test_programs") == {"test_program"}


def test_no_proxy_comes_between_a_test_and_its_host(everywhere: Session) -> None:
    """Whoever's client it is; nor does a key go that way."""
    assert everywhere.passed("test_own") == {"test_own_client", "test_client", "test_async_client"}


def test_a_fixture_of_the_session_finds_the_host(everywhere: Session) -> None:
    assert everywhere.passed("test_scopes") == {"test_call[1]", "test_call[2]"}


def test_a_scripted_fault_that_never_struck_fails_its_test(everywhere: Session) -> None:
    assert 'the fault {"status":500} never struck' in everywhere.complaints["test_never_struck"]["test_one"]


def test_a_function_that_makes_its_own_client_is_tested_as_documented(everywhere: Session) -> None:
    named = re.findall(r"^def (test_\w+)", documented("# test_ask.py"), re.MULTILINE)

    assert len(named) == 3
    assert everywhere.passed("test_ask") == set(named)


LATE = """

def pytest_configure():
    import os
    os.environ["TENSORMESH_INFERENCE_API_KEY"] = "of-a-file"
"""
ADMIN = """
def test_admin(of_the_session):
    assert of_the_session.control_plane.admin.users.list().users
"""


@pytest.fixture(scope="module")
def under_settings(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """With the settings that the guide shows, and a plugin that reads a file of variables, late."""
    return run(
        tmp_path_factory.mktemp("settings"),
        {"conftest.py": EARLY + documented("def tensormesh_options") + LATE, "test_theirs.py": CALLS + ADMIN},
        "--tensormesh-local",
        **REAL,
    )


def test_the_documented_settings_of_the_host_leave_early_clients_their_way(under_settings: Session) -> None:
    assert "test_admin" in under_settings.passed("test_theirs")
    assert under_settings.passed("test_theirs") >= {"test_imported[conftest]", "test_imported[module]"}


def test_variables_that_another_plugin_sets_do_not_count(under_settings: Session) -> None:
    assert "test_key" in under_settings.passed("test_theirs")


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
    variables = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_missing_extra_is_told_before_anything_else(tmp_path: Path) -> None:
    files = {"blocking.py": "import sys\nsys.modules['starlette'] = None\n", "test_theirs.py": ""}
    session = run(tmp_path, files, "-p", "blocking", "--tensormesh-local", expected=4)

    assert "which the local host needs: pip install pydantic pyyaml starlette uvicorn" in session.output
