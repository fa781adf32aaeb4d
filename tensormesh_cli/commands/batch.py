"""`tm batch`: many requests in, an answer to each out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tensormesh_cli.app import App, current
from tensormesh_cli.command_line.groups import Argument, Command
from tensormesh_cli.commands.infer import ALLOWING
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.batch_options import batch_errors, client_options, contexts, model, price
from tensormesh_cli.inference.surface import MODEL, SURFACE, Surface
from tensormesh_cli.terminal.prices import Prices

if TYPE_CHECKING:
    from tensormesh.batch import Summary

EACH_SECONDS = 60.0
"""Where no terminal shows a line that changes, one is printed so often."""

_AT_LEAST_ONE = click.IntRange(min=1)
_ABOVE_ZERO = click.FloatRange(min=0, min_open=True)

FOLDER = Argument(["folder"], metavar="FOLDER", type=click.Path(path_type=Path), help="The folder of the answers.")


@click.command(
    cls=Command,
    params=[
        Argument(
            ["source"],
            metavar="INPUT",
            help="Lines of requests as OpenAI has them (.jsonl, .jsonl.gz, - for standard input), or a table (.csv,"
            " .tsv, .parquet).",
        ),
        FOLDER,
        click.Option(["--model"], metavar="NAME", help="For rows that name none. [default: as configured]",
                     shell_complete=MODEL.shell_complete),
        click.Option(["--max-tokens"], type=_AT_LEAST_ONE, metavar="N", help="For rows that name no limit."),
        click.Option(["--prompt"], metavar="TEMPLATE", help="What is sent of each row of a table, such as 'Summarise:"
                     " {text}', with names of columns in braces. [default: the column `prompt`]"),
        click.Option(["--system"], metavar="TEXT", help="What the model is told before each row of a table."),
        click.Option(["--order"], type=click.Choice(("auto", "prefix", "input")), default="auto", show_default=True,
                     help="`prefix` sends rows with the same beginning together, which the host's cache likes; `auto`"
                     " does so where it helps."),
        click.Option(["--max-in-flight"], type=_AT_LEAST_ONE, default=256, show_default=True, metavar="N",
                     help="Rows under way at once, at most. How many the host has room for is found out."),
        click.Option(["--rpm"], type=_ABOVE_ZERO, metavar="N", help="Requests in a minute, at most."),
        click.Option(["--tpm"], type=_ABOVE_ZERO, metavar="N", help="Tokens in a minute, at most."),
        click.Option(["--max-tries"], type=_AT_LEAST_ONE, default=5, show_default=True, metavar="N",
                     help="How often a row is sent that fails in a way that passes."),
        click.Option(["--price"], metavar="IN,OUT", help="USD per million tokens. [default: the price list, where you"
                     " are logged in]"),
        click.Option(["--budget"], metavar="USD", help="What all runs of the folder may cost; never exceeded."),
        click.Option(["--stop-after-errors"], type=click.IntRange(min=0), metavar="N",
                     help="End when more rows than that failed."),
        click.Option(["--skip-bad"], is_flag=True, help="Set lines aside that are no requests, instead of refusing the"
                     " input."),
        click.Option(["--retry-failed"], is_flag=True, help="Send rows again that failed in an earlier run."),
        click.Option(["--changed-input"], is_flag=True, help="Go on though the input has changed; rows that are as they"
                     " were are not sent again."),
        click.Option(["--processes"], type=_AT_LEAST_ONE, metavar="N", help="Send from so many processes; with Ray,"
                     " actors."),
        click.Option(["--engine"], type=click.Choice(("asyncio", "processes", "ray")), help="Who sends. [default:"
                     " asyncio; with --processes, processes]"),
        ALLOWING,
        click.Option(["--dry-run"], is_flag=True, help="Send no row: tell what there is and what it may cost."),
        *SURFACE,
    ],
)  # fmt: skip
def run(
    source: str,
    folder: Path,
    surface: str,
    prompt: str | None,
    system: str | None,
    dry_run: bool,
    allow_json_schema: bool,
    rpm: float | None,
    tpm: float | None,
    budget: str | None,
    **options: Any,
) -> None:
    """
    Send the requests of a file, and write the answers into a folder. The same command again goes on where it ended:
    rows that have an answer are not sent again.

    Ctrl-C waits for what is under way, since that is paid for; a second Ctrl-C does not. --timeout says how long an
    answer may take; here the default is 600 seconds. If rows failed, the exit code is 1, and errors.jsonl says why.
    """
    from tensormesh import batch

    app = current()
    account = {name: options.pop(name) for name in ("user_id", "api_key", "base_url")}
    at = Surface.chosen(app, surface, model=options.pop("model"), **account)
    most = _usd(budget)
    if options["engine"] == "asyncio" and (options["processes"] or 1) > 1:
        raise click.UsageError("--engine asyncio is one process: leave out --engine, or --processes.")
    table = {"template": prompt, "system": system}
    with batch_errors(at):
        if source != "-" and not Path(source).exists():
            raise CliError("input", f"There is no file {source!r}.")
        rows = batch.table(source, **table) if batch.is_table(Path(source)) else source
        if rows is source and (prompt is not None or system is not None):
            raise click.UsageError("--prompt and --system make requests of a table; these lines are requests.")
        common = {
            "model": model(at),
            "max_tokens": options.pop("max_tokens"),
            "order": options.pop("order"),
            "price": price(options.pop("price"), Prices(at).all),
            "contexts": contexts(at) if dry_run or most is not None else {},
        }
        if dry_run:
            with app.progress("Reading the input"):
                found = batch.estimate(rows, **common)
            app.report(found.to_dict(), f"{found}\n")
            click.get_current_context().exit(1 if found.bad_lines and not options["skip_bad"] else 0)
        options |= {"requests_per_minute": rpm, "tokens_per_minute": tpm, "budget": most}
        options |= {"timeout": app.flags.get("timeout_seconds"), **common}
        with _seen(app, most) as progress:
            given = {name: value for name, value in options.items() if value is not None}
            done = batch.run(
                rows,
                folder,
                surface="on_demand" if at.name == "on-demand" else "serverless",
                client_options=client_options(at) | {"allow_json_schema": allow_json_schema},
                progress=progress,
                **given,
            )
    app.report(done.to_dict(), f"{done}\n")
    app.note(f"Answers: {folder}/part-*.jsonl; `tm batch merge {folder} FILE` makes one file of them. Curves: "
             f"{folder}/report.html")  # fmt: skip
    click.get_current_context().exit(1 if done.failed else 0)


def _usd(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        found = Decimal(text.removeprefix("$").strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise click.UsageError(f"--budget: {text!r} is no sum of US dollars such as 12.50.")
    return found


@contextmanager
def _seen(app: App, budget: Decimal | None) -> Iterator[Callable[[Summary], None]]:
    """Shows how far a run is: on one line of a terminal that is wiped, elsewhere on a line a minute."""
    from tensormesh import batch

    narrator = batch.Narrator(budget)
    told = time.monotonic()
    with app.progress("Reading the input") as line:

        def tell(found: Summary) -> None:
            nonlocal told
            text = narrator.line(found)
            if line.shown:
                line.timed, line.text = False, text
            elif time.monotonic() - told >= EACH_SECONDS:
                told = time.monotonic()
                app.note(text)

        yield tell


@click.command(cls=Command, params=[FOLDER])
def status(folder: Path) -> None:
    """
    Tell how far a batch is, while it runs in another window or after it has ended.

    A run that ended without a word is `broken off`; the same `tm batch run` goes on with it.
    """
    from tensormesh import batch

    with batch_errors():
        found = batch.status(folder)
    if found.state == "running":
        line = f"running: {batch.Narrator().line(found.summary)}"
    else:
        line = found.state if found.told_seconds is not None else f"{found.state} (counted in its parts)"
    current().report(found.to_dict(), f"{line}\n{found.summary}\n")


@click.command(
    cls=Command,
    params=[FOLDER, Argument(["target"], metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
                             help="The file to write.")],
)  # fmt: skip
def merge(folder: Path, target: Path) -> None:
    """
    Write all answers of a batch into one file, in the order of the input. Rows that failed have their error there;
    rows without either are left out, and counted.
    """
    from tensormesh import batch

    app = current()
    if str(target) == "-":
        raise CliError("usage", "It takes two passes to put answers in order, so give the name of a file.")
    with app.progress("Merging"), batch_errors():
        found = batch.merge(folder, target)
    words = f"{found.answers:,} answers and {found.errors:,} errors in {target}"
    if found.missing:
        words += f"; {found.missing:,} rows are not through yet"
    document = {"answers": found.answers, "errors": found.errors, "missing": found.missing}
    app.report(document, f"{words}\n")
