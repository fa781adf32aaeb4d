"""A client that is ready makes its first call as it makes any other."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio

from tensormesh import AsyncTensormesh
from tensormesh.errors import APIConnectionError, ConfigurationError
from tensormesh_overlay import client as client_module
from tests.cases import cases
from tests.overlay.calls import COMPLETION, ask, fails
from tests.overlay.conftest import KEY, TOKEN, Runner, surfaces_of
from tests.overlay.scripted_host import PATIENCE_SECONDS, ScriptedHost, answer

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = f"""
import asyncio, json, sys

runner, url, ca_bundle = sys.argv[1:4]

from tensormesh import AsyncTensormesh, Tensormesh

settings = dict(env={{}}, inference_api_key={KEY!r}, serverless_base_url=url, ca_bundle=ca_bundle or None)
seen = []


class Recorder:
    @staticmethod
    def find_spec(name, *_):
        seen.append(name)


def chat(client, **options):
    return client.inference.serverless.chat.completions.create(model="m", messages=[], **options)


async def main():
    async with AsyncTensormesh(**settings) as client:
        await client.ready()
        sys.meta_path.insert(0, Recorder)
        repr((await chat(client)).choices[0].message)
        stream = await chat(client, stream=True)
        repr([delta async for delta in stream.text_deltas()])
        repr(await stream.get_final())


def work():
    with Tensormesh(**settings) as client:
        client.ready()
        sys.meta_path.insert(0, Recorder)
        repr(chat(client).choices[0].message)
        stream = chat(client, stream=True)
        repr(list(stream.text_deltas()))
        repr(stream.get_final())


asyncio.run(main()) if runner == "async" else work()
print(json.dumps(seen))
"""


@pytest.mark.parametrize("name", ["sync", "async"])
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_first_call_loads_nothing(name: str, secure: bool, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    host = ScriptedHost(context if secure else None).start()
    host.plays(answer(200, COMPLETION), answer(200, COMPLETION))
    command = [sys.executable, "-c", PROGRAM, name, host.url, str(certificate) if secure else ""]

    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60)

    host.stop()
    assert done.stderr == ""
    assert json.loads(done.stdout) == []


def test_it_calls_no_host_and_may_be_asked_for_twice(runner: Runner, host: ScriptedHost) -> None:
    client = runner.client(**surfaces_of(host))

    runner.run(client.ready())
    runner.run(client.with_options(max_retries=1).ready())

    assert host.connections == 0
    host.plays(answer(200, COMPLETION))
    assert runner.run(ask(client)).choices[0].message.content == "Hello."


def test_a_client_of_ones_own_may_be_ready_too(runner: Runner, host: ScriptedHost, library: Any) -> None:
    client = runner.client(**surfaces_of(host), http_client=runner.http_client(library))

    runner.run(client.ready())

    host.plays(answer(200, COMPLETION))
    assert runner.run(ask(client)).choices[0].message.content == "Hello."


def test_under_trio_too(host: ScriptedHost) -> None:
    host.plays(answer(200, COMPLETION))

    async def call() -> None:
        async with httpx.AsyncClient() as own:
            client = AsyncTensormesh(env={}, **surfaces_of(host), http_client=own)
            await client.ready()
            assert (await ask(client)).choices[0].message.content == "Hello."

    trio.run(call)


def test_the_event_loop_goes_on_meanwhile(asynchronous: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    client = asynchronous.client(inference_api_key=KEY, serverless_base_url="http://127.0.0.1:1")
    begun, go_on = threading.Event(), threading.Event()

    def load(_: object) -> None:
        begun.set()
        assert go_on.wait(PATIENCE_SECONDS)

    monkeypatch.setattr(client_module, "load_surfaces", load)

    async def work() -> None:
        import asyncio

        ready = asyncio.create_task(client.ready())
        while not begun.is_set():  # noqa: ASYNC110  (a thread sets it)
            await asyncio.sleep(0)
        go_on.set()
        await ready

    asynchronous.run(work())


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SSL_CERT_FILE", "/no/such/file.pem", "SSL_CERT_FILE names '/no/such/file.pem', which holds no certificates"),
        ("HTTPS_PROXY", "ftp://p.test", "a proxy of the kind 'ftp'"),
    ],
)
def test_it_says_what_would_fail_a_call(
    runner: Runner, variable: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    client = runner.client(inference_api_key=KEY)

    fails(runner, client.ready, ConfigurationError, f"^https://serverless.tensormesh.ai cannot be called: .*{words}")


@cases(
    ("settings", "url"),
    [
        ({"inference_api_key": KEY}, "https://serverless.tensormesh.ai"),
        ({"control_plane_token": TOKEN}, "https://api.tensormesh.ai"),
        ({"inference_api_key": KEY, "serverless_base_url": "http://s.test", "on_demand_base_url": "https://o.test"},
         "https://o.test"),
        ({}, "https://serverless.tensormesh.ai"),
    ],
)  # fmt: skip
def test_it_looks_at_the_addresses_that_the_client_has_a_credential_for(
    runner: Runner, settings: dict[str, Any], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")

    fails(runner, runner.client(**settings).ready, ConfigurationError, f"^{url} cannot be called: ")


def test_too_few_files_are_a_connection_error(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(client_module, "load_surfaces", load)

    error = fails(runner, runner.client().ready, APIConnectionError, r"^client\.ready\(\): .*Too many open files")

    assert not error.sent
