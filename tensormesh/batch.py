"""
Batches: many requests in, an answer to each out, nothing paid twice.

    from tensormesh import batch

    summary = batch.run("requests.jsonl", "answers", model="openai/gpt-oss-20b", processes=4)

    for result in batch.map("Translate into French: {text}", rows, model="openai/gpt-oss-20b"):
        print(result.answer or result.error)
"""

from tensormesh_batch.batch import arun, run
from tensormesh_batch.errors import (
    BatchError,
    BudgetError,
    FolderError,
    InputError,
    Interrupted,
    InUseError,
    StoppedError,
    WorkerError,
)
from tensormesh_batch.folder.merging import Merged, merge
from tensormesh_batch.mapping import amap
from tensormesh_batch.mapping import map_rows as map  # noqa: A004  (`batch.map`)
from tensormesh_batch.money.price import Price
from tensormesh_batch.progress.summary import Summary
from tensormesh_batch.running.memory_desk import Result

__all__ = (
    "BatchError",
    "BudgetError",
    "FolderError",
    "InUseError",
    "InputError",
    "Interrupted",
    "Merged",
    "Price",
    "Result",
    "StoppedError",
    "Summary",
    "WorkerError",
    "amap",
    "arun",
    "map",
    "merge",
    "run",
)
