"""Commands and groups as click has them, with the global options everywhere, each loaded when it is used."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

import click

from tensormesh_cli.command_line.global_options import GLOBAL

Loader = Callable[[], click.Command]


class Argument(click.Argument):
    """An argument that help describes."""

    def __init__(self, names: list[str], *, help: str, **how: Any) -> None:  # noqa: A002 - as options have it
        super().__init__(names, **how)
        self.description = help

    def get_help_record(self, ctx: click.Context) -> tuple[str, str]:
        return self.metavar or self.human_readable_name, self.description


class MissingCommandError(click.UsageError):
    """A group was named and none of its commands; whoever typed it wants to see them."""

    def __init__(self, ctx: click.Context) -> None:
        super().__init__(f"`{ctx.command_path}` needs a command.", ctx)


@click.pass_context
def _needs_command(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        raise MissingCommandError(ctx)


class _WithGlobals(click.Command):
    words = ""
    """What is typed after `tm`, in full."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *GLOBAL]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = super().get_params(ctx)
        for title, kind in (("Arguments", click.Argument), ("Options", click.Option)):
            records = [item.get_help_record(ctx) for item in own if isinstance(item, kind)]
            if shown := [record for record in records if record]:
                with formatter.section(title):
                    formatter.write_dl(shown)
        if ctx.parent is None:
            with formatter.section("Options of every command"):
                formatter.write_dl([record for item in GLOBAL if (record := item.get_help_record(ctx))])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        from tensormesh_cli.command_line.examples import examples_of

        if lines := examples_of(self.words):
            with formatter.section("Examples"):
                for line in lines:
                    formatter.write(f"{' ' * formatter.current_indent}{line}\n")  # to be copied: not wrapped


class Command(_WithGlobals):
    """A command."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text("Options of every command, such as --output: see `tm --help`.")


class Group(_WithGlobals, click.Group):
    """
    A group that loads a command when it is used, and needs only its summary to list it.

    Args:
        entries: summary and loader of each command, by name.
        meant: the words of the command that is meant by a name that none of them has, or None.
    """

    def __init__(
        self,
        name: str,
        summary: str,
        entries: Mapping[str, tuple[str, Loader]],
        *,
        meant: Callable[[str], str | None] | None = None,
        **how: Any,
    ) -> None:
        super().__init__(
            name,
            help=summary,
            short_help=summary,
            callback=_needs_command,
            invoke_without_command=True,
            subcommand_metavar="COMMAND [ARGS]...",
            **how,
        )
        self.entries = entries
        self.meant = meant

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.entries:
            return None
        return self.entries[cmd_name][1]()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # click would list the commands below the options; here they come first.
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.entries[name][0]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.entries and not name.startswith("-") and not ctx.resilient_parsing:
            close = difflib.get_close_matches(name, self.entries, 1)
            whole = self.meant(name) if self.meant else None
            guess = f" Did you mean `tm {whole}`?" if whole else f" Did you mean {close[0]!r}?" if close else ""
            ctx.fail(f"There is no command {name!r} in `{ctx.command_path}`.{guess}")
        return super().resolve_command(ctx, args)
