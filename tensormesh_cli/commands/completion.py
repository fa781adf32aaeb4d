"""`tm completion`."""

from __future__ import annotations

import click

from tensormesh_cli.app import current
from tensormesh_cli.command_line import shell_startup
from tensormesh_cli.command_line.groups import Argument, Command
from tensormesh_cli.command_line.shell_completion import SHELLS, script_of


@click.command(cls=Command)
@click.argument(
    "shell",
    cls=Argument,
    metavar="[SHELL]",
    required=False,
    type=click.Choice(SHELLS, case_sensitive=False),
    help="bash, zsh or fish; with --install, the one that you work in if left out.",
)
@click.option("--install", is_flag=True, help="Let the shell read it whenever it starts: one line in its own file.")
@click.option("--prog", default="tm", show_default=True, help="The name that the command is called by.")
def completion(shell: str | None, install: bool, prog: str) -> None:
    """
    Print the completion script of a shell: bash, zsh or fish.

    It completes commands and options, and what the account has: models, deployments, tickets. With --install a line is
    added to ~/.bashrc, ~/.zshrc or ~/.config/fish/config.fish, once.
    """
    app = current()
    if shell is None and install:
        shell = shell_startup.of_the_user(app.environ)
    if shell not in SHELLS:
        raise click.UsageError(f"Name the shell: {', '.join(SHELLS)}.")
    if install:
        at = shell_startup.startup(shell, prog, app.environ)
        added = at.install()
        what = f"{at.path} teaches {shell} to complete {prog}"
        app.report(
            {"shell": shell, "path": str(at.path), "line": at.line, "installed": added},
            f"{what}, from the next {shell} on." if added else f"{what} already.",
        )
        return
    script = script_of(shell, click.get_current_context().find_root().command, prog)
    app.emit({"shell": shell, "script": script}, raw=script, words=script)
