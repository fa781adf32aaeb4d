"""
The words that all reports share.

Knows how a finding reads in a sentence; does not lay anything out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from tensormesh_contract.documents.operations import Operation, SurfaceName
from tensormesh_contract.evaluation.findings import Finding, Kind, Level
from tensormesh_contract.json_values import in_words
from tensormesh_contract.outcome import Outcome
from tensormesh_documents.json_types import Json

SHOWN_CHARACTERS = 160
MOST_NAMES = 40
MOST_OPERATIONS = 3
MOST_LISTED = 12
"""Of operations and places, where all of them are said, and of lines: more are in the reports as data and as a page."""
MOST_LINES = 30
_AGREE = "Host and documents agree."
_NOT_ASCII = re.compile(r"[^ -~\n\t]")
_NAMED_IN_DETAIL = frozenset({Kind.TYPE, Kind.FORMAT, Kind.MEDIA_TYPE})
"""Their name is the type, and not a part of the way to the value."""
_WHOLE = {
    Kind.OPEN_TO_STRANGERS: "the host ",
    Kind.NO_ANSWER: "the host ",
    Kind.NEVER_SUCCEEDED: "the host ",
    Kind.THEIR_DOCUMENT: "",
}
"""What a sentence is about that is not about an answer."""


def heading(finding: Finding) -> str:
    """Say what a finding is and what it is about."""
    if finding.kind is Kind.BEHAVIOUR:
        return finding.name
    if finding.parts:
        return f"{finding.kind} ({len(finding.parts)}): {finding.change}"
    if len(finding.names) > 1 and finding.kind not in _NAMED_IN_DETAIL:
        names = in_words([f"`{name}`" for name in finding.names[:MOST_NAMES]], "and")
        more = len(finding.names) - MOST_NAMES
        listed = f"{names} and {more} more" if more > 0 else names
        within = f" in `{finding.where}`" if finding.where.partition(" ")[2] else ""
        return f"{finding.kind} ({len(finding.names)}){within}: {listed}: {finding.detail}"
    subject = finding.where if finding.kind in _NAMED_IN_DETAIL else finding.subject
    about = f"`{subject}` " if subject else _WHOLE.get(finding.kind, "the answer ")
    return f"{finding.kind}: {about}{finding.detail}"


def example(value: Json) -> str:
    """Show a value in one line of a bearable length."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"


def visible(text: str) -> str:
    """Give the numbers of characters that a reader does not see, and a terminal may obey."""
    return _NOT_ASCII.sub(lambda found: _visible(found[0]), text)


def _visible(one: str) -> str:
    return one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode("ascii")


def extent(finding: Finding) -> str:
    """Say for how many operations and requests."""
    requests = counted(len(finding.exchanges) or finding.count, "request")
    several = finding.every_operation
    return f"{requests} to {len(several)} operations" if len(several) > 1 else requests


def counted(number: int, what: str) -> str:
    """Say how many of something."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def operations(finding: Finding) -> str:
    """Name the operations of a finding, the first of many."""
    several = finding.every_operation
    more = len(several) - MOST_OPERATIONS
    return f"{', '.join(several[:MOST_OPERATIONS])} and {more} more" if more > 0 else ", ".join(several)


def places(finding: Finding) -> str:
    """Say where the document is to be changed: the first place whole, of the others the lines."""
    if finding.parts:
        return counted(len(finding.every_place), "place")
    first, *others = finding.every_place
    lines = [f"{one.file}:{one.line}" if one.file != first.file else f":{one.line}" for one in others[:MOST_LISTED]]
    more = [f"and {len(others) - MOST_LISTED} more"] if len(others) > MOST_LISTED else []
    return f"{first} {first.pointer}{f' and {chr(32).join([*lines, *more])}' if lines else ''}"


def shown_parts(finding: Finding) -> list[Finding]:
    """Give some of what is one change: the one that the shown request shows first, and then others of other places."""
    return sorted(finding.parts, key=lambda one: one.requests != finding.requests)[:MOST_LISTED]


def part(finding: Finding) -> str:
    """Say in one line where a change is to be seen: place, field, what is wrong with it, and operations."""
    subject = finding.where if finding.kind in _NAMED_IN_DETAIL else finding.subject
    return f"{finding.place}: `{subject}` {finding.detail}; {operations(finding)}"


def shortened(lines: Sequence[str]) -> list[str]:
    """Leave out the end of many lines, and say so."""
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], f"  and {more} more lines: --json and --html have all of it"] if more > 0 else [*lines]


def origin(outcome: Outcome) -> list[str]:
    """Say when and with what a run was: its date, the versions, what decided what was random."""
    about = outcome.about
    if about is None:
        return []
    how = "only read" if about.gentle else ", ".join(about.phases) or "read along the links"
    seed = "" if about.seed is None else f", with the seed {about.seed}"
    versions = ", ".join(f"{name} {version}" for name, version in about.documents.items())
    return [f"{about.began}, tensormesh {about.version}, documents: {versions}", f"Asked: {how}{seed}"]


def refused(outcome: Outcome) -> list[Finding]:
    """Give the operations that were asked and never succeeded: of them nothing is known."""
    return [one for one in outcome.findings if one.kind is Kind.NEVER_SUCCEEDED and not one.accepted]


def quiet_sections(outcome: Outcome) -> list[tuple[str, list[Finding]]]:
    """Give what fails nothing, under its heading."""
    headings = {
        Level.UNSEEN: "Not seen, which is no failure",
        Level.APART: "Apart from the host's own openapi.json, which is no failure",
    }
    quiet = [one for one in outcome.findings if not one.accepted and one.kind is not Kind.NEVER_SUCCEEDED]
    return [
        (heading, found)
        for level, heading in headings.items()
        if (found := [one for one in quiet if one.level is level])
    ]


def unasked_sections(outcome: Outcome) -> list[tuple[str, list[Operation]]]:
    """Give the operations that nothing was sent to, under a heading that says why."""
    left_out, others = [*outcome.left_out], outcome.out_of_reach
    headings = {
        "Not asked": others,
        "Left out to send few requests, and asked with --max-requests 0": left_out,
        "Left out by --only or --without, so that nothing is said of it": [*outcome.excluded],
    }
    return [(heading, found) for heading, found in headings.items() if found]


def by_operation(findings: Iterable[Finding]) -> dict[tuple[str, str], list[Finding]]:
    """Group findings by surface and operation, in their order."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        found.setdefault((finding.surface, operations(finding)), []).append(finding)
    return found


def shown_urls(outcome: Outcome) -> Mapping[str, str]:
    """Give the address of each surface as it is to be printed; of one that nobody was asked on, a name for it."""
    urls = dict.fromkeys(map(str, SurfaceName), "$HOST")
    for target in outcome.targets:
        urls[target.surface] = target.shown_url
    return urls


def verdict(outcome: Outcome) -> str:
    """Say in one sentence how a run went."""
    failing = outcome.failing
    counts = [
        f"{number} {level}" for level in Level if (number := sum(1 for finding in failing if finding.level is level))
    ]
    if outcome.troubles:
        counts.append(f"{len(outcome.troubles)} not done")
    short = "; ".join(outcome.too_little)
    rest = f" {_excluded(outcome)}." if outcome.excluded else ""
    if counts:
        return f"{', '.join(counts)}." + (f" Little more was seen: {short}." if short else "") + rest
    if short:
        return f"Too little was seen to say that host and documents agree: {short}.{rest}"
    number = len(refused(outcome))
    unknown = f"{number} operation{'s were' if number > 1 else ' was'} only refused"
    reasons = [*([_excluded(outcome)] if rest else []), *([unknown] if number else [])]
    return f"Host and documents agree, as far as can be seen: {', '.join(reasons)}." if reasons else _AGREE


def _excluded(outcome: Outcome) -> str:
    total = len(outcome.tallies) + len(outcome.unasked) + len(outcome.excluded)
    number = len(outcome.excluded)
    return f"{number} of {total} operations {'was' if number == 1 else 'were'} left out"


def shortcomings(outcome: Outcome) -> list[str]:
    """Say what is wrong with the run, and not with one operation."""
    return [*(f"{trouble.phase}: {trouble.text}" for trouble in outcome.troubles), *outcome.too_little]


def figures(outcome: Outcome) -> str:
    """Say how much was looked at."""
    asked = sum(sum(tally.statuses.values()) for tally in outcome.tallies) + outcome.passed_over
    events = sum(sum(tally.events.values()) for tally in outcome.tallies)
    succeeded = sum(1 for tally in outcome.tallies if tally.succeeded)
    total = len(outcome.tallies) + len(outcome.unasked)
    streams = f", {events:,} events of streams" if events else ""
    rest = f", {len(outcome.excluded)} left out" if outcome.excluded else ""
    return f"{asked:,} requests{streams}; {succeeded} of {total} operations answered with success{rest}"


def sealed(text: str, outcome: Outcome) -> str:
    """Make sure of the last thing: that no key of the run is in a report."""
    for target in outcome.targets:
        text = target.credentials.hide(text)
    return text
