"""The entry point of `tm`, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from itertools import pairwise
from typing import Any

import click

from tensormesh_cli.app import App
from tensormesh_cli.command_line import shell_completion
from tensormesh_cli.command_line.groups import Group, MissingCommandError
from tensormesh_cli.commands.tree import entries, meant
from tensormesh_cli.errors import CliError, OutputClosedError
from tensormesh_cli.exit_codes import BROKEN_PIPE
from tensormesh_cli.output.error_text import told

INTRODUCTION = """\
Tensormesh from a shell: inference, keys, billing, deployments.

Start with `tm auth login`, then `tm init --sync`, then `tm infer chat "Hello!"`.
"""


class Root(Group):
    """`tm` itself."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _closed_output():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _closed_output():
            return super().invoke(ctx)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run a command and end the process with its exit code."""
        given = list(sys.argv[1:] if args is None else args)
        app = App()
        extra |= {"prog_name": "tm", "standalone_mode": False, "obj": app}
        if shell_completion.VARIABLE in app.environ:
            shell_completion.register()
        try:
            _check_text(given)
            code = super().main(given, **extra)
            sys.stdout.flush()
            sys.exit(code if isinstance(code, int) else 0)
        except MissingCommandError as error:
            if error.ctx and not _wants_json(app, given):
                _say(error.ctx.get_help())
                sys.exit(error.exit_code)
            _fail(CliError("usage", error.format_message()), app, given)
        except (OutputClosedError, BrokenPipeError):
            _drop_output()
            sys.exit(BROKEN_PIPE)
        except OSError as error:
            _fail(CliError("file", f"{error.filename or 'The output'} cannot be written: {error.strerror}"), app, given)
        except click.Abort:
            _fail(CliError("interrupted", "Interrupted."), app, given)
        except click.UsageError as error:
            where = error.ctx.command_path if error.ctx else "tm"
            _fail(CliError("usage", error.format_message(), f"`{where} --help` shows what it takes"), app, given)
        except click.ClickException as error:
            _fail(CliError("not_ready", error.format_message()), app, given)
        except RecursionError:
            _fail(CliError("protocol", "The answer is nested too deeply to be shown."), app, given)
        except CliError as error:
            _fail(error, app, given)


def run() -> None:
    """Carry out the command line of this process."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the shell: `tm ... >&-`
            setattr(sys, name, open(os.devnull, "r+", encoding="utf-8"))  # noqa: SIM115 - for as long as the process
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show must not end the command.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")  # whoever reads it says what is wrong with it
    root.main()


@contextmanager
def _closed_output() -> Iterator[None]:
    """Keep the end of a pipe from click, which would end with 1."""
    try:
        yield
    except BrokenPipeError as error:
        raise OutputClosedError from error


def _fail(error: CliError, app: App, given: Sequence[str]) -> None:
    if _wants_json(app, given):
        from tensormesh_cli.values.json_text import dumps

        _say(dumps(error.document()))
    else:
        color = app.colored(sys.stderr)
        _say(told(error.message, error.hint, color=color), color)
    if error.kind == "file":
        _drop_output()
    sys.exit(error.exit_code)


def _say(text: str, color: bool = False) -> None:
    with suppress(OSError):  # nobody may be left to tell
        click.echo(text, err=True, color=color)


def _check_text(given: Sequence[str]) -> None:
    for word in given:
        try:
            word.encode()
        except UnicodeEncodeError as error:
            raise CliError("usage", f"The argument {word!r} is not UTF-8 text.") from error


def _wants_json(app: App, given: Sequence[str]) -> bool:
    """Also where the command line was not understood as far as the option that says so."""
    chosen = app.flags.get("error_format") or _last(given, "--error-format")
    output = app.flags.get("output") or _last(given, "--output") or _last(given, "-o")
    return (chosen or ("json" if output in ("json", "jsonl") else "text")).lower() == "json"


def _last(given: Sequence[str], name: str) -> str | None:
    found = [after for word, after in pairwise(given) if word == name]
    found += [word.partition("=")[2] for word in given if word.startswith(f"{name}=")]
    return found[-1].lower() if found else None


def _drop_output() -> None:
    """What is still buffered has nowhere to go; without this, Python would complain about it at the end."""
    with suppress(OSError):
        sys.stdout.flush()
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from tensormesh_cli.commands.version import number

        click.echo(f"tm {number()}")
        ctx.exit()


root = Root(
    "tm",
    INTRODUCTION,
    entries(),
    meant=meant,
    params=[
        click.Option(
            ["--version", "-V"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="Print the version.",
        )
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
