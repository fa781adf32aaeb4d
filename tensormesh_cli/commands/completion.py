"""`tm completion`."""

from __future__ import annotations

import click

from tensormesh_cli.app import current
from tensormesh_cli.command_line.groups import Argument, Command
from tensormesh_cli.command_line.shell_completion import SHELLS, script_of


@click.command(cls=Command)
@click.argument(
    "shell", cls=Argument, metavar="SHELL", type=click.Choice(SHELLS, case_sensitive=False), help="bash, zsh or fish."
)
@click.option("--prog", default="tm", show_default=True, help="The name that the command is called by.")
def completion(shell: str, prog: str) -> None:
    """
    Print the completion script of a shell: bash, zsh or fish.

    \b
    bash  echo 'eval "$(tm completion bash)"' >> ~/.bashrc
    zsh   echo 'eval "$(tm completion zsh)"' >> ~/.zshrc
    fish  echo 'tm completion fish | source' >> ~/.config/fish/config.fish
    """
    script = script_of(shell, click.get_current_context().find_root().command, prog)
    current().emit({"shell": shell, "script": script}, raw=script, words=script)
