"""`tm doctor`."""

from __future__ import annotations

import click

from tensormesh_cli.app import current
from tensormesh_cli.command_line.groups import Command
from tensormesh_cli.doctor.checks import EXIT_STATUS, checks, lines, report
from tensormesh_cli.doctor.facts import survey
from tensormesh_cli.doctor.online import ONLINE, asked
from tensormesh_cli.inference.surface import Surface
from tensormesh_cli.settings.keys import NAMES


@click.command(cls=Command, params=[ONLINE, EXIT_STATUS])
def doctor(online: bool, exit_status: bool) -> None:
    """
    Check that all is set up, and say how to set up what is not.

    Looks at this machine only; with --online it asks the hosts, too, whether they accept token and keys, and tells what
    kind of key each is. Nothing of that is billed.
    """
    app = current()
    facts = survey(app)
    told = asked([Surface(app, name) for name in NAMES], facts) if online else []
    found = report(facts, told)
    app.report(found, lines(app, [*checks(facts), *told]), found["checks"])
    if exit_status and not found["ok"]:
        click.get_current_context().exit(1)
