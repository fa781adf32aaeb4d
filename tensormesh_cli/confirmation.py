"""The question before an act that costs or destroys."""

from __future__ import annotations

import click

from tensormesh_cli.errors import CliError

YES = click.Option(["--yes", "-y"], is_flag=True, help="Do not ask before acting.")


def confirm(act: str) -> None:
    """
    Ask whether to go on. The answer is no unless it is yes.

    Raises:
        CliError: it was not, or nobody could be asked.
    """
    try:
        sure = click.confirm(f"{act} Go on?", default=False, err=True)
    except click.Abort as error:
        click.echo(err=True)
        raise CliError("declined", "Nothing was done: there was no answer.", "--yes goes on without asking") from error
    if not sure:
        raise CliError("declined", "Nothing was done.")
