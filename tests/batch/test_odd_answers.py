"""Answers that are none, or none that a line of JSON can hold as it came; hosts that change their mind midway."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tensormesh_batch.batch import run
from tensormesh_batch.errors import StoppedError
from tensormesh_batch.mapping import map_rows
from tensormesh_batch.money.price import Price
from tensormesh_overlay.errors import ProtocolError
from tests.batch.host import BatchHost, Json, Reply, answer
from tests.batch.rows import MODEL, answers, errors, row

WHOLE = answer(row("a")["body"]).body


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensormesh_batch.running.worker.LONGEST_WAIT_SECONDS", 0.0)


def to_one(host: BatchHost, reply: Reply, name: str = "question b") -> list[Json]:
    """Three rows, of which the host answers one in its own way."""
    host.reply = lambda body, times: reply if body["messages"][-1]["content"] == name else answer(body)
    return [row("a"), row("b"), row("c")]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"error": {"message": "boom", "code": 500}}, "500", "boom"),
        ({"error": {"message": "no such model", "type": "not_found_error"}}, "404", "no such model"),
        ({"error": "boom"}, "protocol", "boom"),
        ({**WHOLE, "choices": []}, "protocol", "its body holds no choices"),
        ({**WHOLE, "choices": None}, "protocol", "its body holds no choices"),
        ({}, "protocol", "its body holds no choices"),
        ([], "protocol", "is not the documented object"),
        (None, "protocol", "is not the documented object"),
        ("text", "protocol", "is not the documented object"),
    ],
)
def test_an_error_under_a_success_is_no_answer(
    host: BatchHost, out: Path, body: object, code: str, message: str
) -> None:
    summary = run(to_one(host, Reply(200, body)), out, max_tries=2)
    assert (summary.done, summary.failed) == (2, 1)
    assert sorted(answers(out)) == ["a", "c"]
    found = errors(out)["b"]["error"]
    assert found["code"] == code
    assert message in found["message"]


def test_no_room_under_a_success_is_waited_for(host: BatchHost, out: Path) -> None:
    full = Reply(200, {"error": {"message": "rate limit", "code": 429}}, (("retry-after", "0"),))
    host.reply = lambda body, times: full if times == 0 else answer(body)
    summary = run([row("a")], out, max_tries=1)
    assert (summary.done, summary.turned_away, summary.failed) == (1, 1, 0)


def test_a_map_has_the_error_as_well(host: BatchHost) -> None:
    host.reply = lambda body, times: Reply(200, {"error": {"message": "boom"}})
    (found,) = map_rows("{n}", [{"n": 1}], model=MODEL, max_tries=1)
    assert found.answer is None
    assert isinstance(found.error, ProtocolError)


TEXT = json.dumps(WHOLE)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.encode().replace(b"you said", b"you \xff said"),
        f"\r\n {TEXT}\n\n".encode(),
        json.dumps(WHOLE, indent=2).replace("you said", "you \\ud83d said").encode(),
    ],
    ids=["byte order mark", "utf-16", "no utf-8", "white space", "half a character"],
)
def test_each_answer_is_one_line_of_json_in_utf_8(host: BatchHost, out: Path, content: bytes) -> None:
    """It was paid for, whatever its writing."""
    assert run(to_one(host, Reply(200, content)), out).done == 3
    (part,) = out.glob("part-*.jsonl")
    lines = [json.loads(line.decode("utf-8")) for line in part.read_bytes().split(b"\n") if line]
    (found,) = (line for line in lines if line["custom_id"] == "b")
    assert found["response"]["body"]["choices"][0]["message"]["content"].startswith("you ")
    assert run([row("a"), row("b"), row("c")], out).done == 3
    assert len(host.asked) == 3


@pytest.mark.parametrize("count", [10**30, -1, True, "x", None])
def test_an_answer_whose_count_makes_no_sense_is_kept_and_its_cost_is_the_most(
    host: BatchHost, out: Path, count: object
) -> None:
    reply = Reply(200, {**WHOLE, "usage": {"prompt_tokens": count, "completion_tokens": count}})
    summary = run(to_one(host, reply), out, price=Price.of("1,1"), budget=1)
    assert (summary.done, summary.unpriced) == (3, 1)


def test_half_a_character_of_an_error_is_kept(host: BatchHost, out: Path) -> None:
    run(to_one(host, Reply(400, b'{"error": {"message": "no \\ud83d"}}')), out)
    assert errors(out)["b"]["error"]["message"] == "no \ud83d"


def forbidding_after(host: BatchHost, count: int) -> Any:
    return lambda body, times: answer(body) if len(host.asked) <= count else Reply(403, {"error": "no more"})


def test_a_key_that_may_no_more_ends_the_run_before_all_rows_are_set_aside(host: BatchHost, out: Path) -> None:
    rows = [row(f"r{number}") for number in range(400)]
    host.reply = forbidding_after(host, 5)
    with pytest.raises(StoppedError, match=r"refuses every row: no more .*retry_failed \(--retry-failed\) sends those"):
        run(rows, out, max_in_flight=4)
    assert len(host.asked) < 120
    host.reply = lambda body, times: answer(body)
    assert run(rows, out, retry_failed=True).done == 400


def test_who_says_how_many_may_fail_is_believed(host: BatchHost, out: Path) -> None:
    rows = [row(f"r{number}") for number in range(200)]
    host.reply = forbidding_after(host, 5)
    summary = run(rows, out, max_in_flight=1, stop_after_errors=1_000)
    assert (summary.done, summary.failed) == (5, 195)
