"""
The report as JUnit XML, which every CI shows: a test for each operation, which fails with what was found of it.

Knows the form as Jenkins, GitLab and GitHub read it.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.text import finding_text
from tensormesh_contract.reports.wording import heading, sealed, shortcomings, shown_urls, verdict, visible


def junit_report(outcome: Outcome) -> str:
    """Write the report."""
    suites = Element("testsuites", {"name": "contract"})
    asked = [target.surface for target in outcome.targets]
    for surface in dict.fromkeys([*asked, *(tally.operation.surface for tally in outcome.tallies)]):
        _suite(suites, outcome, surface)
    _whole(suites, outcome)
    for suite in suites:
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("errors", str(len(suite.findall("testcase/error"))))
        suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
        if outcome.about is not None:
            suite.set("timestamp", outcome.about.began.partition("+")[0])
    indent(suites)
    written = tostring(suites, encoding="unicode")
    return sealed('<?xml version="1.0" encoding="utf-8"?>\n' + written + "\n", outcome)


def _suite(suites: Element, outcome: Outcome, surface: str) -> None:
    suite = SubElement(suites, "testsuite", {"name": surface})
    url = shown_urls(outcome)[surface]
    failing = [one for one in outcome.failing if one.surface == surface]
    labels = [tally.operation.label for tally in outcome.tallies if tally.operation.surface == surface]
    for label in dict.fromkeys([*labels, *(one.operation for one in failing)]):
        case = SubElement(suite, "testcase", {"classname": f"contract.{surface}", "name": label})
        # What several operations share is told once, where it stands first.
        found = [one for one in failing if one.operation == label]
        if found:
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            failure = SubElement(case, "failure", {"message": visible(heading(found[0])) + more})
            failure.text = visible("\n\n".join(finding_text(one, url) for one in found))
    for operations, why in ((outcome.unasked, "not asked"), (outcome.excluded, "left out by --only or --without")):
        for operation in (one for one in operations if one.surface == surface):
            case = SubElement(suite, "testcase", {"classname": f"contract.{surface}", "name": operation.label})
            SubElement(case, "skipped", {"message": why})


def _whole(suites: Element, outcome: Outcome) -> None:
    """What is wrong with the run, and not with one operation."""
    texts = shortcomings(outcome)
    suite = SubElement(suites, "testsuite", {"name": "run"})
    case = SubElement(suite, "testcase", {"classname": "contract", "name": "the whole run"})
    for text in texts:
        SubElement(case, "error", {"message": visible(text)})
    if not texts:
        SubElement(case, "system-out").text = visible(verdict(outcome))
