"""The list of requests: what a row tells, how it goes on, and what bounds it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tensormesh_local.request_log import KEPT_ANSWER_BYTES, Answer, Record, RequestLog
from tests.console.conftest import MODEL, Ask, newest, told
from tests.plain_http import NO_TLS


def test_a_request_is_a_row(page: httpx.Client, ask: Ask) -> None:
    told(page)
    ask("Hello")
    ask("Hello", stream=True)
    whole, streamed = told(page)["rows"]

    assert (whole["surface"], whole["operation"], whole["model"]) == ("serverless", "/v1/chat/completions", MODEL)
    assert (whole["status"], whole["state"], whole["streamed"], whole["first"]) == (200, "done", False, None)
    assert (streamed["streamed"], streamed["cached"] > 0) == (True, True)
    assert 0 < streamed["first"] < streamed["seconds"]
    assert whole["text"] == "Hello"


def test_a_row_tells_what_was_charged(host: LocalHost, page: httpx.Client, ask: Ask) -> None:
    usage = ask("Hello").json()["usage"]
    row = newest(page)

    assert (row["prompt"], row["completion"]) == (usage["prompt_tokens"], usage["completion_tokens"])
    assert float(row["cost"]) == pytest.approx((row["prompt"] * 0.07 + row["completion"] * 0.28) / 1e6)


@pytest.mark.parametrize(
    ("fault", "state"),
    [({"cut_after_events": 2}, "cut off"), ({"stall_after_events": 2}, "hung up"), ({"status": 503}, "done")],
)
def test_a_row_tells_how_a_request_ended(
    host: LocalHost, page: httpx.Client, client: httpx.Client, fault: dict[str, Any], state: str
) -> None:
    host.faults.add(fault)
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    with suppress(httpx.HTTPError):
        client.post("/serverless/v1/chat/completions", json=body, timeout=0.5)
    host.requests[0].wait()

    assert (newest(page)["state"], newest(page)["fault"]) == (state, True)


def test_the_list_goes_on_as_it_happens(page: httpx.Client, host: LocalHost, ask: Ask) -> None:
    """What is under way is told twice: when it came, and when it is through. Then all is forgotten."""
    host.faults.add(delay_seconds=0.4)
    with page.stream("GET", "requests") as answer:
        events = (json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: "))
        assert next(events)["rows"] == []
        ask("Hello")
        [came] = next(events)["rows"]
        over = next(row for event in events for row in event["rows"] if row["state"] != "open")
        assert (came["state"], over["state"], over["number"]) == ("open", "done", came["number"])
        page.delete("requests")
        assert next(events) == {"first": came["number"] + 1, "rows": []}


def test_answers_are_kept_from_the_first_look_on() -> None:
    with (
        LocalHost() as host,
        httpx.Client(base_url=f"{host.base_url}/_local/console/", trust_env=False, verify=NO_TLS) as page,
    ):
        headers = {"Authorization": f"Bearer {host.inference_api_key}"}
        body = {"model": MODEL, "prompt": "Once"}
        for kept in (False, True):
            httpx.post(
                f"{host.serverless_base_url}/v1/completions", json=body, headers=headers, trust_env=False, verify=NO_TLS
            )
            assert (host.requests[-1].answer is not None) is kept
            row = newest(page)
            assert (row["prompt"], row["status"]) == (1, 200)
        first = page.get("requests/1").json()["answer"]
        assert first == {
            "missing": "This answer was not kept: answers are kept from the moment this page is first opened."
        }
        assert page.get("requests/2").json()["answer"]["body"]["object"] == "text_completion"


def test_the_ledger_is_bounded_by_requests_and_by_bytes() -> None:
    log = RequestLog(kept=3, kept_bytes=1000)
    for number in range(5):
        log.add(Record("POST", f"/{number}", "", {}, None, "", size=10))
    assert ([record.path for record in log.records()], log.first) == (["/2", "/3", "/4"], 3)
    assert (log.record(2), log.record(6)) == (None, None)
    log.add(Record("POST", "/big", "", {}, None, "", size=995))
    assert [record.path for record in log.records()] == ["/big"]
    log.clear()
    assert (log.first, log.record(6)) == (7, None)


def test_the_bytes_of_answers_count_as_well() -> None:
    log = RequestLog(kept_bytes=1000)
    log.keeps_answers = True
    records = [Record("POST", f"/{number}", "", {}, None, "") for number in range(3)]
    for record in records:
        log.add(record)
        assert record.answer is not None
        record.answer.feed(b"x" * 400, 0.0)
        record.close()
        log.answered(record)

    assert [record.path for record in log.records()] == ["/1", "/2"]
    log.clear()
    log.answered(records[2])
    log.add(Record("POST", "/3", "", {}, None, "", size=1000))
    assert [record.path for record in log.records()] == ["/3"]


def test_of_a_huge_answer_the_beginning_is_kept() -> None:
    answer = Answer()
    for _ in range(3):
        answer.feed(b"x" * 700_000, 0.0)

    assert sum(len(piece.data) for piece in answer.pieces) == KEPT_ANSWER_BYTES
    assert (answer.size, answer.whole) == (2_100_000, False)
