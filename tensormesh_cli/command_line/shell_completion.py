"""Completion in bash, zsh and fish: click's, and what it leaves undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import click
    from click.shell_completion import ShellComplete

SHELLS: Final = ("bash", "zsh", "fish")
VARIABLE: Final = "_TM_COMPLETE"
"""Set by the script of a shell when it asks, whatever name `tm` is called by."""


def script_of(shell: str, root: click.Command, prog: str) -> str:
    """
    The script that teaches a shell to complete.

    Args:
        shell: one of SHELLS.
        prog: the name that `tm` is called by.
    """
    return _classes()[shell](root, {}, prog, VARIABLE).source()


def register() -> None:
    """Let a shell that asks be answered by the classes below."""
    from click.shell_completion import add_completion_class

    for kind in _classes().values():
        add_completion_class(kind)


def _classes() -> dict[str, type[ShellComplete]]:
    """By the name of the shell. Made here, for click takes a while to load its own."""
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    class Bash(BashComplete):
        def get_completions(self, args: list[str], incomplete: str) -> list[Any]:
            # `--option=value` is three words for bash.
            return super().get_completions([word for word in args if word != "="], incomplete)

    class Zsh(ZshComplete):
        def source(self) -> str:
            # zsh completes nothing, and knows no `compdef`, before `compinit` has run: many a ~/.zshrc runs it later.
            first, _, rest = super().source().partition("\n")
            return f"{first}\n(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit -i }}\n{rest}"

        def get_completions(self, args: list[str], incomplete: str) -> list[Any]:
            return _whole(super().get_completions(args, incomplete), incomplete)

    class Fish(FishComplete):
        # A description may have commas.
        source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","')

        def get_completions(self, args: list[str], incomplete: str) -> list[Any]:
            return _whole(super().get_completions(args, incomplete), incomplete)

    return {kind.name: kind for kind in (Bash, Zsh, Fish)}


def _whole(found: list[Any], incomplete: str) -> list[Any]:
    """What completes `--option=value`, where that is one word: the whole of it."""
    option, equals, _ = incomplete.partition("=")
    if option.startswith("--") and equals:
        for item in found:
            item.value = f"{option}={item.value}"
    return found
