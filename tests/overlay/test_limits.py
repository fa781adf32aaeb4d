"""How long a call really takes: the whole of it, its connection, its silences."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import Any

import pytest

from tensormesh.errors import APITimeoutError
from tensormesh_runtime.types import Timeout
from tests.overlay.calls import COMPLETION, ask, fails, serves_the_next_call
from tests.overlay.conftest import KEY, Runner
from tests.overlay.scripted_host import STALL, ScriptedHost, Step, head
from tests.overlay.sockets import full_queue

BODY = json.dumps(COMPLETION).encode()


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """From now on, these are the addresses of many.test."""
    look_up = socket.getaddrinfo

    def found(name: str, *others: Any, **more: Any) -> Any:
        places = addresses if name == "many.test" else [name]
        return [one for place in places for one in look_up(place, *others, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def test_the_addresses_of_a_name_share_the_limit_for_connecting(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, *["127.0.0.1"] * 4)
    with full_queue("127.0.0.1") as port:
        client = runner.client(inference_api_key=KEY, serverless_base_url=f"http://many.test:{port}")
        begin = time.monotonic()

        fails(runner, lambda: ask(client, timeout=Timeout(connect=0.4)), APITimeoutError, r"connection within 0\.4 s")

    assert time.monotonic() - begin < 1.2, "not as long for each of the four"


def test_an_address_where_nobody_answers_leaves_time_for_the_next(
    runner: Runner, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = runner.client(
        inference_api_key=KEY, serverless_base_url=f"http://many.test:{host.port}", timeout=Timeout(connect=0.6)
    )
    leads_to(monkeypatch, "127.0.0.2", "127.0.0.1")
    with full_queue("127.0.0.2", host.port):
        serves_the_next_call(runner, client, host)


def test_an_answer_that_has_begun_may_be_silent_for_longer_than_before(
    runner: Runner, any_client: Any, host: ScriptedHost
) -> None:
    go_on = threading.Event()
    host.plays((head(200, content_length=str(len(BODY))), BODY[:9], go_on, BODY[9:]))
    threading.Timer(0.5, go_on.set).start()

    got = runner.run(ask(any_client, timeout=Timeout(first_byte=0.3, idle=9, total=8)))

    assert got.choices[0].message.content == "Hello."


@pytest.mark.parametrize("begun", [(), (head(200, content_length="999"), b"{")], ids=["before it", "within it"])
def test_nothing_takes_longer_than_the_whole_may(
    runner: Runner, any_client: Any, host: ScriptedHost, begun: tuple[Step, ...]
) -> None:
    host.plays((*begun, STALL))
    begin = time.monotonic()

    fails(runner, lambda: ask(any_client, timeout=Timeout(total=0.3)), APITimeoutError, r"within 0\.3 s")

    assert time.monotonic() - begin < 2
