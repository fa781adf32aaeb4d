"""`tm doctor`."""

from __future__ import annotations

import click

from tensormesh_cli.app import current
from tensormesh_cli.command_line.groups import Command
from tensormesh_cli.doctor.checks import EXIT_STATUS, checks, lines, report
from tensormesh_cli.doctor.facts import survey


@click.command(cls=Command, params=[EXIT_STATUS])
def doctor(exit_status: bool) -> None:
    """Check that all is set up, and say how to set up what is not. Looks at this machine only."""
    app = current()
    facts = survey(app)
    found = report(facts)
    app.report(found, lines(app, checks(facts)), found["checks"])
    if exit_status and not found["ok"]:
        click.get_current_context().exit(1)
