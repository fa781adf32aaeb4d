"""
The report for a browser: one page that needs nothing else.

Knows HTML; uses no scripts, and nothing from elsewhere. What comes from a
host is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from tensormesh_contract.evaluation.evaluator import Tally
from tensormesh_contract.evaluation.findings import Finding
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.curl import curl
from tensormesh_contract.reports.picture import picture
from tensormesh_contract.reports.wording import (
    MOST_LINES,
    MOST_OPERATIONS,
    by_operation,
    example,
    extent,
    figures,
    heading,
    operations,
    origin,
    part,
    places,
    quiet_sections,
    refused,
    sealed,
    shown_urls,
    unasked_sections,
    verdict,
    visible,
)

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 75rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin: 0; font-size: 1.4rem; } h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
code, pre { font: .9em/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; margin: .5rem 0; padding: .5rem .75rem; border-radius: .4rem; background: #8881; }
article { margin: .75rem 0; padding: .5rem 1rem; border-left: .3rem solid #888; background: #8881; }
article.broken { border-color: #d33; } article.unknown { border-color: #d80; }
article p { margin: .25rem 0; } .quiet { opacity: .75; }
table { border-collapse: collapse; width: 100%; } th, td { padding: .2rem .75rem .2rem 0; text-align: left; }
td.number { text-align: right; font-variant-numeric: tabular-nums; } tr { border-bottom: 1px solid #8884; }
summary { cursor: pointer; } svg { max-width: 100%; height: auto; margin: 1rem 0; } svg text { fill: currentColor; }
"""


def html_report(outcome: Outcome) -> str:
    """Write the page."""
    return visible(sealed("\n".join(_parts(outcome)) + "\n", outcome))


def _parts(outcome: Outcome) -> Iterator[str]:
    urls = shown_urls(outcome)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Contract: {escape(verdict(outcome))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{escape(verdict(outcome))}</h1>"
    names = ", ".join(f"{target.surface} ({target.shown_url})" for target in outcome.targets)
    yield f"<p>{escape(names)}: {escape(figures(outcome))}.</p>"
    yield from (f"<p class=quiet>{escape(line)}</p>" for line in origin(outcome))
    yield from (f"<p>{escape(line)}</p>" for line in (*outcome.compared, *outcome.advice))
    yield picture(outcome)
    failing = outcome.failing
    numbers = {id(finding): number for number, finding in enumerate(failing, start=1)}
    if failing:
        yield "<nav><ol>"
        for finding in failing:
            link = f'<a href="#finding-{numbers[id(finding)]}">{_marked(heading(finding))}</a>'
            yield f"<li>{link} <span class=quiet>{escape(operations(finding))}; {escape(extent(finding))}</span></li>"
        yield "</ol></nav>"
    for (surface, operation), findings in by_operation(failing).items():
        yield f"<h2><code>{escape(operation)}</code> <span class=quiet>{escape(surface)}</span></h2>"
        for finding in findings:
            yield from _finding(finding, urls[surface], numbers[id(finding)])
    yield from _section("Accepted", [finding for finding in outcome.findings if finding.accepted])
    yield from _section("Only refused, so that nothing is known", refused(outcome))
    for title, findings in quiet_sections(outcome):
        yield from _section(title, findings)
    for title, unasked in unasked_sections(outcome):
        yield from _list(title, [operation.key for operation in unasked])
    yield from _list("Not done", [f"{trouble.phase}: {trouble.text}" for trouble in outcome.troubles])
    yield from _list("Accepted, and not found this time", [f"{entry.kind} at {entry.at}" for entry in outcome.stale])
    yield from _table(outcome.tallies)
    yield "</body>\n</html>"


def _finding(finding: Finding, base_url: str, number: int) -> Iterator[str]:
    yield f'<article class="{finding.level}" id="finding-{number}">'
    yield f"<p><strong>{escape(finding.level)}</strong> {_marked(heading(finding))}</p>"
    yield f"<p class=quiet>{extent(finding)}; <code>{escape(places(finding))}</code></p>"
    if len(finding.operations) > MOST_OPERATIONS:
        yield f"<p class=quiet>Operations: {escape(', '.join(finding.operations))}</p>"
    if finding.name == heading(finding):
        yield f"<p>{escape(finding.detail)}</p>"
    if finding.hint:
        yield f"<p>{_marked(finding.hint)}</p>"
    if finding.examples:
        yield f"<pre>{escape(chr(10).join(example(value) for value in finding.examples))}</pre>"
    for request in finding.requests:
        yield f"<pre>{escape(curl(request, base_url))}</pre>"
    if finding.parts:
        yield f"<details><summary>Where ({len(finding.parts)})</summary><ul>"
        yield from (f"<li>{_marked(part(one))}</li>" for one in finding.parts)
        yield "</ul></details>"
    if finding.snippet.count("\n") >= MOST_LINES:
        yield f"<details><summary>Suggestion</summary><pre>{escape(finding.snippet)}</pre></details>"
    elif finding.snippet:
        yield f"<p>Suggestion:</p><pre>{escape(finding.snippet)}</pre>"
    yield "</article>"


def _section(title: str, findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        return
    yield f"<details><summary><strong>{escape(title)}</strong> ({len(findings)})</summary>"
    for (surface, operation), group in by_operation(findings).items():
        yield f"<p><code>{escape(operation)}</code> <span class=quiet>{escape(surface)}</span></p><ul>"
        for finding in group:
            why = f" <em>{escape(finding.accepted)}</em>" if finding.accepted else ""
            seen = "".join(f" <code>{escape(example(value))}</code>" for value in finding.examples)
            place = f"<code class=quiet>{escape(str(finding.place))}</code>"
            yield f"<li>{_marked(heading(finding))}{seen} {place}{why}</li>"
        yield "</ul>"
    yield "</details>"


def _list(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"<details><summary><strong>{escape(title)}</strong> ({len(items)})</summary><ul>"
        yield from (f"<li>{escape(item)}</li>" for item in items)
        yield "</ul></details>"


def _table(tallies: Sequence[Tally]) -> Iterator[str]:
    yield "<details><summary><strong>What was answered</strong></summary><table>"
    yield "<tr><th>operation<th>surface<th>answers<th>events</tr>"
    for tally in tallies:
        answers = ", ".join(f"{status}: {count:,}" for status, count in sorted(tally.statuses.items()))
        events = f"{sum(tally.events.values()):,}" if tally.events else ""
        cells = f"<td><code>{escape(tally.operation.label)}</code><td>{escape(tally.operation.surface)}"
        yield f"<tr>{cells}<td>{answers}<td class=number>{events}</tr>"
    yield "</table></details>"


def _marked(text: str) -> str:
    """Escape a sentence; what stands between backticks is code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
