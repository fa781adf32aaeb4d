"""A run of a folder, from the lock to the summary."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

from tensormesh_batch.engines.choice import EngineName, Sender, check, sender
from tensormesh_batch.engines.office import FolderOffice, spent_before
from tensormesh_batch.errors import BatchError, BudgetError, FolderError, InputError, Interrupted
from tensormesh_batch.folder.layout import Layout, write_json
from tensormesh_batch.folder.lock import Lock
from tensormesh_batch.folder.manifest import Manifest
from tensormesh_batch.folder.opened import MOST_SHARD_ROWS, Opened, claim, prepare, survey_folder
from tensormesh_batch.money.budget import Treasury
from tensormesh_batch.money.worst_case import worst_case
from tensormesh_batch.plan.building import Order
from tensormesh_batch.progress.history import History
from tensormesh_batch.progress.report import write_report
from tensormesh_batch.progress.summary import Summary, summary
from tensormesh_batch.rows.line import Line
from tensormesh_batch.rows.source import STANDARD_INPUT, Source, seekable_file
from tensormesh_batch.running.interruption import interruptible
from tensormesh_batch.running.settings import Settings
from tensormesh_batch.tally import Tally
from tensormesh_overlay.client import AsyncTensormesh

EACH_SECONDS = 1.0


class Session:
    """
    A run. It has its folder for as long as its block lasts.

    Args:
        folder, settings: what it works on, and what it is told.
        engine, processes: who sends the rows.
        client: a client of one's own.
        order, skip_bad, retry_failed, changed_input: as `run` has them.
        progress: is told each second how far it is.

    Attributes:
        cut_off: how many rows were under way when it was ended at once.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        settings: Settings,
        *,
        engine: EngineName,
        processes: int | None,
        client: AsyncTensormesh | None,
        order: Order,
        skip_bad: bool,
        retry_failed: bool,
        changed_input: bool,
        progress: Callable[[Summary], None] | None,
    ) -> None:
        check(engine, processes, client)
        if order not in get_args(Order.__value__):
            raise ValueError(f"order must be 'auto', 'prefix' or 'input', not {order!r}")
        self._settings = settings
        self._layout = Layout(folder)
        self._engine: EngineName = engine
        self._processes = processes
        self._client = client
        self._order: Order = order
        self._skip_bad = skip_bad
        self._retry_failed = retry_failed
        self._changed_input = changed_input
        self._progress = progress
        self.cut_off = 0
        self._given_up = False
        self._interrupted = False
        self._stopped: str | None = None
        self._began = time.monotonic()
        self._opened: Opened
        self._sender: Sender | None = None
        self._history: History
        self._locked = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._layout.root.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            raise FolderError(
                f"{self._layout.root} cannot be a folder of answers: {getattr(error, 'strerror', None) or error}"
            ) from error
        self._locked.enter_context(Lock(self._layout.lock, f"the folder {self._layout.root}"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._locked.close()

    def claim(self, source: Source) -> tuple[Manifest, Path, str]:
        """
        See whether the folder fits, and have the input in a file.

        Returns:
            What the folder was begun with, the file, and what the input is called.

        Raises:
            BatchError: it cannot begin.
        """
        wanted = Manifest(self._settings.surface, dict(self._settings.defaults), self._order, MOST_SHARD_ROWS)
        manifest = claim(self._layout, wanted)
        file = seekable_file(source, self._layout.spool)
        return manifest, file, STANDARD_INPUT if source == STANDARD_INPUT else str(file)

    def open(self, manifest: Manifest, file: Path, name: str) -> None:
        """
        Read the input and the folder, and see what is to be done.

        Raises:
            BatchError: it cannot begin.
        """
        prepare(
            self._layout,
            manifest,
            file,
            name,
            order=self._order,
            workers=self._processes or 1,
            skip_bad=self._skip_bad,
            changed_input=self._changed_input,
            seen=self._seen,
        )
        self._opened = survey_folder(self._layout, manifest, file)
        self._history = History(self._layout.history)

    def give_up(self) -> None:
        """Whoever waits for `open`, in another thread, does not any more."""
        self._given_up = True

    def _seen(self, line: Line, size: int) -> None:
        """Refuse a row that no budget can hold before anything is sent."""
        if self._given_up:
            raise BatchError("the run was given up")
        settings = self._settings
        if settings.budget is None:
            return
        model = line.body["model"]
        if settings.price(model) is None:
            raise BudgetError(f"a budget needs the price of {model!r}: give price (--price)")
        if worst_case(size, line.body, settings.contexts.get(model)) is None:
            raise InputError(f"a budget needs a limit for row {line.custom_id!r}: give max_tokens")

    async def send(self, *, interruption: bool = False) -> Summary:
        """
        Send what is to be sent.

        Args:
            interruption: Ctrl-C ends it, in good order the first time and at once the second.

        Raises:
            BatchError: it cannot go on.
            Interrupted: by Ctrl-C.
        """
        opened, layout, settings = self._opened, self._layout, self._settings
        skip = set() if self._retry_failed else opened.failed
        if self._retry_failed:
            opened.before.failed = 0
        treasury = None
        if settings.budget is not None:
            treasury = Treasury(settings.budget, spent_before(layout, opened.before.cost), self._processes or 1)
        office = FolderOffice(opened, skip, treasury)
        task = asyncio.current_task()
        self._began = time.monotonic()
        with ExitStack() as ending:
            ending.callback(self._write)
            ending.callback(office.close)
            ending.callback(self._count_again, office)
            if interruption and task is not None:
                ending.enter_context(interruptible(self._interrupt, task.cancel))
            try:
                async with sender(self._engine, self._processes, settings, office, self._client) as self._sender:
                    if self._interrupted:
                        self._sender.stop()
                    telling = asyncio.get_running_loop().create_task(self._tell(self._sender))
                    try:
                        await self._sender.run()
                    finally:
                        telling.cancel()
                        self.cut_off = self._sender.in_flight
            except BatchError as error:
                self._stopped = str(error)
                raise
            except asyncio.CancelledError:
                self._stopped = "it was ended at once"
                raise
            if self._interrupted and self.so_far().left:
                self._stopped = "it was interrupted"
        found = self.so_far()
        if found.stopped is not None:
            raise Interrupted(f"{found.stopped}. {left(found)}")
        return found

    def so_far(self) -> Summary:
        """How far it is."""
        now = self._sender
        return summary(
            self._opened.manifest,
            self._opened.before,
            now.tally if now else Tally(),
            seconds=time.monotonic() - self._began,
            in_flight=now.in_flight if now else 0,
            limit=now.limit if now else 0,
            stopped=self._stopped or ("it was interrupted" if self._interrupted and now and now.in_flight else None),
        )

    def _interrupt(self) -> None:
        self._interrupted = True
        if self._sender is not None:
            self._sender.stop()

    async def _tell(self, now: Sender) -> None:
        """Tell and write down how far it is, each second."""
        while True:
            try:
                found = self.so_far()
                write_json(self._layout.progress, found.to_dict(), lasting=False)
                self._history.tell(found)
                if self._progress is not None:
                    self._progress(found)
            except Exception as error:  # the run ends with it, in good order
                now.fail(error)
                return
            await asyncio.sleep(EACH_SECONDS)

    def _count_again(self, office: FolderOffice) -> None:
        """Where workers were lost, nobody has counted all that they wrote down; so look."""
        if not office.recount or self._sender is None:
            return
        before, now = self._opened.before, self._sender.tally
        found = survey_folder(self._layout, self._opened.manifest, self._opened.source).before
        for name in ("done", "failed", "prompt", "cached", "completion", "uncounted", "cost", "unpriced"):
            setattr(now, name, getattr(found, name) - getattr(before, name))

    def _write(self) -> None:
        """
        Write down how it ended.

        Raises:
            FolderError: it cannot be written, and nothing else has gone wrong.
        """
        found = replace(self.so_far(), in_flight=self.cut_off)
        try:
            write_json(self._layout.progress, found.to_dict(), lasting=False)
            write_json(self._layout.summary, found.to_dict())
            self._history.tell(found, last=True)
            write_report(self._layout, found)
        except FolderError:
            if self._stopped is None:
                raise


def left(found: Summary) -> str:
    """What is left of a run, in words."""
    return (
        f"{found.done:,} of {found.rows:,} rows have an answer, {found.failed:,} failed, {found.left:,} are left; "
        "run the same again to go on"
    )
