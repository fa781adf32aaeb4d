"""`tm completion`."""

from __future__ import annotations

import click

from tensormesh_cli.app import current
from tensormesh_cli.groups import Argument, Command

SHELLS = ("bash", "zsh", "fish")


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
    fish  tm completion fish > ~/.config/fish/completions/tm.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    from tensormesh_cli.main import root

    # The variable is that of `tm` itself, whatever it is called by.
    script = kind(root, {}, prog, "_TM_COMPLETE").source()
    current().emit({"shell": shell, "script": script}, raw=script, words=script)
