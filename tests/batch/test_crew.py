"""Workers that hear of their run by messages, all in one process: who gets what, and what becomes of the rest."""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tensormesh_batch.batch import run
from tensormesh_batch.engines import processes
from tensormesh_batch.engines.member import Member
from tensormesh_batch.engines.messages import Message
from tensormesh_batch.errors import BatchError, BudgetError, FolderError, StoppedError
from tensormesh_batch.money.price import Price
from tests.batch.host import BatchHost, Json, Reply, answer
from tests.batch.program import started
from tests.batch.rows import answers, row, written


class LoopChannel:
    """What leads to a worker in the same event loop."""

    def __init__(self, heard: list[Message]) -> None:
        self._heard = heard
        self._said: deque[Message | None] = deque()
        self._came = asyncio.Event()
        self._member = Member(self._say)
        self.deaf = False

    def _say(self, message: Message | None) -> None:
        if not self.deaf:
            self._said.append(json.loads(json.dumps(message)))
            self._came.set()

    def send(self, message: Message) -> None:
        if not self.deaf:
            self._heard.append(message)
            self._member.hear(json.loads(json.dumps(message)))

    async def receive(self) -> Message | None:
        while not self._said:
            self._came.clear()
            await self._came.wait()
        return self._said.popleft()

    def die(self) -> None:
        """Without a word. What is not written down by now is, which a death of a process would not do."""
        if not self.deaf:
            self._say(None)
            self.deaf = True
            self._member.leave()

    def give_up(self) -> None:
        self._say(None)

    async def close(self) -> str:
        self.deaf = True
        self._member.leave()
        await self._member.ended
        return "the last one died"


class Workers:
    """
    Attributes:
        channels: to all workers there were.
        heard: all that they were told.
    """

    def __init__(self) -> None:
        self.channels: list[LoopChannel] = []
        self.heard: list[Message] = []

    async def launch(self) -> LoopChannel:
        self.channels.append(LoopChannel(self.heard))
        return self.channels[-1]


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Workers:
    made = Workers()
    monkeypatch.setattr(processes, "launch", made.launch)
    return made


def rows(tmp_path: Path, count: int) -> Path:
    return written(tmp_path / "in.jsonl", [row(f"r{number}") for number in range(count)])


def test_the_limits_are_divided_and_those_who_stay_have_more(host: BatchHost, workers: Workers, tmp_path: Path) -> None:
    run(rows(tmp_path, 600), tmp_path / "out", processes=2, max_in_flight=9, requests_per_minute=600_000)
    first = [message["settings"] for message in workers.heard if message["kind"] == "begin"]
    assert sorted(settings["max_in_flight"] for settings in first) == [4, 5]
    assert {settings["requests_per_minute"] for settings in first} == {300_000}
    last = [message["settings"] for message in workers.heard if message["kind"] == "share"][-1]
    assert (last["max_in_flight"], last["requests_per_minute"]) == (9, 600_000)


def test_no_more_workers_than_rows_under_way_or_shards(host: BatchHost, workers: Workers, tmp_path: Path) -> None:
    run(rows(tmp_path, 600), tmp_path / "few in flight", processes=8, max_in_flight=2)
    assert len(workers.channels) == 2
    workers.channels.clear()
    run(rows(tmp_path, 600), tmp_path / "few shards", processes=8)
    assert len(workers.channels) == 3


@pytest.mark.parametrize("seed", range(15))
def test_the_budget_holds_whoever_dies(host: BatchHost, workers: Workers, tmp_path: Path, seed: int) -> None:
    """The host is what counts: all that it answered, whether anybody heard it or not."""
    luck = random.Random(seed)  # noqa: S311
    paid: list[int] = []

    def reply(body: Json, times: int) -> Reply:
        made = answer(body)
        made.body["usage"]["completion_tokens"] = luck.randrange(1, 6)
        paid.append(made.body["usage"]["completion_tokens"] + made.body["usage"]["prompt_tokens"])
        return made

    host.reply = reply
    # The worst case of a row is some 300 tokens, and what it costs is some 5.
    budget = Decimal(luck.randrange(400, 4_000)) / 10**6
    deaths = sorted(luck.sample(range(1, 700), luck.randrange(3)))

    def progress(so_far: Any) -> None:
        if deaths and len(paid) >= deaths[0]:
            deaths.pop(0)
            luck.choice(workers.channels).die()

    options: dict[str, Any] = {"price": Price.of("1,1"), "budget": budget, "max_in_flight": 12, "progress": progress}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tensormesh_batch.session.EACH_SECONDS", 0.005)
        with suppress(BudgetError):
            run(rows(tmp_path, 800), tmp_path / "out", processes=3, **options)
    assert sum(paid) <= budget * 10**6
    spent = json.loads((tmp_path / "out" / "spending.json").read_text())["spent"]
    assert sum(paid) * 10**6 <= spent <= budget * 10**12
    assert len(answers(tmp_path / "out")) <= len(paid)


def test_what_one_has_left_over_another_may_spend(host: BatchHost, workers: Workers, tmp_path: Path) -> None:
    """The budget ends the run only when the next row fits for nobody."""
    with pytest.raises(BudgetError, match="more than is left of the budget"):
        run(rows(tmp_path, 800), tmp_path / "out", processes=3, price=Price.of("1,1"), budget="0.001", max_in_flight=30)
    spent = Decimal(json.loads((tmp_path / "out" / "summary.json").read_text())["cost_usd"])
    assert Decimal("0.0006") < spent <= Decimal("0.001")
    assert run(rows(tmp_path, 800), tmp_path / "out", price=Price.of("1,1"), budget="1").left == 0


def test_too_many_failures_of_all_together_end_the_run(host: BatchHost, workers: Workers, tmp_path: Path) -> None:
    host.reply = lambda body, times: Reply(400, {})
    with pytest.raises(StoppedError, match="more than 10 rows failed"):
        run(rows(tmp_path, 800), tmp_path / "out", processes=3, stop_after_errors=10, max_in_flight=3)
    assert len(host.asked) < 20


def test_what_one_fails_with_ends_the_run(host: BatchHost, workers: Workers, tmp_path: Path) -> None:
    host.reply = lambda body, times: Reply(401, {"error": "no such key"})
    with pytest.raises(StoppedError, match=r"refuses every row: .*no such key"):
        run(rows(tmp_path, 800), tmp_path / "out", processes=2, max_in_flight=4)


def test_a_worker_that_never_begins_is_not_waited_for(
    host: BatchHost, workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an actor for which the cluster has no room."""

    async def launch() -> LoopChannel:
        channel = await workers.launch()
        if len(workers.channels) == 1:
            channel.send = lambda message: None  # type: ignore[method-assign]
        return channel

    monkeypatch.setattr(processes, "launch", launch)
    assert run(rows(tmp_path, 600), tmp_path / "out", processes=2).done == 600


def test_a_key_goes_to_the_workers_and_into_no_file(host: BatchHost, workers: Workers, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(rows(tmp_path, 600), out, processes=2, client_options={"inference_api_key": "key-of-this-run"})
    begun = next(message for message in workers.heard if message["kind"] == "begin")
    assert begun["settings"]["client"]["inference_api_key"] == "key-of-this-run"
    assert not [path for path in out.iterdir() if b"key-of" in path.read_bytes()]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"processes": 0}, "processes must be a whole number of at least 1"),
        ({"engine": "asyncio", "processes": 2}, "is one process"),
        ({"engine": "dask"}, "engine must be"),
        ({"processes": 2, "client": object()}, "give client_options"),
        ({"processes": 2, "client_options": {"retry": object()}}, "client_options go to other processes as JSON"),
        ({"max_in_flight": 0}, "max_in_flight must be"),
        ({"budget": "a lot"}, "'a lot' is no sum of US dollars"),
        ({"budget": float("nan")}, "no sum of US dollars"),
        ({"requests_per_minute": 0}, "requests_per_minute must be more than 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, options: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        run(rows(tmp_path, 1), tmp_path / "out", **options)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(("options", "count"), [({}, 100), ({"processes": 2}, 300)], ids=["alone", "processes"])
def test_a_full_disk_ends_the_run_and_nothing_hangs(
    host: BatchHost, tmp_path: Path, options: dict[str, Any], count: int, status: int
) -> None:
    """Answers and errors alike."""
    long = {200: {"service_tier": "x" * 2_000}, 400: {"error": {"message": "x" * 2_000}}}[status]
    host.reply = lambda body, times: Reply(status, answer(body).body | long)
    out = tmp_path / "out"
    source = rows(tmp_path, count)
    with started(source, out, file_size=30_000, stop_after_errors=10_000, **options) as program:
        _, said = program.communicate(timeout=60)
    assert program.returncode == 1
    assert "FolderError" in said
    assert "there is no room left" in said
    assert ("errors.jsonl cannot be written" in said) is (status == 400)
    host.reply = lambda body, times: answer(body)
    assert run(source, out, retry_failed=True).done == count


def test_a_folder_that_workers_do_not_see_is_named(host: BatchHost, workers: Workers, tmp_path: Path) -> None:
    source = rows(tmp_path, 600)

    async def launch() -> LoopChannel:
        source.unlink(missing_ok=True)
        return await workers.launch()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "launch", launch)
        with pytest.raises(BatchError, match=r"in\.jsonl cannot be seen from "):
            run(source, tmp_path / "out", processes=2)


def test_a_part_is_written_by_one(host: BatchHost, workers: Workers, tmp_path: Path) -> None:
    from tensormesh_batch.folder.part import Part

    path = tmp_path / "part.jsonl"
    part = Part(path)
    with pytest.raises(FolderError, match="is being written by another run"):
        Part(path)
    part.close()
    Part(path).close()
