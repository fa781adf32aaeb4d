"""`tm doctor`."""

from __future__ import annotations

from collections.abc import Iterable

import click

from tensormesh_cli.app import App, current
from tensormesh_cli.command_line.groups import Command
from tensormesh_cli.readiness import Check, checks, report
from tensormesh_cli.survey import survey

_COLORS = {"ok": "green", "missing": "red", "advised": "yellow"}
_MARKS = {"ok": "ok", "missing": "no", "advised": "note"}


@click.command(cls=Command)
@click.option("--exit-status", is_flag=True, help="End with 1 if something is missing.")
def doctor(exit_status: bool) -> None:
    """Check that all is set up, and say how to set up what is not. Looks at this machine only."""
    app = current()
    facts = survey(app)
    found = report(facts)
    app.report(found, lines(app, checks(facts)), found["checks"])
    if exit_status and not found["ok"]:
        click.get_current_context().exit(1)


def lines(app: App, found: Iterable[Check]) -> str:
    """A line for each check, and below it what to do."""
    text = ""
    for item in found:
        mark = _MARKS[item.verdict].ljust(4)
        text += f"{click.style(mark, fg=_COLORS[item.verdict]) if app.screen.color else mark}  {item.message}\n"
        if item.fix and item.verdict != "ok":
            text += f"      {item.fix}\n"
    return text
