"""`tm version`."""

from __future__ import annotations

import click

from tensormesh_cli.app import current
from tensormesh_cli.command_line.groups import Command


@click.command(cls=Command)
def version() -> None:
    """Print the version of tm and of the client in it."""
    found = number()
    current().emit({"version": found}, raw=found, words=f"tm {found}")


def number() -> str:
    """The version of this package."""
    from tensormesh import __version__

    return __version__
