"""
The words that all reports share.

Knows how a finding reads in a sentence; does not lay anything out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.evaluation.findings import Finding, Kind, Level
from tensormesh_contract.outcome import Outcome
from tensormesh_documents.json_types import Json

SHOWN_CHARACTERS = 160
_NOT_ASCII = re.compile(r"[^ -~\n\t]")
_NAMED_IN_DETAIL = frozenset({Kind.TYPE, Kind.FORMAT, Kind.MEDIA_TYPE})
"""Their name is the type, and not a part of the way to the value."""
_WHOLE = {Kind.NO_ANSWER: "the host ", Kind.NEVER_SUCCEEDED: "the host ", Kind.THEIR_DOCUMENT: ""}
"""What a sentence is about that is not about an answer."""


def heading(finding: Finding) -> str:
    """Say what a finding is and what it is about."""
    if finding.kind is Kind.BEHAVIOUR:
        return finding.name
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


def times(count: int) -> str:
    """Say how often."""
    return "once" if count == 1 else f"{count:,} times"


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


def by_operation(findings: Iterable[Finding]) -> dict[tuple[str, str], list[Finding]]:
    """Group findings by surface and operation, in their order."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        found.setdefault((finding.surface, finding.operation), []).append(finding)
    return found


def shown_urls(outcome: Outcome) -> Mapping[str, str]:
    """Give the address of each surface as it is to be printed; of one that nobody was asked on, a name for it."""
    urls = dict.fromkeys(map(str, SurfaceName), "$HOST")
    for target in outcome.targets:
        urls[target.surface] = target.shown_url
    return urls


def verdict(outcome: Outcome) -> str:
    """Say in one sentence how a run went."""
    failing = [finding for finding in outcome.findings if finding.fails]
    counts = [
        f"{number} {level}" for level in Level if (number := sum(1 for finding in failing if finding.level is level))
    ]
    if outcome.troubles:
        counts.append(f"{len(outcome.troubles)} not done")
    if counts:
        return f"{', '.join(counts)}."
    number = len(refused(outcome))
    unknown = f"{number} operation{'s were' if number > 1 else ' was'} only refused"
    return f"Host and documents agree, as far as can be seen: {unknown}." if number else "Host and documents agree."


def figures(outcome: Outcome) -> str:
    """Say how much was looked at."""
    asked = sum(sum(tally.statuses.values()) for tally in outcome.tallies) + outcome.passed_over
    events = sum(sum(tally.events.values()) for tally in outcome.tallies)
    succeeded = sum(1 for tally in outcome.tallies if tally.succeeded)
    total = len(outcome.tallies) + len(outcome.unasked)
    streams = f", {events:,} events of streams" if events else ""
    return f"{asked:,} requests{streams}; {succeeded} of {total} operations answered with success"


def sealed(text: str, outcome: Outcome) -> str:
    """Make sure of the last thing: that no key of the run is in a report."""
    for target in outcome.targets:
        text = target.credentials.hide(text)
    return text
