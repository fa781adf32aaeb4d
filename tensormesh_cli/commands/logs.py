"""`tm logs`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from tensormesh_cli.account.log_tail import LogTail, in_order, oldest
from tensormesh_cli.account.named_deployment import found as deployment_found
from tensormesh_cli.account.named_deployment import listed_elsewhere
from tensormesh_cli.account.patience import Patience
from tensormesh_cli.app import App, current
from tensormesh_cli.client import body_of
from tensormesh_cli.command_line.groups import Argument, Command
from tensormesh_cli.command_line.known_names import completer
from tensormesh_cli.command_line.parameter_types import Moment
from tensormesh_cli.errors import CliError
from tensormesh_cli.output.control_characters import visible
from tensormesh_cli.values.numbers import SECONDS
from tensormesh_cli.values.times import moment

DIRECTIONS = {
    "asc": "LOG_DIRECTION_FORWARD",
    "desc": "LOG_DIRECTION_BACKWARD",
    "LOG_DIRECTION_FORWARD": "LOG_DIRECTION_FORWARD",
    "LOG_DIRECTION_BACKWARD": "LOG_DIRECTION_BACKWARD",
    "LOG_DIRECTION_UNSPECIFIED": "LOG_DIRECTION_UNSPECIFIED",
}
LINES = 100
"""So many of the last lines are shown where nobody says how many."""


@click.command(cls=Command)
@click.argument(
    "deployment_id",
    cls=Argument,
    help="The deployment, by its name or one of its ids.",
    shell_complete=completer("deployment_id"),
)
@click.option("--follow", "-f", is_flag=True, help="Show the last lines, then new ones as they come, until Ctrl-C.")
@click.option(
    "--interval",
    type=SECONDS,
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="The pause between two looks for new lines.",
)
@click.option("--user-id", help="The user the call is about; the caller if left out.")
@click.option("--start-time", type=Moment(), help="The earliest line, such as 2026-06-01T08:00:00Z or 15m.")
@click.option("--end-time", type=Moment(), help="The latest line.")
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help=f"How many lines: the last ones. [default: {LINES}]"
)
@click.option(
    "--direction",
    type=click.Choice(tuple(DIRECTIONS), case_sensitive=False),
    metavar="asc|desc",
    help="With --limit, asc takes the oldest lines and desc shows the newest first. [default: the newest, in order]",
)
def logs(deployment_id: str, follow: bool, interval: float, direction: str | None, **given: Any) -> None:
    """
    Show or follow the logs of a deployment.

    These are the last lines, oldest first. `tm models list` shows the deployments. With --follow and --output json,
    each line is a line of JSON.
    """
    app = current()
    arguments = {name: value for name, value in given.items() if value is not None}
    if follow:
        _check_following(app, given, direction)
    deployment_id = deployment_found(app, deployment_id, "deployment_id", user_id=given["user_id"])["deploymentId"]
    if not follow:
        arguments.setdefault("limit", LINES)
        arguments["direction"] = DIRECTIONS[direction or "desc"]
        answer = _ask(app, deployment_id, arguments)
        value = body_of(answer)
        lines = _lines(value)
        if direction is None and lines:
            lines = in_order(lines)
            value = {**value, "logs": lines}
        app.emit(value, raw=answer.text, words="".join(map(_line, lines)) or None)
        if len(lines) >= arguments["limit"] and given["limit"] is None:
            app.note(f"These are the last {LINES} lines: --limit N shows more.")
        return
    try:
        _follow(app, deployment_id, arguments, interval)
    except KeyboardInterrupt:
        return


def _check_following(app: App, given: Mapping[str, Any], direction: str | None) -> None:
    if given["end_time"] is not None or direction not in (None, "asc", "LOG_DIRECTION_FORWARD"):
        raise click.UsageError("--follow goes forward without an end: leave out --end-time and --direction.")
    if app.screen.format in ("yaml", "table", "csv"):
        raise click.UsageError(f"A log that goes on cannot be printed as {app.screen.format}.")


def _follow(app: App, deployment_id: str, arguments: dict[str, Any], interval: float) -> None:
    now = moment("now", datetime.now(UTC))
    tail: LogTail | None = None
    looks = Patience()
    following = {name: value for name, value in arguments.items() if name != "limit"} | {"direction": DIRECTIONS["asc"]}
    first = following
    if "start_time" not in arguments or "limit" in arguments:
        first = arguments | {"direction": DIRECTIONS["desc"], "limit": arguments.get("limit", LINES)}
    while True:
        try:
            found = _lines(body_of(_ask(app, deployment_id, first)))
        except CliError as error:
            was_tried = looks.is_tried
            if not looks.bears(error):
                raise
            if not was_tried:
                app.note(f"{error.message} Trying on.")
        else:
            looks.answered()
            if tail is None:
                found = in_order(found) if first is not following else found
                tail = LogTail(arguments.get("start_time") or oldest(found) or now)
            for line in tail.feed(found):
                if app.wants_text:
                    app.write(_line(line))
                else:
                    app.emit_line(line)
            first = following | {"start_time": tail.start}
        time.sleep(interval)


def _ask(app: App, deployment_id: str, arguments: dict[str, Any]) -> Any:
    with listed_elsewhere():
        return app.call(
            lambda client: client.control_plane.observability.deployments.logs.with_raw_response.list(
                deployment_id, **arguments
            )
        )


def _lines(answer: Any) -> list[Mapping[str, Any]]:
    """The lines of an answer; what is no line stands in one."""
    return [line if isinstance(line, dict) else {"message": line} for line in answer.get("logs") or ()]


def _line(line: Mapping[str, Any]) -> str:
    text = visible(str(line.get("message") or "").rstrip("\n"))
    return f"{visible(str(line.get('timestamp') or '-'), lines=False)}  {text}\n"
