"""
The command: `python -m tensormesh_contract`, and what `tm contract` takes.

Knows the options, standard output and exit statuses, but not how
anything is found out. Until the command is run, nothing but click is loaded.
"""

from __future__ import annotations

import io
import math
import os
import sys
from pathlib import Path
from typing import Any

import click

from tensormesh_contract.requests.plan import PHASES

SURFACES = ("serverless", "on-demand", "control-plane")
NOBODY, STOPPED = 2, 130
"""Exit statuses: nobody could be asked, and Ctrl-C came before anything was known."""

_FILE = click.Path(path_type=Path, dir_okay=False)


class Refusal(click.ClickException):
    """A run that cannot be; 1 would say that host and documents differ."""

    exit_code = NOBODY


class RenamedOption(click.Option):
    """An option that is still taken under its old name, which neither help nor completion shows."""

    def __init__(self, names: list[str], *, old: str, **how: Any) -> None:
        super().__init__(names, **how)
        self.old = old

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        shown = self.opts
        self.opts = [*shown, self.old]
        try:
            super().add_to_parser(parser, ctx)
        finally:
            self.opts = shown


def _finite(ctx: click.Context, parameter: click.Parameter, rate: float | None) -> float | None:
    if rate is not None and not math.isfinite(rate):
        raise click.BadParameter(f"{rate} is no number of requests.")
    return rate


def _phases(ctx: click.Context, parameter: click.Parameter, text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in PHASES:
            raise click.BadParameter(f"there is no phase {name!r}; there are {', '.join(PHASES)}.")
    return names


def _words(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    words = tuple(word.strip() for text in given for word in text.split(","))
    if not all(words):
        raise click.BadParameter("it names nothing; was a variable not set?")
    return words


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", metavar="URL", help="Base URL of one surface.")
@click.option(
    "--surface",
    type=click.Choice(SURFACES, case_sensitive=False),
    help="Which surface. [default: what --host looks like]",
)
@click.option("--user-id", metavar="UUID", help="The X-User-Id of on-demand.")
@click.option("--key-env", metavar="NAME", help="The variable with the key. [default: KEY]")
@click.option(
    "--allow-changes", is_flag=True, help="Send a host on another machine deletions and what costs money, too."
)
@click.option("--gentle", is_flag=True, help="Treat a host on this machine as if it were on another.")
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    callback=_finite,
    metavar="N",
    help="Requests a second, at most.",
)
@click.option("--seed", type=int, default=1, show_default=True, metavar="N", help="Makes two runs alike.")
@click.option(
    "--cases",
    type=click.IntRange(min=1),
    default=40,
    show_default=True,
    metavar="N",
    help="Random requests for an operation.",
)
@click.option(
    "--phases",
    callback=_phases,
    default=",".join(PHASES),
    show_default=True,
    metavar="LIST",
    help="Which made-up requests, with commas between them.",
)
@click.option(
    "--only",
    multiple=True,
    callback=_words,
    metavar="WORD",
    help="Ask only these operations, by id, path or tag, with * for anything; several with commas, or again.",
)
@click.option(
    "--without",
    multiple=True,
    callback=_words,
    metavar="WORD",
    help="Leave these operations out, named in the same way.",
)
@click.option("--model", metavar="NAME", help="The model to ask. [default: the first that answers]")
@click.option(
    "--max-requests",
    type=click.IntRange(min=0),
    metavar="N",
    help="So many a gentle run sends, and leaves out what says least; 0 for all it can read. [default: 19]",
)
@click.option(
    "--at-least",
    type=click.FloatRange(0, 100),
    default=30.0,
    show_default=True,
    metavar="PERCENT",
    help="So many operations must succeed, or it is no agreement.",
)
@click.option(
    "--documents",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="OpenAPI documents of your own: serverless.yaml, on_demand.yaml, control_plane.yaml, or one of them.",
)
@click.option("--html", type=_FILE, metavar="FILE", help="Write the report as one page.")
@click.option("--json", type=_FILE, metavar="FILE", help="Write the report as data.")
@click.option("--junit", type=_FILE, metavar="FILE", help="Write it as JUnit XML, a test for each operation.")
@click.option("--sarif", type=_FILE, metavar="FILE", help="Write it as SARIF 2.1.0, a result for each finding.")
@click.option("--accept", type=_FILE, metavar="FILE", help="Differences that are known and do not count.")
@click.option("--write-accept", type=_FILE, metavar="FILE", help="Write what fails as entries for --accept.")
@click.option("--compare", type=_FILE, metavar="OLD", help="A report by --json: only what is new since then counts.")
@click.option("--unseen", is_flag=True, help="List what is documented and was never seen.")
@click.option("--save", type=_FILE, metavar="FILE", help="Write down every request and answer, for you alone.")
@click.option(
    "--evaluate",
    cls=RenamedOption,
    old="--judge",
    type=_FILE,
    metavar="FILE",
    help="Evaluate what was saved, and ask nobody.",
)
@click.option("--quiet", is_flag=True, help="Say nothing until the report.")
@click.pass_context
def contract(ctx: click.Context, /, quiet: bool, **options: Any) -> None:
    """
    Check a host against the OpenAPI documents, and report where they differ.

    Without --host, a local Tensormesh is started and everything is tried on it. A host on another machine is only
    read, and each of its inference operations called once whole and once as a stream, at one request a second.

    The key is read from the environment variable KEY, else from TENSORMESH_INFERENCE_API_KEY or
    TENSORMESH_CONTROL_PLANE_TOKEN. The exit status is 0 when host and documents agree, 1 when they differ, and 2 when
    nobody could be asked, or too little answered.
    """
    from tensormesh_contract.reports.wording import visible
    from tensormesh_contract.session import NothingEvaluatedError, report

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        found = report(options, os.environ, tell=lambda line: None if quiet else click.echo(visible(line), err=True))
        _say(found.text)
        for file in found.written():
            _say(f"Written: {file}\n")
    except (NothingEvaluatedError, OSError) as error:
        raise Refusal(visible(str(error))) from error
    except KeyboardInterrupt:
        ctx.exit(STOPPED)
    ctx.exit(found.status)


def _say(text: str) -> None:
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        # Whoever reads has seen enough; what is left must not fail at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
