"""`tm local`."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import click

from tensormesh_cli.command_line.groups import Argument, Command
from tensormesh_cli.errors import CliError

NEEDED = ("tensormesh_local", "starlette", "uvicorn", "yaml")


@click.command(
    cls=Command,
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False},
)
@click.argument(
    "arguments", cls=Argument, nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS]", help="Options of the host."
)
def local(arguments: tuple[str, ...]) -> None:
    """
    Start a Tensormesh of your own on 127.0.0.1, until Ctrl-C.

    It needs no account and no weights. `tm local --help` tells what it can do.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise CliError(
            "not_ready",
            f"The local host is not installed; missing: {', '.join(missing)}.",
            "pip install 'tensormesh[local]'",
        )
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "tensormesh_local", *arguments])  # noqa: S606 - our own module
