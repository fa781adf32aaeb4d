"""`tm prompts`: which beginnings the prompts of a file share, and what breaks them."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import BinaryIO, cast

import click

from tensormesh_cli.app import current
from tensormesh_cli.command_line.groups import Argument, Command
from tensormesh_cli.errors import CliError

MOST_NAMED = 5
"""So many lines that are no requests are named; the rest is counted."""


@click.command(
    cls=Command,
    params=[
        Argument(
            ["source"],
            metavar="FILE",
            help="Lines of requests: those of a batch, those that the page of `tm local` saves, or bodies alone"
            " (.jsonl, .jsonl.gz, - for standard input).",
        ),
        click.Option(["--model"], metavar="NAME", help="For requests that name none."),
        click.Option(["--price"], metavar="IN", help="USD per million prompt tokens; cached ones are free. [default:"
                     " the published price of each model]"),
        click.Option(["--block"], type=click.IntRange(min=1), default=16, show_default=True, metavar="TOKENS",
                     help="How long the blocks of the cache are: it answers whole ones."),
        click.Option(["--cache-tokens"], type=click.IntRange(min=1), default=1_048_576, show_default=True,
                     metavar="TOKENS", help="How many tokens the cache holds."),
    ],
)  # fmt: skip
def prompts(source: str, model: str | None, price: str | None, block: int, cache_tokens: int) -> None:
    """
    Tell what the prompts of a file share: how much a prefix cache answers as they stand, in another order, and with
    what moves, such as a date, at the end of each; and where that stands.

    Nothing is sent. Tokens are those of the built-in tokenizer, so about what a model counts. Lines that are no
    requests are named and left out; the exit code is then 1.
    """
    try:
        from tensormesh_local.prompt_report import report
    except ModuleNotFoundError as missing:
        raise click.ClickException(f"{missing.msg}: `tm prompts` needs what `tm local` needs.") from missing
    app = current()
    usd = _usd(price)
    with _lines(source) as lines, app.progress("Reading the prompts"):
        found = report(lines, model=model, price=usd, block=block, capacity=cache_tokens)
    if not found.document["requests"] and found.unreadable:
        number, why = found.unreadable[0]
        raise CliError("input", f"{source} holds no request: line {number}: {why}.")
    app.report(found.document, found.words, rows=found.rows)
    for number, why in found.unreadable[:MOST_NAMED]:
        app.note(f"Left out: line {number}: {why}.")
    if (more := len(found.unreadable) - MOST_NAMED) > 0:
        app.note(f"Left out: {more:,} more lines.")
    click.get_current_context().exit(1 if found.unreadable else 0)


@contextmanager
def _lines(source: str) -> Iterator[BinaryIO]:
    if source == "-":
        yield sys.stdin.buffer
        return
    try:
        with gzip.open(source) if source.endswith(".gz") else open(source, "rb") as file:
            yield cast(BinaryIO, file)
    except (OSError, EOFError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise CliError("input", f"{source} cannot be read: {why}.") from error


def _usd(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        found = Decimal(text.partition(",")[0].removeprefix("$").strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise click.UsageError(f"--price: {text!r} is no price such as 0.07.")
    return found
