"""The requests a host has seen: what a test asserts on."""

import asyncio

import httpx
import pytest

from tensormesh_local import LocalHost
from tensormesh_local.envelope import Envelope
from tensormesh_local.faults.pending import Faults
from tensormesh_local.inference.surface import Presentation
from tensormesh_local.request_log import KEPT, Record, RequestLog, redacted
from tests.cases import cases

HELLO = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}]}


def test_a_request_is_written_down_as_it_came(host: LocalHost, serverless: httpx.Client) -> None:
    serverless.post("/v1/chat/completions", json={**HELLO, "novel": 1}, headers={"X-Mine": "yes"})
    [record] = host.requests

    assert (record.method, record.path, record.query) == ("POST", "/serverless/v1/chat/completions", "")
    assert record.body == {**HELLO, "novel": 1}
    assert (record.headers["x-mine"], record.headers["content-type"]) == ("yes", "application/json")
    assert (record.status, record.fault, record.completed) == (200, False, True)


def test_the_record_has_the_id_that_the_answer_has(host: LocalHost, serverless: httpx.Client) -> None:
    answer = serverless.get("/health")

    assert [record.request_id for record in host.requests] == [answer.headers["x-request-id"]]


@cases(("body", "read"), [(b"", None), (b"{", "{"), (b"\xff", "\ufffd"), (b"[1]", [1])])
def test_any_body_is_written_down(host: LocalHost, serverless: httpx.Client, body: bytes, read: object) -> None:
    serverless.post("/tokenize", content=body)

    assert host.requests[0].body == read


def test_refused_requests_are_written_down_too(host: LocalHost, anonymous: httpx.Client) -> None:
    anonymous.post("/serverless/tokenize", json={})
    anonymous.get("/nowhere")

    assert [record.status for record in host.requests] == [401, 404]


def test_an_abandoned_stream_is_not_completed(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(stall_after_events=3)
    with serverless.stream("POST", "/v1/chat/completions", json={**HELLO, "stream": True}) as answer:
        next(answer.iter_bytes())

    assert not host.requests[0].completed


def test_an_answer_that_was_read_was_not_hung_up_on(host: LocalHost, serverless: httpx.Client) -> None:
    serverless.post("/v1/chat/completions", json={**HELLO, "stream": True})
    record = host.requests[0].wait()

    assert (record.completed, record.hung_up, record.entry()["hung_up"]) == (True, False, False)


@pytest.mark.parametrize("fault", [{"stall_after_events": 3}, {"stall_after_bytes": 1}, {"delay_seconds": 60}])
def test_a_caller_who_goes_away_hung_up(host: LocalHost, serverless: httpx.Client, fault: dict[str, int]) -> None:
    host.faults.add({**fault})
    with pytest.raises(httpx.ReadTimeout):
        serverless.post("/v1/chat/completions", json={**HELLO, "stream": True}, timeout=0.2)
    record = host.requests[0].wait()

    assert (record.completed, record.hung_up, record.entry()["hung_up"]) == (False, True, True)


@pytest.mark.parametrize("fault", [{"cut_after_events": 2}, {"cut_after_bytes": 1}])
def test_a_caller_who_was_cut_off_did_not_hang_up(
    host: LocalHost, serverless: httpx.Client, fault: dict[str, int]
) -> None:
    host.faults.add({**fault})
    with pytest.raises(httpx.RemoteProtocolError):
        serverless.post("/v1/chat/completions", json={**HELLO, "stream": True})
    record = host.requests[0].wait()

    assert (record.completed, record.hung_up) == (False, False)


def test_a_request_of_which_only_a_part_came_is_written_down() -> None:
    async def nowhere(*_: object) -> None:
        raise AssertionError

    came = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> dict[str, object]:
        return next(came)

    request_log = RequestLog()
    envelope = Envelope(nowhere, request_log=request_log, faults=Faults(), shown=Presentation())
    scope = {"type": "http", "method": "POST", "path": "/serverless/tokenize", "query_string": b"", "headers": []}
    asyncio.run(envelope(scope, receive, nowhere))
    [record] = request_log.records()

    assert (record.path, record.body, record.status) == ("/serverless/tokenize", "{", None)
    assert (record.completed, record.wait(0).hung_up) == (False, True)


def test_a_request_that_goes_on_is_not_waited_for_in_vain(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(stall_after_events=1)
    with (
        serverless.stream("POST", "/v1/chat/completions", json={**HELLO, "stream": True}),
        pytest.raises(TimeoutError, match=r"POST /serverless/v1/chat/completions still goes on after 0\.01 s"),
    ):
        host.requests[0].wait(0.01)


def test_only_the_newest_requests_are_kept() -> None:
    request_log = RequestLog()
    for number in range(KEPT + 5):
        request_log.add(Record("GET", f"/{number}", "", {}, None, str(number)))

    assert len(request_log.records()) == KEPT
    assert request_log.records()[0].path == "/5"


def test_secrets_are_gone_before_a_header_is_written_down() -> None:
    headers = [("Authorization", "Bearer s3cret"), ("Cookie", "s3cret"), ("proxy-authorization", "Basic s3cret")]

    assert redacted(headers) == {"authorization": "Bearer ***", "cookie": "***", "proxy-authorization": "Basic ***"}
    assert redacted([("Authorization", "s3cret"), ("X-User-Id", "u")]) == {"authorization": "***", "x-user-id": "u"}
