"""
The list as it happens: what is new and what has changed, as server-sent events.

Knows when to tell of what. It looks at the log again and again while somebody
reads, so that requests need not tell of themselves.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

from starlette.responses import StreamingResponse

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.request_log import Record, RequestLog
from tensormesh_local.sse import data_event

LOOK_SECONDS = 0.1
QUIET_SECONDS = 15.0
AT_ONCE = 500

type Written = Callable[[Record], JsonObject]


def live(request_log: RequestLog, written: Written) -> StreamingResponse:
    """
    Tell of all requests there are, and then of those that come.

    Args:
        written: writes a request as a row.
    """
    request_log.keeps_answers = True
    return StreamingResponse(
        _events(request_log, written), media_type="text/event-stream", headers={"cache-control": "no-store"}
    )


async def _events(request_log: RequestLog, written: Written) -> AsyncIterator[bytes]:
    told, first, quiet = 0, -1, 0.0
    unfinished: dict[int, tuple[Record, JsonObject]] = {}
    while True:
        rows: list[Json] = []
        for record, last in list(unfinished.values()):
            new = written(record)
            if new != last:
                rows.append(new)
                _note(unfinished, record, new)
        for record in request_log.records(told)[:AT_ONCE]:
            new = written(record)
            rows.append(new)
            told = record.number
            _note(unfinished, record, new)
        if rows or request_log.first != first:
            first, quiet = request_log.first, 0.0
            yield data_event({"first": first, "rows": rows})
        elif quiet >= QUIET_SECONDS:
            quiet = 0.0
            yield b": still here\n\n"
        quiet += LOOK_SECONDS
        await asyncio.sleep(0 if len(rows) >= AT_ONCE else LOOK_SECONDS)


def _note(unfinished: dict[int, tuple[Record, JsonObject]], record: Record, row: JsonObject) -> None:
    if record.seconds is None:
        unfinished[record.number] = record, row
    else:
        unfinished.pop(record.number, None)
