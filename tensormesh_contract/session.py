"""
From what was asked for to a report: hosts and files opened, asked or read, and closed again.

Knows files and the order of things, but not the command line, or how
anything is found out.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tensormesh_contract.comparison import ComparisonError, compared, read_report
from tensormesh_contract.documents.operations import Surface, SurfaceName, read_surfaces
from tensormesh_contract.documents.selection import Selection, SelectionError
from tensormesh_contract.evaluation.acceptance import LOCAL_HOST, AcceptanceError, Accepted, read_accepted
from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_contract.exchanges.about import About
from tensormesh_contract.exchanges.record import RecordError, Seen, from_lines, to_line
from tensormesh_contract.hosts.target import Target, TargetError, is_local
from tensormesh_contract.json_values import in_words
from tensormesh_contract.options import Options
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.accepted import accepted_entries
from tensormesh_contract.reports.data import json_report
from tensormesh_contract.reports.junit import junit_report
from tensormesh_contract.reports.page import html_report
from tensormesh_contract.reports.sarif import sarif_report
from tensormesh_contract.reports.text import text_report
from tensormesh_contract.run import Run, evaluated
from tensormesh_documents.places import DocumentError

FEW = 3
AGREED, PARTED, TOO_LITTLE, STOPPED = 0, 1, 2, 130


class NothingEvaluatedError(RuntimeError):
    """Nobody could be asked, nothing was answered with success, or a file cannot be used; and what to look at."""


class Report:
    """What came of a session, as text and as data."""

    def __init__(self, outcome: Outcome, options: Options) -> None:
        self._outcome = outcome
        self._options = options

    @property
    def status(self) -> int:
        """The exit status that says the same."""
        if self._outcome.stopped:
            return STOPPED
        if self._outcome.failed:
            return PARTED
        return TOO_LITTLE if self._outcome.too_little else AGREED

    @property
    def text(self) -> str:
        return text_report(self._outcome, unseen=self._options.unseen)

    @property
    def json(self) -> str:
        return json_report(self._outcome)

    @property
    def failing(self) -> Sequence[Finding]:
        """What is wrong, and nobody accepts."""
        return self._outcome.failing

    def written(self) -> Iterator[Path]:
        """
        Write it to the files it was wanted in, and name each.

        Raises:
            NothingEvaluatedError: that cannot be done.
        """
        with _refusals():
            for file, form in _wanted(self._options):
                # A host may send what is no character; JSON and people read its number.
                file.write_text(form(self._outcome), encoding="utf-8", errors="backslashreplace")
                yield file


def report(options: Mapping[str, Any], environment: Mapping[str, str], tell: Callable[[str], None]) -> Report:
    """
    Ask the hosts, or read what was saved, and evaluate it.

    Args:
        options: those of `Options`.
        environment: where keys stand.
        tell: takes a line on how far it is.

    Raises:
        NothingEvaluatedError: there is nothing to report.
    """
    given = Options(**options)
    with _refusals():
        target = given.target(environment)
        _check_writable(given)
        earlier = read_report(given.compare) if given.compare is not None else None
        if given.remark:
            tell(given.remark)
        outcome = _evaluated(given, given.evaluate, tell) if given.evaluate is not None else _asked(given, target, tell)
        if not outcome.stopped:
            _check_answered(outcome)
        if earlier is not None:
            outcome = compared(outcome, earlier)
    return Report(outcome, given)


# Not `tensormesh[contract]`: under that name, the index has another package, which would take the place of this one.
INSTALL = (
    "Install what this needs: pip install pydantic pyyaml schemathesis starlette uvicorn; "
    "or, in a clone of this project, pip install '.[contract]'."
)


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell everything that can be in the way as one kind of error."""
    try:
        yield
    except (TargetError, SelectionError, AcceptanceError, ComparisonError, DocumentError, RecordError, OSError) as exc:
        raise NothingEvaluatedError(str(exc)) from exc
    except ImportError as exc:
        missing = f"No module named {exc.name!r}"  # the local host's own words would name its extra beside ours
        raise NothingEvaluatedError(f"{missing}. {INSTALL}") from exc


def _asked(given: Options, target: Target | None, tell: Callable[[str], None]) -> Outcome:
    """Ask the hosts."""
    asked = [target.surface] if target is not None else given.surfaces
    surfaces = given.selection.of(read_surfaces(given.library, given.documented), asked)
    with ExitStack() as stack:
        targets = stack.enter_context(_targets(given, target))
        keep = stack.enter_context(_kept(given.save)) if given.save else lambda _: None
        accepted = _accepted(given, own=target is None)
        run = Run(
            surfaces,
            given.plan,
            given.pace,
            accepted,
            tell,
            keep,
            given.model or "",
            given.at_least,
            given.most,
            given.selection,
        )
        outcome = run.over([one for one in targets if surfaces[one.surface].operations])
    if given.save:
        tell(f"{given.save} holds what was asked and answered. Keys and tokens may be among it: it is for you alone.")
    return outcome


def _evaluated(given: Options, file: Path, tell: Callable[[str], None]) -> Outcome:
    """Evaluate what was saved."""
    surfaces = read_surfaces(given.library, given.documented)
    with file.open(encoding="utf-8") as lines:
        seen = from_lines(lines, surfaces, tell)
        first = next(seen, None)
        own = isinstance(first, About) and any(one.own for one in first.asked)
        everything = chain([first] if first is not None else [], seen)
        limited = _selected(given, surfaces, first if isinstance(first, About) else None)
        return evaluated(limited, everything, _accepted(given, own=own), given.at_least)


def _selected(
    given: Options, surfaces: Mapping[SurfaceName, Surface], about: About | None
) -> Mapping[SurfaceName, Surface]:
    """Limit documents to what a record is about, or to less of it."""
    asked = [*dict.fromkeys(one.surface for one in about.asked)] if about is not None else [*surfaces]
    if about is not None:
        surfaces = Selection(about.only, about.without).of(surfaces, asked)
    return given.selection.of(surfaces, asked)


def _accepted(given: Options, *, own: bool) -> list[Accepted]:
    return (read_accepted(LOCAL_HOST) if own else []) + (
        read_accepted(given.accept) if given.accept is not None else []
    )


@contextmanager
def _targets(given: Options, target: Target | None) -> Iterator[list[Target]]:
    if target is None:
        from tensormesh_contract.hosts.local import own_targets

        with own_targets(given.surfaces) as targets:
            _spare_proxies(targets)
            yield targets
    else:
        _spare_proxies([target])
        yield [target]


def _spare_proxies(targets: Sequence[Target]) -> None:
    """Keep what is sent to this machine on this machine, whatever the environment says of proxies."""
    names = [urlsplit(target.base_url).hostname or "" for target in targets if is_local(target.base_url)]
    if names:
        for variable in ("no_proxy", "NO_PROXY"):  # where both are there, the fuzz run reads the first
            os.environ[variable] = ",".join([os.environ.get(variable, ""), *names]).strip(",")


@contextmanager
def _kept(file: Path) -> Iterator[Callable[[Seen | About], None]]:
    """
    Write exchanges to a file, made anew and for its owner only, since hosts answer with keys.

    Raises:
        OSError: it cannot be made.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    anew = not file.exists() or file.is_file()  # and no pipe
    if anew:
        # One that is there would keep its mode and its readers, and a link may lead anywhere.
        file.unlink(missing_ok=True)
    # A line at a time, so that a run that is killed leaves what it has seen.
    with open(file, "x" if anew else "w", buffering=1, encoding="utf-8", opener=_for_the_owner) as lines:
        yield lambda seen: print(to_line(seen), file=lines)


def _for_the_owner(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _check_answered(outcome: Outcome) -> None:
    """
    Refuse to call it agreement when nothing was seen, or nothing but what is open to everybody.

    Raises:
        NothingEvaluatedError: no operation that needs a key has succeeded, on any surface.
    """
    keyed = [tally for tally in outcome.tallies if tally.operation.needs_key]
    if any(tally.succeeded for tally in keyed or outcome.tallies):
        return
    silent = next((one.detail for one in outcome.findings if one.kind is Kind.NO_ANSWER), "")
    statuses = sorted({status for tally in keyed or outcome.tallies for status in tally.statuses})
    why = silent or _not_asked(outcome)
    if statuses:
        why = f"answered {', '.join(map(str, statuses))} to everything that needs a key; {_advice(outcome, statuses)}"
    raise NothingEvaluatedError(f"Nothing succeeded, so there is nothing to evaluate: the host {why}")


def _not_asked(outcome: Outcome) -> str:
    """Say why a host was asked nothing: what leads to the selected operations may have been left out."""
    if not outcome.excluded:
        return "was asked nothing."
    named = in_words([*dict.fromkeys(operation.id for operation in outcome.unasked)][:FEW], "and")
    return (
        f"was asked nothing: {named} cannot be called without values out of other answers, whose operations --only"
        " and --without leave out. Let them take those in."
    )


def _advice(outcome: Outcome, statuses: Sequence[int]) -> str:
    """Tell what to look at first when a host turned everything down."""
    if outcome.advice:
        said = " ".join(outcome.advice)
        return said[0].lower() + said[1:]
    if all(300 <= status < 400 for status in statuses):
        where = " ".join(outcome.said)
        return f"it is somewhere else, perhaps at https: or below another path. {where}".strip()
    if all(status == 429 for status in statuses):
        return "it has too much to do. Try again later, and with --rate below 1."
    if any(not target.credentials.key for target in outcome.targets):
        return "none was given. Put it into the environment variable KEY (to make: KEY=)."
    said = " ".join(outcome.said)
    return f"is it the right one, and the surface? {said}".strip()


def _check_writable(given: Options) -> None:
    """
    Refuse a report that cannot be written before anybody is asked.

    Raises:
        OSError: its folder cannot be made, or nothing may be written there.
    """
    for file, _ in _wanted(given):
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
            raise PermissionError(errno.EACCES, "A report cannot be written there", str(file))


def _wanted(given: Options) -> Iterator[tuple[Path, Callable[[Outcome], str]]]:
    """Give the files to write, each with what writes it."""
    forms: Sequence[tuple[Path | None, Callable[[Outcome], str]]] = (
        (given.html, html_report),
        (given.json, json_report),
        (given.junit, junit_report),
        (given.sarif, sarif_report),
        (given.write_accept, accepted_entries),
    )
    for file, form in forms:
        if file is not None:
            yield file, form
