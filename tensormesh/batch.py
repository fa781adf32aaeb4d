"""
Batches: many requests in, an answer to each out, nothing paid twice.

    from tensormesh import batch

    print(batch.run("requests.jsonl", "answers", model="openai/gpt-oss-20b", processes=4))

    for result in batch.map("Translate into French: {text}", rows, model="openai/gpt-oss-20b"):
        print(result.answer or result.error)
"""

from tensormesh_batch.batch import RunOptions, arun, run
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
from tensormesh_batch.estimate import Estimate, estimate
from tensormesh_batch.folder.merging import Merged, merge
from tensormesh_batch.mapping import MapOptions, amap
from tensormesh_batch.mapping import map_rows as map  # noqa: A004  (of the field: map(function, rows))
from tensormesh_batch.money.price import Price
from tensormesh_batch.progress.narrator import Narrator, forecast
from tensormesh_batch.progress.summary import Summary
from tensormesh_batch.rows.source import is_table
from tensormesh_batch.rows.table import Table as table  # noqa: N813  (as one calls it)
from tensormesh_batch.running.memory_desk import Result
from tensormesh_batch.status import Status, status

__all__ = (
    "BatchError",
    "BudgetError",
    "Estimate",
    "FolderError",
    "InUseError",
    "InputError",
    "Interrupted",
    "MapOptions",
    "Merged",
    "Narrator",
    "Price",
    "Result",
    "RunOptions",
    "Status",
    "StoppedError",
    "Summary",
    "WorkerError",
    "amap",
    "arun",
    "estimate",
    "forecast",
    "is_table",
    "map",
    "merge",
    "run",
    "status",
    "table",
)
