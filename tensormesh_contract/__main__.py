"""
The command: python -m tensormesh_contract.

Knows files, standard output and exit statuses; refuses to know how anything is
found out.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tensormesh_contract.command_line import Given, read
from tensormesh_contract.documents.operations import read_surfaces
from tensormesh_contract.exchanges.exchange import Exchange
from tensormesh_contract.exchanges.record import RecordError, from_lines, to_line
from tensormesh_contract.hosts.target import Target, TargetError, is_local
from tensormesh_contract.judging.acceptance import LOCAL_HOST, AcceptanceError, Accepted, read_accepted
from tensormesh_contract.judging.findings import Kind
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.data import json_report
from tensormesh_contract.reports.page import html_report
from tensormesh_contract.reports.text import text_report
from tensormesh_contract.run import Run, judged
from tensormesh_documents.places import DocumentError

AGREED, PARTED, NOBODY, STOPPED = 0, 1, 2, 130


class Unanswered(RuntimeError):  # noqa: N818 - it says what happened
    """Nothing was answered with success, so there is nothing to judge, and what to look at."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        given = read(arguments)
        _check_writable(given)
        outcome = _judged(given, given.judge) if given.judge is not None else _asked(given)
        if not outcome.stopped:
            _check_answered(outcome)
        _write(given, outcome)
    except (TargetError, AcceptanceError, DocumentError, RecordError, Unanswered, OSError) as exc:
        print(f"{exc}", file=sys.stderr)
        return NOBODY
    except ImportError as exc:
        missing = f"No module named {exc.name!r}"  # the local host's own words would name its extra beside ours
        print(f"{missing}. Install what this needs: pip install 'tensormesh[contract]'.", file=sys.stderr)
        return NOBODY
    except KeyboardInterrupt:
        return STOPPED
    if outcome.stopped:
        return STOPPED
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
        from tensormesh_contract.hosts.local import own_targets

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
    why = silent or "was asked nothing."
    if statuses:
        why = f"answered {', '.join(map(str, statuses))} to everything that needs a key; {_advice(outcome, statuses)}"
    raise Unanswered(f"Nothing succeeded, so there is nothing to judge: the host {why}")


def _advice(outcome: Outcome, statuses: Sequence[int]) -> str:
    """Tell what to look at first when a host turned everything down."""
    if all(300 <= status < 400 for status in statuses):
        return "it is somewhere else, perhaps at https: or below another path. Redirects are not followed."
    if all(status == 429 for status in statuses):
        return "it has too much to do. Try again later, and with --rate below 1."
    if any(not target.credentials.key for target in outcome.targets):
        return "none was given. Put it into the environment variable KEY (to make: KEY=)."
    return "is it the right one, and the surface?"


def _check_writable(given: Given) -> None:
    """
    Refuse a report that cannot be written before anybody is asked.

    Raises:
        OSError: its folder cannot be made, or nothing may be written there.
    """
    for file in (given.html, given.json):
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
                raise PermissionError(errno.EACCES, "A report cannot be written there", str(file))


def _write(given: Given, outcome: Outcome) -> None:
    said = text_report(outcome, unseen=given.unseen)
    try:
        for file, report in ((given.html, html_report), (given.json, json_report)):
            if file is not None:
                # A host may send what is no character; JSON and people read its number.
                file.write_text(report(outcome), encoding="utf-8", errors="backslashreplace")
                said += f"Written: {file}\n"
    finally:
        _say(said)


def _say(text: str) -> None:
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        # Whoever reads has seen enough; what is left must not fail at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
