"""What goes wrong in the middle of a run, and what is left of it."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tensormesh_batch.batch import arun, run
from tensormesh_batch.errors import BatchError, InputError, Interrupted
from tensormesh_batch.mapping import amap
from tensormesh_batch.money.price import Price
from tensormesh_batch.progress.summary import Summary
from tests.batch.host import BatchHost, Reply, answer
from tests.batch.rows import answers, row, written


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written(tmp_path / "in.jsonl", [row(f"r{number}") for number in range(100)])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensormesh_batch.session.EACH_SECONDS", 0.01)


def interrupted_after(host: BatchHost, count: int) -> Any:
    """A callback that presses Ctrl-C when the host was asked so often."""
    pressed: list[int] = []

    def progress(so_far: Summary) -> None:
        if len(host.asked) >= count and not pressed:
            pressed.append(count)
            signal.raise_signal(signal.SIGINT)

    return progress


@pytest.mark.parametrize(
    "reply", [Reply(500, {}), Reply(429, {}, (("retry-after", "3000"),)), Reply(503, {}, (("retry-after", "3000"),))]
)
def test_what_waits_to_be_sent_again_is_not_waited_for(host: BatchHost, source: Path, out: Path, reply: Reply) -> None:
    """And it has not failed: tries were left."""
    host.reply = lambda body, times: reply
    with pytest.raises(Interrupted, match="0 failed, 100 are left"):
        run(source, out, max_in_flight=2, max_tries=1_000, progress=interrupted_after(host, 2))
    assert (out / "errors.jsonl").read_text() == ""
    host.reply = lambda body, times: answer(body)
    assert run(source, out).done == 100


def test_a_folder_whose_run_ended_while_it_read_the_input_is_used_again(
    host: BatchHost, source: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after `kill -9`: nothing is tidied up."""

    def dies(*args: object, **named: object) -> None:
        (out / "plan-00000.sorting").write_bytes(b"half")
        (out / "plan-00000.unfinished").write_bytes(b"half")
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("tensormesh_batch.folder.opened.build", dies)
        with pytest.raises(SystemExit):
            run((row(f"r{number}") for number in range(100)), out)
    assert run(source, out, max_tokens=7).done == 100


def test_a_plan_that_was_cut_short_is_made_again(host: BatchHost, source: Path, out: Path) -> None:
    run(source, out)
    (out / "part-00000-00000.jsonl").unlink()
    plan = out / "plan-00000.bin"
    plan.write_bytes(plan.read_bytes()[:100])
    assert run(source, out).done == 100


def test_rows_are_counted_once_where_the_input_has_changed(host: BatchHost, source: Path, out: Path) -> None:
    host.reply = lambda body, times: Reply(400, {}) if body["messages"][0]["content"] == "bad" else answer(body)
    written(source, [row("a"), row("b"), row("c", "bad"), row("d", "bad")])
    run(source, out)
    written(source, [row("a"), row("b", "another"), row("c", "bad"), row("new")])
    summary = run(source, out, changed_input=True)
    assert (summary.rows, summary.done_before, summary.done, summary.failed, summary.left) == (4, 1, 3, 1, 0)
    assert run(source, out).done == 3


def test_an_input_that_changes_under_a_run_ends_it_and_what_is_under_way_is_kept(
    host: BatchHost, source: Path, out: Path
) -> None:
    lines = source.read_bytes()
    at = lines.index(b"question r50")

    def hears(count: int) -> None:
        if count == 1:
            source.write_bytes(lines[:at] + b"QUESTION r50" + lines[at + 12 :])

    host.hears = hears
    with pytest.raises(BatchError, match="the input has changed since this run began"):
        run(source, out, max_in_flight=4)
    assert len(answers(out)) == len(host.asked)


def test_what_is_cut_off_may_have_been_paid_and_counts_against_the_budget(
    host: BatchHost, source: Path, out: Path
) -> None:
    host.wait.clear()
    heard = threading.Event()
    host.hears = lambda count: heard.set() if count == 4 else None

    async def cancelled() -> None:
        task = asyncio.ensure_future(
            arun(source, out, max_in_flight=4, price=Price.of("1,1"), budget=1, progress=lambda _: None)
        )
        await asyncio.to_thread(heard.wait, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    spent = json.loads((out / "spending.json").read_text())["spent"]
    assert spent >= 4 * 10**6 * 100
    host.wait.set()
    summary = run(source, out)
    assert (summary.done, summary.maybe_twice) == (100, 4)


def test_a_callback_that_fails_ends_the_run_in_good_order(host: BatchHost, source: Path, out: Path) -> None:
    def progress(so_far: Summary) -> None:
        if len(host.asked) >= 10:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(source, out, max_in_flight=4, progress=progress)
    assert len(answers(out)) == len(host.asked)


def test_rows_that_come_slowly_are_sent_as_they_come(host: BatchHost) -> None:
    """The next one comes only when the last was sent."""
    heard = threading.Semaphore(0)
    host.hears = lambda count: heard.release()

    async def slowly() -> AsyncIterator[str]:
        for number in range(5):
            yield f"text {number}"
            await asyncio.to_thread(heard.acquire, timeout=20)

    async def main() -> list[str]:
        async with asyncio.timeout(20):
            return [result.row async for result in amap(None, slowly(), model="a/model")]

    assert sorted(asyncio.run(main())) == [f"text {number}" for number in range(5)]


def test_a_row_that_is_no_request_ends_the_map_after_what_is_under_way(host: BatchHost) -> None:
    async def main() -> list[Any]:
        found = []
        with suppress(InputError):
            async for result in amap(None, ["text"] * 70 + [7], model="a/model"):
                found.append(result)
        return found

    assert 0 < len(asyncio.run(main())) == len(host.asked) < 70


def test_a_budget_that_is_no_sum_of_money_is_refused(host: BatchHost) -> None:
    async def main() -> None:
        async for _ in amap(None, ["text"], model="a/model", budget="much"):
            pass

    with pytest.raises(ValueError, match="no sum of US dollars"):
        asyncio.run(main())
    assert host.asked == []
