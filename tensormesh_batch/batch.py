"""Runs of a batch: many requests in, an answer to each out, nothing paid twice."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tensormesh_batch.engines.office import FolderOffice, account, spent_before
from tensormesh_batch.errors import BatchError, BudgetError, InputError
from tensormesh_batch.folder.layout import Layout, write_json
from tensormesh_batch.folder.lock import Lock
from tensormesh_batch.folder.manifest import Manifest
from tensormesh_batch.folder.opened import SHARD_ROWS, prepare, survey_folder
from tensormesh_batch.money.budget import Budget
from tensormesh_batch.money.price import PER_USD, Price
from tensormesh_batch.money.worst_case import worst_case
from tensormesh_batch.plan.building import Order
from tensormesh_batch.progress.summary import Summary, summary
from tensormesh_batch.rows.line import Line
from tensormesh_batch.rows.source import Source
from tensormesh_batch.running.folder_desk import FolderDesk
from tensormesh_batch.running.settings import Settings, SurfaceName
from tensormesh_batch.running.worker import Worker
from tensormesh_overlay.client import AsyncTensormesh

EACH_SECONDS = 1.0


async def arun(
    source: Source,
    folder: str | os.PathLike[str],
    *,
    client: AsyncTensormesh | None = None,
    surface: SurfaceName = "serverless",
    model: str | None = None,
    max_tokens: int | None = None,
    order: Order = "auto",
    max_in_flight: int = 256,
    requests_per_minute: float | None = None,
    tokens_per_minute: float | None = None,
    max_tries: int = 5,
    timeout: float = 600.0,  # noqa: ASYNC109  (of each answer, not of the run)
    price: Price | Mapping[str, Price] | None = None,
    budget: Decimal | float | str | None = None,
    stop_after_errors: int | None = None,
    skip_bad: bool = False,
    retry_failed: bool = False,
    changed_input: bool = False,
    progress: Callable[[Summary], None] | None = None,
) -> Summary:
    """
    Send every row of an input, and write the answers into a folder. To go on with a run, run it again.

    Args:
        source: a file of OpenAI batch lines, `-` for standard input, or mappings.
        folder: where the answers go: `part-*.jsonl`, `errors.jsonl`, `summary.json`.
        client: a client of your own, which stays open.
        surface: where the rows are sent.
        model, max_tokens: for rows that name none.
        order: `prefix` sends rows with the same beginning together, which the host's cache likes; `input` keeps their
            order; `auto` chooses.
        max_in_flight: rows under way at once, at most. How many the host has room for is found out.
        requests_per_minute, tokens_per_minute: a limit of your own.
        max_tries: how often a row is sent that fails in a way that passes.
        timeout: seconds that an answer may take.
        price: what tokens cost, by model or for all.
        budget: US dollars that all runs of the folder may cost. No row is sent that could exceed it.
        stop_after_errors: end when more rows than that failed.
        skip_bad: set lines aside that are no requests, instead of refusing the input.
        retry_failed: send rows again that failed in an earlier run.
        changed_input: go on though the input has changed.
        progress: is told each second how far it is.

    Returns:
        What was done.

    Raises:
        BatchError: it could not begin, or not go on.
    """
    defaults = {name: value for name, value in (("model", model), ("max_tokens", max_tokens)) if value is not None}
    prices = price if isinstance(price, Mapping) else {"": price} if price is not None else {}
    settings = Settings(
        surface=surface,
        max_in_flight=max_in_flight,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        max_tries=max_tries,
        timeout=timeout,
        prices=prices,
        budget=None if budget is None else int(Decimal(budget) * PER_USD),
        stop_after_errors=stop_after_errors,
        defaults=defaults,
    )
    layout = Layout(folder)
    layout.root.mkdir(parents=True, exist_ok=True)
    with Lock(layout.lock, f"the folder {layout.root}"):
        wanted = Manifest(surface, defaults, order, SHARD_ROWS)
        manifest, file = prepare(
            source,
            layout,
            wanted,
            order=order,
            skip_bad=skip_bad,
            changed_input=changed_input,
            seen=_affordable(settings),
        )
        opened = survey_folder(layout, manifest, file)
        skip = set() if retry_failed else opened.failed
        if retry_failed:
            opened.before.failed = 0
        purse = None
        if settings.budget is not None:
            purse = Budget(settings.budget, spent_before(layout, opened.before.cost))
        office = FolderOffice(opened, skip)
        began = time.monotonic()
        worker: Worker | None = None
        stopped: str | None = None

        def so_far() -> Summary:
            return summary(
                manifest,
                opened.before,
                worker.tally if worker else type(opened.before)(),
                seconds=time.monotonic() - began,
                in_flight=worker.schedule.under_way if worker else 0,
                limit=worker.limit.now if worker else 0,
                stopped=stopped,
            )

        async def tell() -> None:
            while True:
                await asyncio.sleep(EACH_SECONDS)
                found = so_far()
                write_json(layout.progress, found.to_dict())
                if progress is not None:
                    progress(found)

        try:
            with FolderDesk(settings, file, office) as desk:
                async with Worker(settings, desk, purse, client) as worker:
                    desk.broken = worker.fail
                    telling = asyncio.get_running_loop().create_task(tell())
                    try:
                        await worker.run()
                    finally:
                        telling.cancel()
        except BatchError as error:
            stopped = str(error)
            raise
        finally:
            office.close()
            if purse is not None:
                account(layout, purse)
            write_json(layout.summary, so_far().to_dict())
        return so_far()


def run(source: Source, folder: str | os.PathLike[str], **options: Any) -> Summary:
    """The same, outside an event loop."""
    return asyncio.run(arun(source, folder, **options))


def _affordable(settings: Settings) -> Callable[[Line, int], None]:
    """Refuse a row that no budget can hold before anything is sent."""

    def seen(line: Line, size: int) -> None:
        if settings.budget is None:
            return
        model = line.body["model"]
        if settings.price(model) is None:
            raise BudgetError(f"a budget needs the price of {model!r}: give price (--price)")
        if worst_case(size, line.body, settings.contexts.get(model)) is None:
            raise InputError(f"a budget needs a limit for row {line.custom_id!r}: give max_tokens")

    return seen
