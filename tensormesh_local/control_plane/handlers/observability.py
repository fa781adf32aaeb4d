"""Log lines and metric series of a deployment, and metric series of everything a user runs."""

import sqlite3
from collections.abc import Iterator, Sequence

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.control_plane import chosen, usage
from tensormesh_local.control_plane.call import Call
from tensormesh_local.control_plane.deployments import start_up_log
from tensormesh_local.control_plane.failure import invalid
from tensormesh_local.control_plane.handlers.models import deployment
from tensormesh_local.control_plane.moments import SECOND, Moment, stamp

_HEARTBEAT = "GET /health 200"
_NAMES = ("requests_total", "prompt_tokens_total", "cached_tokens_total", "completion_tokens_total")

type Period = tuple[Moment, Moment]
type Line = tuple[Moment, str]


def _deployment(call: Call) -> sqlite3.Row:
    return deployment(call, "deployment_id", call.arguments.text("deploymentId"))


def get_deployment_logs(call: Call) -> JsonObject:
    """
    Give the lines of a time range, both ends included.

    `limit` keeps the oldest lines with LOG_DIRECTION_FORWARD, and otherwise the newest, which then come first.
    """
    call.subject()
    row = _deployment(call)
    period = call.arguments.period(call.now, chosen.LOG_RANGE_SECONDS)
    limit = min(call.arguments.count("limit") or chosen.LOG_LINES, chosen.MOST_LOG_LINES)
    newest = call.arguments.text("direction") != "LOG_DIRECTION_FORWARD"
    lines = [(at, text) for at, text in start_up_log(row, call.now) if period[0] <= at <= period[1]]
    lines += _heartbeats(row, call.now, period, limit, newest=newest)
    lines += _requests(call, row, period, limit, newest=newest)
    lines.sort(key=lambda line: line[0], reverse=newest)
    logs: list[Json] = [{"timestamp": stamp(at), "message": text} for at, text in lines[:limit]]
    return {"logs": logs}


def _heartbeats(row: sqlite3.Row, now: Moment, period: Period, limit: int, *, newest: bool) -> Iterator[Line]:
    """Give the health checks since the deployment is up: one at every whole step of the clock."""
    step = chosen.HEARTBEAT_SECONDS * SECOND
    start, end = max(period[0], row["up_at"]), min(period[1], now)
    first, last = -(-start // step), end // step
    steps = range(last, first - 1, -1) if newest else range(first, last + 1)
    return ((at * step, _HEARTBEAT) for at in steps[:limit])


def _requests(call: Call, row: sqlite3.Row, period: Period, limit: int, *, newest: bool) -> list[Line]:
    order = "DESC" if newest else "ASC"
    found = call.db.execute(
        "SELECT at, line FROM deployment_requests WHERE deployment_id = ? AND at BETWEEN ? AND ?"  # noqa: S608
        f" ORDER BY at {order}, number {order} LIMIT ?",
        (row["deployment_id"], *period, limit),
    )
    return [(line["at"], line["line"]) for line in found]


def get_deployment_metrics(call: Call) -> JsonObject:
    call.subject()
    row = _deployment(call)
    period, step = _samples(call)
    used = usage.minutes(call.db, row["user_id"], (0, period[1]), surface=usage.ON_DEMAND, model=row["deployment_id"])
    return {"metrics": _series(used, period, step)}


def get_user_metrics(call: Call) -> JsonObject:
    user = call.subject()
    period, step = _samples(call)
    return {"metrics": _series(usage.minutes(call.db, user.id, (0, period[1])), period, step)}


def _samples(call: Call) -> tuple[Period, int]:
    period = call.arguments.period(call.now, chosen.METRIC_RANGE_SECONDS)
    step = (call.arguments.count("stepSeconds") or chosen.METRIC_STEP_SECONDS) * SECOND
    if (period[1] - period[0]) // step >= chosen.MOST_SAMPLES:
        raise invalid("stepSeconds", f"makes more than {chosen.MOST_SAMPLES} samples of this time range")
    return period, step


def _series(used: Sequence[usage.Minute], period: Period, step: int) -> list[Json]:
    """Count up: each sample is the total so far, since the account began, a minute's use known from its start."""
    sums, position = [0, 0, 0, 0], 0
    series: list[list[Json]] = [[] for _ in _NAMES]
    for at in range(period[0], period[1] + 1, step):
        while position < len(used) and used[position].at <= at:
            minute = used[position]
            counts = (minute.requests, minute.tokens.prompt, minute.tokens.cached, minute.tokens.completion)
            sums = [total + count for total, count in zip(sums, counts, strict=True)]
            position += 1
        for points, total in zip(series, sums, strict=True):
            points.append({"timestamp": stamp(at), "value": float(total)})
    return [{"name": name, "data": points} for name, points in zip(_NAMES, series, strict=True)]


HANDLERS = (get_deployment_logs, get_deployment_metrics, get_user_metrics)
