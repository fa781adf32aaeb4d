"""
The requests as a file: a line each, as batches have them, with what became of it.

Knows the form that `tm prompts` reads.
"""

from collections.abc import Iterable

from starlette.responses import StreamingResponse

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.console.rows import INFERENCE, split
from tensormesh_local.json_output import dump, spoken
from tensormesh_local.request_log import Record


def saved(records: Iterable[Record]) -> StreamingResponse:
    """Give the inference requests as lines of JSON, the oldest first."""
    lines = (dump(line(record)) + b"\n" for record in records if _is_kept(record))
    headers = {"content-disposition": 'attachment; filename="requests.jsonl"', "cache-control": "no-store"}
    return StreamingResponse(lines, media_type="application/jsonl", headers=headers)


def line(record: Record) -> JsonObject:
    """Write a request as a line of a batch, and beside it what became of it."""
    surface, operation = split(record.path)
    tokens = record.tokens
    found: JsonObject = {
        "custom_id": f"request-{record.number}",
        "method": record.method,
        "url": operation,
        "body": spoken(record.body),
        "surface": surface,
        "status": record.status,
    }
    if tokens is not None:
        found["tokens"] = {"prompt": tokens.prompt, "cached": tokens.cached, "completion": tokens.completion}
    return found


def _is_kept(record: Record) -> bool:
    return record.method == "POST" and split(record.path)[0] in INFERENCE and isinstance(record.body, dict)
