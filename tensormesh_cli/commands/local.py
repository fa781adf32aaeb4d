"""`tm local`: the command of the local host, as a command of `tm`."""

from __future__ import annotations

from tensormesh_cli.command_line.groups import Command
from tensormesh_local import command_line

_THEIRS = command_line.local

local = Command("local", params=_THEIRS.params, callback=_THEIRS.callback, help=_THEIRS.help)
