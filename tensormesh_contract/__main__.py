"""
The command: python -m tensormesh_contract.

Knows files, standard output and exit statuses; refuses to know how anything is
found out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tensormesh_contract.acceptance import LOCAL_HOST, AcceptanceError, Accepted, read_accepted
from tensormesh_contract.command_line import Given, read
from tensormesh_contract.documents import DocumentError
from tensormesh_contract.exchange import Exchange, RecordError, from_lines, to_line
from tensormesh_contract.findings import Kind
from tensormesh_contract.operations import read_surfaces
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.data import json_report
from tensormesh_contract.reports.page import html_report
from tensormesh_contract.reports.text import text_report
from tensormesh_contract.run import Run, judged
from tensormesh_contract.target import Target, TargetError, is_local

AGREED, PARTED, NOBODY = 0, 1, 2


class Unanswered(RuntimeError):  # noqa: N818 - it says what happened
    """Nothing was answered with success, so there is nothing to judge, and what to look at."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give its exit status."""
    try:
        given = read(arguments)
        outcome = _judged(given, given.judge) if given.judge is not None else _asked(given)
        _check_answered(outcome)
        _write(given, outcome)
    except (TargetError, AcceptanceError, DocumentError, RecordError, Unanswered, OSError) as exc:
        print(f"{exc}", file=sys.stderr)
        return NOBODY
    except ImportError as exc:
        print(f"{exc}. Install what this needs: pip install 'tensormesh[contract]'.", file=sys.stderr)
        return NOBODY
    except KeyboardInterrupt:
        return 130
    return PARTED if outcome.failed else AGREED


def _asked(given: Given) -> Outcome:
    """Ask the hosts."""

    def tell(line: str) -> None:
        if not given.quiet:
            print(line, file=sys.stderr, flush=True)

    with ExitStack() as stack:
        targets = stack.enter_context(_targets(given))
        keep = stack.enter_context(_kept(given.save)) if given.save else lambda _: None
        run = Run(read_surfaces(), given.plan, given.rate, _accepted(given), tell, keep)
        return run.over(targets)


def _judged(given: Given, file: Path) -> Outcome:
    """Judge what was saved."""
    with file.open(encoding="utf-8") as lines:
        return judged(read_surfaces(), from_lines(lines), _accepted(given))


def _accepted(given: Given) -> list[Accepted]:
    own = read_accepted(LOCAL_HOST) if given.target is None and given.judge is None else []
    return own + (read_accepted(given.accept) if given.accept is not None else [])


@contextmanager
def _targets(given: Given) -> Iterator[list[Target]]:
    if given.target is None:
        from tensormesh_contract.local import own_targets

        with own_targets(given.surfaces) as targets:
            _spare_proxies(targets)
            yield targets
    else:
        _spare_proxies([given.target])
        yield [given.target]


def _spare_proxies(targets: Sequence[Target]) -> None:
    """Keep what is sent to this machine on this machine, whatever the environment says of proxies."""
    names = [urlsplit(target.base_url).hostname or "" for target in targets if is_local(target.base_url)]
    if names:
        os.environ["NO_PROXY"] = ",".join([os.environ.get("NO_PROXY", ""), *names]).strip(",")


@contextmanager
def _kept(file: Path) -> Iterator[Callable[[Exchange], None]]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as lines:
        yield lambda exchange: print(to_line(exchange), file=lines)


def _check_answered(outcome: Outcome) -> None:
    """
    Refuse to call it agreement when nothing was seen, or nothing but what is open to everybody.

    Raises:
        Unanswered: no operation that needs a key has succeeded, on any surface.
    """
    keyed = [tally for tally in outcome.tallies if tally.operation.needs_key]
    if any(tally.succeeded for tally in keyed or outcome.tallies):
        return
    silent = next((one.detail for one in outcome.findings if one.kind is Kind.NO_ANSWER), "")
    statuses = sorted({status for tally in keyed or outcome.tallies for status in tally.statuses})
    said = ", ".join(map(str, statuses))
    why = f"answered {said} to everything that needs a key; is it the right one, and the surface?" if said else silent
    raise Unanswered(f"Nothing succeeded, so there is nothing to judge: the host {why or 'was asked nothing.'}")


def _write(given: Given, outcome: Outcome) -> None:
    print(text_report(outcome, unseen=given.unseen), end="")
    for file, report in ((given.html, html_report), (given.json, json_report)):
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(report(outcome), encoding="utf-8")
            print(f"Written: {file}")


if __name__ == "__main__":
    sys.exit(main())
