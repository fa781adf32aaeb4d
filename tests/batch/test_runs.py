"""A run from end to end: what goes out, what comes back, and what becomes of a second run."""

from __future__ import annotations

import gzip
import io
import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tensormesh_batch.batch import run
from tensormesh_batch.errors import BudgetError, FolderError, InputError, StoppedError
from tensormesh_batch.folder.lock import Lock
from tensormesh_batch.folder.merging import Merged, merge
from tensormesh_batch.money.price import Price
from tensormesh_overlay.errors import AuthenticationError
from tests.batch.host import BatchHost, Reply, answer
from tests.batch.rows import answers, errors, row, written


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_every_row_has_its_answer_in_the_form_of_openai(host: BatchHost, tmp_path: Path, out: Path) -> None:
    summary = run(written(tmp_path / "in.jsonl", [row("a"), row("b")]), out)
    assert (summary.rows, summary.done, summary.failed, summary.left) == (2, 2, 0, 0)
    line = answers(out)["a"]
    assert line["error"] is None
    assert line["response"]["status_code"] == 200
    assert line["response"]["request_id"] == "req-1"
    assert line["response"]["body"]["choices"][0]["message"]["content"] == "you said question a"


def test_a_second_run_sends_nothing(host: BatchHost, tmp_path: Path, out: Path) -> None:
    source = written(tmp_path / "in.jsonl", [row("a"), row("b")])
    run(source, out)
    again = run(source, out)
    assert len(host.asked) == 2
    assert (again.done, again.done_before) == (2, 2)


@pytest.mark.parametrize(
    "torn", ['{"id":"batch_req_00000000000000', '{"id":"batch_req_0000000000000000","tokens":null,']
)
def test_a_torn_line_is_mended_and_its_row_sent_again(host: BatchHost, tmp_path: Path, out: Path, torn: str) -> None:
    source = written(tmp_path / "in.jsonl", [row("a"), row("b"), row("c")])
    run(source, out)
    (part,) = out.glob("part-*.jsonl")
    lines = part.read_text().splitlines(keepends=True)
    part.write_text(lines[0] + lines[1] + torn)
    host.asked.clear()
    run(source, out)
    assert len(host.asked) == 1
    assert len(answers(out)) == 3


def test_rows_come_from_anything_that_gives_them(
    host: BatchHost, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "".join(f"{json.dumps(row(name))}\n" for name in "ab").encode()
    packed = tmp_path / "in.jsonl.gz"
    packed.write_bytes(gzip.compress(lines))
    assert run(packed, out / "packed").done == 2
    assert run((row(name) for name in "ab"), out / "rows").done == 2
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(lines)))
    assert run("-", out / "standard input").done == 2


def test_bad_lines_are_refused_with_their_numbers_before_anything_is_sent(
    host: BatchHost, tmp_path: Path, out: Path
) -> None:
    source = written(tmp_path / "in.jsonl", [row("a"), "{", "", "[]", row("b")])
    with pytest.raises(InputError, match=r"2 lines are no requests:\n  line 2: it is not JSON.*\n  line 4: ") as caught:
        run(source, out)
    assert [number for number, _ in caught.value.lines] == [2, 4]
    assert host.asked == []


def test_bad_lines_can_be_set_aside(host: BatchHost, tmp_path: Path, out: Path) -> None:
    source = written(tmp_path / "in.jsonl", [row("a"), "{", row("b")])
    summary = run(source, out, skip_bad=True)
    assert (summary.rows, summary.done, summary.bad_lines, summary.left) == (2, 2, 1, 0)
    assert errors(out)["line-2"]["error"]["code"] == "invalid_line"


def test_two_rows_with_one_custom_id_are_refused(host: BatchHost, tmp_path: Path, out: Path) -> None:
    source = written(tmp_path / "in.jsonl", [row("a"), row("b"), row("a", "another question")])
    with pytest.raises(InputError, match="lines 1 and 3 have the same custom_id"):
        run(source, out)


def test_poison_rows_end_in_errors_and_do_not_stop_the_run(host: BatchHost, tmp_path: Path, out: Path) -> None:
    problem = Reply(400, {"error": {"message": "too long", "code": "context_length_exceeded"}})
    host.reply = lambda body, times: problem if "poison" in body["messages"][0]["content"] else answer(body)
    source = written(tmp_path / "in.jsonl", [row("a"), row("poison"), row("b")])
    summary = run(source, out)
    assert (summary.done, summary.failed) == (2, 1)
    line = errors(out)["poison"]
    assert line["error"] == {"code": "400", "message": "too long"}
    assert line["response"]["status_code"] == 400
    assert len(host.asked) == 3


def test_failed_rows_are_sent_again_only_where_that_is_asked_for(host: BatchHost, tmp_path: Path, out: Path) -> None:
    host.reply = lambda body, times: Reply(400, {}) if times == 0 else answer(body)
    source = written(tmp_path / "in.jsonl", [row("a"), row("b")])
    assert run(source, out).failed == 2
    assert run(source, out).failed == 2
    assert len(host.asked) == 2
    summary = run(source, out, retry_failed=True)
    assert (summary.done, summary.failed, summary.left) == (2, 0, 0)


@pytest.mark.parametrize("passing", [Reply(500, {}), Reply(502, b"<html>"), Reply(0)])
def test_what_passes_is_tried_again(
    host: BatchHost, tmp_path: Path, out: Path, passing: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tensormesh_batch.running.worker.LONGEST_WAIT_SECONDS", 0.0)
    host.reply = lambda body, times: passing if times < 2 else answer(body)
    summary = run(written(tmp_path / "in.jsonl", [row("a")]), out)
    assert (summary.done, summary.again) == (1, 2)
    assert summary.maybe_twice == (2 if passing.status == 0 else 0)


def test_a_row_that_was_turned_away_has_not_used_up_a_try(host: BatchHost, tmp_path: Path, out: Path) -> None:
    no_room = Reply(429, {}, (("retry-after", "0"),))
    host.reply = lambda body, times: no_room if times < 2 else answer(body)
    summary = run(written(tmp_path / "in.jsonl", [row("a")]), out, max_tries=1)
    assert (summary.done, summary.turned_away, summary.again) == (1, 2, 0)


def test_a_key_that_nobody_knows_ends_the_run_and_no_row(host: BatchHost, tmp_path: Path, out: Path) -> None:
    host.reply = lambda body, times: Reply(401, {"error": "no such key"})
    source = written(tmp_path / "in.jsonl", [row(f"r{i}") for i in range(50)])
    with pytest.raises(StoppedError, match=r"refuses every row: .*no such key") as caught:
        run(source, out)
    assert isinstance(caught.value.__cause__, AuthenticationError)
    assert len(host.asked) < 50
    host.reply = lambda body, times: answer(body)
    assert run(source, out).done == 50


def test_too_many_failures_end_the_run(host: BatchHost, tmp_path: Path, out: Path) -> None:
    host.reply = lambda body, times: Reply(400, {})
    source = written(tmp_path / "in.jsonl", [row(f"r{i}") for i in range(200)])
    with pytest.raises(StoppedError, match="more than 10 rows failed"):
        run(source, out, stop_after_errors=10, max_in_flight=4)
    assert len(host.asked) < 20


def test_a_folder_is_one_run_s_at_a_time(host: BatchHost, tmp_path: Path, out: Path) -> None:
    source = written(tmp_path / "in.jsonl", [row("a")])
    out.mkdir()
    with Lock(out / ".lock", "it"), pytest.raises(FolderError, match="in use by another run"):
        run(source, out)


def test_a_folder_with_something_else_is_left_alone(host: BatchHost, tmp_path: Path, out: Path) -> None:
    out.mkdir()
    (out / "precious.txt").write_text("mine")
    with pytest.raises(FolderError, match=r"holds 'precious\.txt' and no batch"):
        run(written(tmp_path / "in.jsonl", [row("a")]), out)


def test_a_changed_input_is_named_and_keeps_what_stayed_as_it_was(host: BatchHost, tmp_path: Path, out: Path) -> None:
    source = written(tmp_path / "in.jsonl", [row("a"), row("b")])
    run(source, out)
    written(source, [row("new"), row("a"), row("b", "another question")])
    with pytest.raises(FolderError, match="the input has changed"):
        run(source, out)
    host.asked.clear()
    summary = run(source, out, changed_input=True)
    assert sorted(host.asked) == ["another question", "question new"]
    assert (summary.rows, summary.left) == (3, 0)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"max_tokens": 9}, "max_tokens was not set, and is 9 now"),
        ({"order": "input"}, "order was 'auto', and is 'input' now"),
        ({"surface": "on_demand"}, "surface was 'serverless', and is 'on_demand' now"),
    ],
)
def test_changed_options_are_named(
    host: BatchHost, tmp_path: Path, out: Path, options: dict[str, Any], named: str
) -> None:
    source = written(tmp_path / "in.jsonl", [row("a")])
    run(source, out)
    with pytest.raises(FolderError, match=named):
        run(source, out, **options)


def test_one_file_has_all_answers_in_the_order_of_the_input(host: BatchHost, tmp_path: Path, out: Path) -> None:
    host.reply = lambda body, times: Reply(400, {}) if body["messages"][-1]["content"] == "bad" else answer(body)
    rows = [row(f"r{i}", "bad" if i == 7 else "", system=f"{i % 3} " * 500) for i in range(30)]
    source = written(tmp_path / "in.jsonl", rows)
    run(source, out, order="prefix")
    target = tmp_path / "all.jsonl"
    assert merge(out, target) == Merged(29, 1, 0)
    assert [json.loads(line)["custom_id"] for line in target.read_text().splitlines()] == [f"r{i}" for i in range(30)]


def test_cost_counts_cached_tokens_as_free(host: BatchHost, tmp_path: Path, out: Path) -> None:
    host.reply = lambda body, times: answer(body, cached=1)
    source = written(tmp_path / "in.jsonl", [row("a", "two words"), row("b", "three words here")])
    summary = run(source, out, price=Price.of("1,10"))
    assert summary.cost_usd == Decimal(1 + 2) / 10**6 + Decimal(4 * 10) / 10**6
    assert summary.cached_share == 2 / 5
    assert run(source, out, price=Price.of("1,10")).cost_usd == summary.cost_usd


def test_a_budget_is_never_exceeded_not_even_by_what_is_under_way(host: BatchHost, tmp_path: Path, out: Path) -> None:
    source = written(tmp_path / "in.jsonl", [row(f"r{i}") for i in range(200)])
    with pytest.raises(BudgetError, match="more than is left of the budget"):
        run(source, out, price=Price.of("1,1"), budget="0.0007")
    spent = json.loads((out / "summary.json").read_text())["cost_usd"]
    assert 0 < Decimal(spent) <= Decimal("0.0007")
    assert run(source, out, price=Price.of("1,1"), budget="1").left == 0


@pytest.mark.parametrize(
    ("rows", "options", "why"),
    [
        ([row("a")], {}, "needs the price of 'a/model'"),
        ([row("a", max_tokens=None)], {"price": Price.of("1,1")}, "needs a limit for row 'a'"),
    ],
)
def test_a_budget_that_cannot_hold_is_refused_before_anything_is_sent(
    host: BatchHost, tmp_path: Path, out: Path, rows: list[Any], options: dict[str, Any], why: str
) -> None:
    with pytest.raises((BudgetError, InputError), match=why):
        run(written(tmp_path / "in.jsonl", rows), out, budget=1, **options)
    assert host.asked == []


@pytest.mark.parametrize("away", [Reply(502, {}), Reply(0)])
def test_a_host_that_is_away_for_a_while_costs_no_row(
    host: BatchHost, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch, away: Reply
) -> None:
    monkeypatch.setattr("tensormesh_batch.rate.outage.LONGEST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr("tensormesh_batch.running.worker.LONGEST_WAIT_SECONDS", 0.05)
    host.reply = lambda body, times: away if len(host.asked) < 300 else answer(body)
    source = written(tmp_path / "in.jsonl", [row(f"r{i}") for i in range(50)])
    summary = run(source, out, max_in_flight=20)
    assert (summary.done, summary.failed) == (50, 0)


def test_a_host_that_stays_away_ends_the_run_and_no_row(
    host: BatchHost, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tensormesh_batch.running.worker.PATIENCE_SECONDS", 0.0)
    host.reply = lambda body, times: Reply(503, {})
    with pytest.raises(StoppedError, match="nothing was answered for 0 minutes"):
        run(written(tmp_path / "in.jsonl", [row("a")]), out)
    assert errors(out) == {}


def test_a_row_that_is_forbidden_is_set_aside_once_others_were_answered(
    host: BatchHost, tmp_path: Path, out: Path
) -> None:
    forbidden = Reply(403, {"error": {"message": "flagged"}})
    host.reply = lambda body, times: forbidden if body["messages"][0]["content"] == "bad" else answer(body)
    source = written(tmp_path / "in.jsonl", [*(row(f"r{i}") for i in range(9)), row("z", "bad")])
    summary = run(source, out, max_in_flight=1, order="input")
    assert (summary.done, summary.failed) == (9, 1)


@pytest.mark.parametrize(
    "refusal", [Reply(403, {}), Reply(429, {"error": {"code": "insufficient_quota", "message": "pay"}})]
)
def test_what_is_said_to_all_alike_ends_the_run_and_no_row(
    host: BatchHost, tmp_path: Path, out: Path, refusal: Reply
) -> None:
    host.reply = lambda body, times: refusal
    with pytest.raises(StoppedError, match="the host refuses every row"):
        run(written(tmp_path / "in.jsonl", [row("a"), row("b")]), out)
    assert errors(out) == {}
