"""Runs of a batch: many requests in, an answer to each out, nothing paid twice."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Unpack

from tensormesh_batch.engines.choice import EngineName
from tensormesh_batch.errors import BatchError, Interrupted
from tensormesh_batch.plan.building import Order
from tensormesh_batch.progress.summary import Summary
from tensormesh_batch.rows.source import Source
from tensormesh_batch.running.interruption import is_ours
from tensormesh_batch.running.settings import SendOptions, Settings
from tensormesh_batch.session import Session, left


class RunOptions(SendOptions, total=False):
    """What `run` and `arun` take beside their input and their folder."""

    processes: int
    """Workers in processes of their own, which share the limits; with `ray`, its actors."""
    engine: EngineName
    """`asyncio` is one worker in this process, `processes` are some, `ray` is a cluster; `processes` says it, too."""
    order: Order
    """`prefix` sends rows with the same beginning together, which the host's cache likes; `input` keeps their order;
    `auto`, if nothing is said, chooses."""
    contexts: Mapping[str, int]
    """The longest context of each model, which limits what a row without `max_tokens` can cost."""
    skip_bad: bool
    """Set lines aside that are no requests, instead of refusing the input."""
    retry_failed: bool
    """Send rows again that failed in an earlier run."""
    changed_input: bool
    """Go on though the input has changed: rows that are as they were are not sent again."""
    progress: Callable[[Summary], None]
    """Is told each second how far it is."""


def run(source: Source, folder: str | os.PathLike[str], **options: Unpack[RunOptions]) -> Summary:
    """
    Send every row of an input, and write the answers into a folder. To go on with a run, run it again.

    Ctrl-C ends it when what is under way is through, since that is paid for; a second Ctrl-C ends it at once.

    Args:
        source: a file of OpenAI batch lines, `-` for standard input, or mappings.
        folder: where the answers go: `part-*.jsonl`, `errors.jsonl`, `summary.json`.

    Returns:
        What was done.

    Raises:
        BatchError: it could not begin, or not go on.
        Interrupted: by Ctrl-C.
        ValueError: an option makes no sense.
        RuntimeError: an event loop is running; `arun` is for that.
    """
    _outside_of_a_loop()
    interruption = is_ours()
    with _session(folder, {**options}) as session:
        session.open(*session.claim(source))
        try:
            return asyncio.run(session.send(interruption=interruption))
        except asyncio.CancelledError:
            if not interruption:
                raise
        found = session.so_far()
        raise Interrupted(f"it was ended at once, with {session.cut_off:,} rows under way. {left(found)}")


def _outside_of_a_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("an event loop is running here, as in a notebook: use `await batch.arun(...)`")


async def arun(source: Source, folder: str | os.PathLike[str], **options: Unpack[RunOptions]) -> Summary:
    """
    The same in an event loop. To cancel it ends it at once.

    Rows of a program are gone through in the loop; all else that takes time before the first row is sent, in a thread.
    """
    with _session(folder, {**options}) as session:
        if isinstance(source, str | os.PathLike):
            await _apart(session, lambda: session.open(*session.claim(source)))
        else:
            claimed = session.claim(source)
            await _apart(session, lambda: session.open(*claimed))
        return await session.send()


async def _apart(session: Session, work: Callable[[], None]) -> None:
    """Do something in a thread; where nobody waits for it any more, it still ends before the folder is let go."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        session.give_up()
        with suppress(BatchError):  # that it was given up
            await working
        raise


def _session(folder: str | os.PathLike[str], options: dict[str, Any]) -> Session:
    processes = options.pop("processes", None)
    engine: EngineName = options.pop("engine", None) or ("asyncio" if processes in (None, 1) else "processes")
    own = {name: options.pop(name, False) for name in ("skip_bad", "retry_failed", "changed_input")}
    order, progress, client = options.pop("order", "auto"), options.pop("progress", None), options.pop("client", None)
    return Session(
        folder,
        Settings.of(**options),
        engine=engine,
        processes=processes,
        client=client,
        order=order,
        progress=progress,
        **own,
    )
