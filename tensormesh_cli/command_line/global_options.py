"""The options of every command. They may stand anywhere after `tm`; the last one wins."""

from __future__ import annotations

from typing import Any

import click

from tensormesh_cli.app import App
from tensormesh_cli.command_line.parameter_types import FILE, Names, Query
from tensormesh_cli.output.rendering import FORMATS
from tensormesh_cli.values.numbers import BYTES, COUNT, SECONDS


def _keep(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    app = ctx.find_object(App)
    if app is not None and value is not None and value is not False and parameter.name:
        app.flags[parameter.name] = value


def _option(*names: str, **how: Any) -> click.Option:
    return click.Option(list(names), expose_value=False, callback=_keep, **how)


GLOBAL: tuple[click.Option, ...] = (
    _option(
        "--output",
        "-o",
        type=click.Choice(FORMATS, case_sensitive=False),
        help="How to print the answer. [default: tables and text on a terminal, text in a pipe]",
    ),
    _option(
        "--query",
        type=Query(),
        metavar="JMESPATH",
        help="What to print of the answer, such as 'models[0].modelId'.",
    ),
    _option(
        "--columns",
        type=Names(),
        metavar="A,B.C",
        help="What to print of each item, as a table if --output says nothing else.",
    ),
    _option(
        "--error-format",
        type=click.Choice(("text", "json"), case_sensitive=False),
        help="How to print errors. [default: json with --output json or jsonl, else text]",
    ),
    _option("--quiet", "-q", is_flag=True, help="Print nothing but answers and errors."),
    _option("--debug", is_flag=True, help="Print each call and its outcome on stderr."),
    _option("--color", type=click.Choice(("auto", "always", "never")), help="Whether to use colour. [default: auto]"),
    _option(
        "--config",
        type=FILE,
        help="The file with settings. [default: ~/.config/tensormesh/config.toml]",
    ),
    _option("--controlplane-base", metavar="URL", help="Where the control plane is."),
    _option("--gateway-provider", metavar="NAME", help="Whose on-demand host to use. [default: nebius]"),
    _option(
        "--ca-bundle",
        type=click.Path(),
        metavar="PATH",
        help="Certificate authorities to trust instead of the system's.",
    ),
    _option(
        "--timeout",
        "timeout_seconds",
        type=SECONDS,
        metavar="SECONDS",
        help="How long to wait for an answer. [default: 30, and 600 for one that a model writes]",
    ),
    _option(
        "--max-response-bytes",
        type=BYTES,
        metavar="N",
        help="How long an answer may be, decompressed. [default: 268435456]",
    ),
    _option(
        "--max-retries",
        type=COUNT,
        metavar="N",
        help="How often to repeat a call that may be repeated. [default: 0]",
    ),
)
