"""The host of these tests: in each of several cases it is as if for that one alone."""

from __future__ import annotations

import socket

import pytest

from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import ScriptedHost, answer


def test_a_case_has_its_own_connections_requests_and_script(host: ScriptedHost, runner: Runner) -> None:
    for _ in range(2):
        with host.context() as own, runner.context():
            own.plays(answer(200, {"data": []}))
            runner.run(runner.client(**surfaces_of(own)).inference.serverless.models.list())
            assert [asked.connection for asked in own.asked] == [1]
    assert (host.asked, host.connections, host.open) == ([], 0, 0)


def test_who_connects_and_says_nothing_is_of_no_later_case(host: ScriptedHost) -> None:
    for _ in range(20):
        with host.context(), socket.create_connection(("127.0.0.1", host.port)):
            pass
        assert (host.connections, host.open) == (0, 0)


def ask(connection: socket.socket) -> None:
    """Ask for what nobody scripted, and wait until the host has hung up."""
    connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert connection.recv(1) == b""


def test_what_a_case_does_not_play_fails_it_and_no_other(host: ScriptedHost) -> None:
    with pytest.raises(AssertionError, match="1 scripted answers were never asked for"), host.context():
        host.plays(answer())
    asked = socket.create_connection(("127.0.0.1", host.port))
    with asked, pytest.raises(AssertionError, match="nothing is scripted for GET /"), host.context():
        ask(asked)

    with host.context():
        assert (host.asked, host.connections) == ([], 0)


def test_clients_of_a_case_are_closed_with_it(runner: Runner, host: ScriptedHost) -> None:
    host.always_plays(answer(200, {"data": []}))
    client = runner.client(**surfaces_of(host))
    with runner.context():
        runner.run(runner.client(**surfaces_of(host)).inference.serverless.models.list())
        assert host.open == 1
    runner.wait_until(lambda: host.open == 0)

    runner.run(client.inference.serverless.models.list())
