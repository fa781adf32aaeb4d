"""Faults of a connection: which error they are, and whether the host may have seen the request."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tensormesh.errors import APIConnectionError, APITimeoutError, ConfigurationError
from tensormesh_runtime.types import Timeout
from tests.cases import cases
from tests.overlay.calls import BODY, PLACE, ask, fails, works_again
from tests.overlay.conftest import KEY, Runner, surfaces_of
from tests.overlay.scripted_host import CLOSE, HALF_CLOSE, RESET, STALL, ScriptedHost, Step, Trickle, chunk, head
from tests.overlay.sockets import full_queue


@pytest.fixture
def full_port() -> Iterator[str]:
    """The address of a port whose queue is full."""
    with full_queue("127.0.0.1") as port:
        yield f"http://127.0.0.1:{port}"


def test_a_refused_connection_was_not_sent(runner: Runner, transport: dict[str, Any], closed_port: str) -> None:
    client = runner.client(inference_api_key=KEY, serverless_base_url=closed_port, **transport)

    error = fails(runner, lambda: ask(client), APIConnectionError, f"^{PLACE}: nobody answers there .*check the base")

    assert not error.sent
    assert "Connection(" not in str(error), "an object of the library, which says nothing to its reader"


def test_an_unknown_name_was_not_sent(
    runner: Runner, transport: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    client = runner.client(inference_api_key=KEY, serverless_base_url="http://nowhere.invalid", **transport)

    error = fails(
        runner, lambda: ask(client), APIConnectionError, r"nowhere\.invalid/v1.*: nobody answers there .*not k"
    )

    assert not error.sent


@pytest.mark.parametrize("host_name", ["a..b", "a" * 64 + ".example"])
def test_a_name_that_no_host_can_have_is_refused(runner: Runner, host_name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"serverless_base_url .* is no name of a host"):
        runner.client(serverless_base_url=f"https://{host_name}")


def test_a_name_that_turns_out_too_long_is_refused(runner: Runner) -> None:
    """Other alphabets are spelt out in ASCII on the way, which is longer."""
    client = runner.client(inference_api_key=KEY, serverless_base_url=f"http://{'\u00fc' * 60}.example")

    fails(runner, lambda: ask(client), ConfigurationError, "cannot be called")


@pytest.mark.parametrize("limit", [0.1, Timeout(connect=0.1)], ids=["one number", "its own limit"])
def test_a_connection_that_does_not_come_about_was_not_sent(
    runner: Runner, transport: dict[str, Any], full_port: str, limit: Any
) -> None:
    client = runner.client(inference_api_key=KEY, serverless_base_url=full_port, timeout=limit, **transport)

    error = fails(runner, lambda: ask(client), APITimeoutError, f"^{PLACE}: no connection within 0.1 s; timeout= sets")

    assert not error.sent


@cases(
    "steps",
    [
        pytest.param((RESET,), id="reset before the headers"),
        pytest.param((CLOSE,), id="closed before the headers"),
        pytest.param((HALF_CLOSE,), id="half-closed before the headers"),
        pytest.param((head(200, content_length="999")[:30], CLOSE), id="closed within the headers"),
        pytest.param((head(200, content_length="999") + BODY, RESET), id="reset within the body"),
        pytest.param((head(200, content_length="999") + BODY, CLOSE), id="a body shorter than its length"),
        pytest.param((head(200, content_length="999") + BODY, HALF_CLOSE), id="half-closed within the body"),
        pytest.param(
            (head(200, transfer_encoding="chunked") + chunk(BODY), CLOSE), id="a chunked body without its last chunk"
        ),
        pytest.param(
            (head(200, transfer_encoding="chunked") + chunk(BODY)[:50], CLOSE), id="a chunked body cut within a chunk"
        ),
        pytest.param((b"SSH-2.0-OpenSSH_9.6\r\n", CLOSE), id="garbage instead of HTTP"),
        pytest.param((head(200, transfer_encoding="chunked") + b"zz\r\n", CLOSE), id="garbage instead of a chunk"),
        pytest.param(
            (head(200, content_encoding="gzip", content_length="9") + b"zip?", CLOSE), id="gzip that is no gzip"
        ),
        pytest.param((head(200)[:-2] + b"x-long: " + b"x" * 500_000, CLOSE), id="a header without end"),
        pytest.param(
            (head(200, content_length="2", transfer_encoding="chunked") + chunk(b"{}") + chunk(b""),),
            id="a length beside chunks",
        ),
        pytest.param(
            (head(200, transfer_encoding="chunked", content_length="12") + chunk(b"{}") + chunk(b""),),
            id="chunks beside a length",
        ),
        pytest.param(
            (head(200, content_length="2")[:-2] + b"Content-Length: 3\r\n\r\n{}", CLOSE), id="two lengths, different"
        ),
    ],
)
def test_a_broken_connection_is_a_connection_error_and_may_have_been_sent(
    runner: Runner, any_client: Any, host: ScriptedHost, steps: tuple[Step, ...]
) -> None:
    host.plays(steps)

    error = fails(runner, lambda: ask(any_client), APIConnectionError, f"^{PLACE}: the connection broke")

    assert error.sent
    works_again(runner, any_client, host)


@cases(
    ("steps", "limit"),
    [
        pytest.param((STALL,), 0.1, id="silence before the headers"),
        pytest.param((STALL,), Timeout(first_byte=0.1), id="silence before the headers, with its own limit"),
        pytest.param((head(200, content_length="999")[:30], STALL), 0.1, id="silence within the headers"),
        pytest.param((head(200, content_length="999") + BODY, STALL), 0.1, id="silence within the body"),
        pytest.param(
            (head(200, content_length="999") + BODY, STALL),
            Timeout(idle=0.1),
            id="silence within the body, with its own limit",
        ),
        pytest.param(
            (head(200, transfer_encoding="chunked"), Trickle(chunk(b" "))), 0.1, id="chunks that trickle for ever"
        ),
        pytest.param((head(200, content_length="9999"), Trickle(b" ")), 0.1, id="a body that trickles for ever"),
        pytest.param(
            (head(200, transfer_encoding="chunked") + b"ffff\r\n", Trickle(b" ")), 0.1, id="a chunk that trickles"
        ),
    ],
)
def test_a_slow_host_is_a_timeout_and_may_have_been_sent(
    runner: Runner, host: ScriptedHost, transport: dict[str, Any], steps: tuple[Step, ...], limit: Any
) -> None:
    client = runner.client(**surfaces_of(host), **transport)
    host.plays(steps)

    error = fails(
        runner, lambda: ask(client, timeout=limit), APITimeoutError, f"^{PLACE}: .*; timeout= sets the limits$"
    )

    assert error.sent
    works_again(runner, client, host)


@pytest.mark.parametrize("limit", [0.1, Timeout(connect=0.1, first_byte=0.1)], ids=["one number", "its own limit"])
def test_headers_that_trickle_for_ever_are_a_timeout(
    runner: Runner, client: Any, host: ScriptedHost, limit: Any
) -> None:
    host.plays((head(200)[:-2], Trickle(b"x-more: 1\r\n")))

    error = fails(
        runner, lambda: ask(client, timeout=limit), APITimeoutError, f"^{PLACE}: .*; timeout= sets the limits$"
    )

    assert error.sent
    works_again(runner, client, host)
