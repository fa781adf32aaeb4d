"""The question before an act that costs or destroys."""

from __future__ import annotations

import click

from tensormesh_cli.errors import CliError
from tensormesh_cli.output.control_characters import visible

YES = click.Option(["--yes", "-y"], is_flag=True, help="Do not ask before acting.")


def confirm(act: str) -> None:
    """
    Ask whether to go on. The answer is no unless it is yes.

    Raises:
        CliError: it was not, nobody could be asked, or Ctrl-C was the answer.
    """
    try:
        sure = click.confirm(f"{visible(act, lines=False)} Go on?", default=False, err=True)
    except click.Abort as error:
        click.echo(err=True)
        if isinstance(error.__context__, KeyboardInterrupt):  # click has one error for Ctrl-C and for the end of input
            raise CliError("interrupted", "Interrupted: nothing was done.") from error
        raise CliError("declined", "Nothing was done: there was no answer.", "--yes goes on without asking") from error
    if not sure:
        raise CliError("declined", "Nothing was done.")
