"""Reports are functions of what a run has shown."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.evaluation.evaluator import Evaluator
from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_contract.exchanges.about import Trouble
from tensormesh_contract.exchanges.exchange import Request
from tensormesh_contract.hosts.credentials import Credentials
from tensormesh_contract.hosts.target import Target
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.curl import curl
from tensormesh_contract.reports.data import json_report
from tensormesh_contract.reports.page import html_report
from tensormesh_contract.reports.text import text_report
from tests.contract.conftest import Surfaces, exchange

EVIL = '<script>alert("1")</script>'


@pytest.fixture
def outcome(surfaces: Surfaces) -> Outcome:
    evaluator = Evaluator(surfaces)
    evaluator.add(exchange("/version", {"version": 1, "more": EVIL}))
    evaluator.add(exchange("/v1/models", {"data": []}))
    target = Target(SurfaceName.SERVERLESS, "https://host.example", Credentials("ak-secret"))
    unasked = [surfaces[SurfaceName.SERVERLESS].by_id("get_health")]
    return Outcome([target], evaluator.findings(), evaluator.tallies(), (), 2, unasked)


def test_the_text_says_what_where_how_often_and_how_to_see_it(outcome: Outcome) -> None:
    text = text_report(outcome)

    assert text.startswith(
        "serverless: https://host.example\n4 requests; 2 of 3 operations answered with success\n1 broken, 1 unknown.\n"
    )
    assert (
        "GET /version  (serverless)\n  broken   other type: `200 version` is an integer, documented as string\n" in text
    )
    assert re.search(
        r"1 request; openapi/inference\.yaml:\d+ /components/schemas/VersionResponse/properties/version/type", text
    )
    assert "curl -sS -i https://host.example/version" in text
    assert "suggestion:\n             type: [string, integer]" in text
    assert "Not asked (1):\n  serverless GET /health" in text
    assert text.endswith("\n1 broken, 1 unknown.\n")


def test_what_was_never_seen_is_listed_on_demand(outcome: Outcome) -> None:
    assert "Not seen, which is no failure (3); --unseen lists it." in text_report(outcome)
    assert "documented, never seen: `200 object` was not in the one object" in text_report(outcome, unseen=True)
    assert "documented header, never seen: `200 x-request-id` was not in" in text_report(outcome, unseen=True)


def test_a_clean_run_says_so(outcome: Outcome) -> None:
    clean = replace(outcome, findings=[])

    assert not clean.failed
    assert text_report(clean).endswith("\nHost and documents agree.\n")
    assert "<h1>Host and documents agree.</h1>" in html_report(clean)


def test_what_was_only_refused_is_listed_and_no_part_of_the_agreement(surfaces: Surfaces) -> None:
    evaluator = Evaluator(surfaces)
    evaluator.add(exchange("/version", {"version": "1"}, headers={"x-request-id": "1"}))
    evaluator.add(exchange("/v1/models", {"error": "Forbidden"}, status=403))
    target = Target(SurfaceName.SERVERLESS, "https://host.example", Credentials("ak-secret"))
    outcome = Outcome([target], evaluator.findings(), evaluator.tallies())
    text, verdict = (
        text_report(outcome),
        "Host and documents agree, as far as can be seen: 1 operation was only refused.",
    )

    assert not outcome.failed
    assert text.endswith(f"\n{verdict}\n")
    assert "Only refused, so that nothing is known (1):\n  GET /v1/models  (serverless)\n    never succeeded: " in text
    assert f"<h1>{verdict}</h1>" in html_report(outcome)


def test_a_terminal_is_told_nothing_by_a_host(surfaces: Surfaces) -> None:
    """Nor is a browser, or a file that wants characters: half a pair of surrogates is none."""
    evaluator = Evaluator(surfaces)
    evaluator.add(exchange("/version", {"version": "1", "\x1b[31m\x9b\u202e": "\ud800\x7f"}))
    target = Target(SurfaceName.SERVERLESS, "https://host.example", Credentials("ak-secret"))
    outcome = Outcome([target], evaluator.findings(), evaluator.tallies())

    for report in (text_report(outcome), html_report(outcome)):
        assert all(one.isprintable() or one == "\n" for one in report)
        assert "\\x1b[31m\\x9b\\u202e" in report
        assert "\\ud800\\x7f" in report


def test_what_could_not_be_done_fails_a_run(outcome: Outcome) -> None:
    troubled = replace(outcome, findings=[], troubles=[Trouble("coverage", "Broken document")])

    assert troubled.failed
    assert "Not done (coverage): Broken document" in text_report(troubled)
    assert "coverage: Broken document" in html_report(troubled)


def test_an_accepted_finding_is_shown_with_its_reason_and_fails_nothing(outcome: Outcome) -> None:
    accepted = replace(outcome, findings=[replace(one, accepted="As agreed.") for one in outcome.findings if one.fails])

    assert not accepted.failed
    assert "Accepted (2):" in text_report(accepted)
    assert "As agreed." in text_report(accepted)
    assert "As agreed." in html_report(accepted)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [str(value) for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_nothing_else_and_runs_nothing_of_the_host(outcome: Outcome) -> None:
    page = Page(html_report(outcome))

    assert "script" not in page.tags
    assert page.links == ["#finding-1", "#finding-2"]
    assert EVIL in page.text.replace('\\"', '"')
    assert "1 broken, 1 unknown." in page.text
    assert "properties:\n  more:" in page.text


def test_the_data_holds_every_finding(outcome: Outcome) -> None:
    report = json.loads(json_report(outcome))

    assert report["failed"] is True
    assert [one["kind"] for one in report["findings"]] == [str(one.kind) for one in outcome.findings]
    (type_finding,) = (one for one in report["findings"] if one["kind"] == Kind.TYPE)
    assert type_finding["place"]["file"] == "openapi/inference.yaml"
    assert type_finding["place"]["line"] > 0
    assert type_finding["curl"] == ["curl -sS -i https://host.example/version"]
    assert report["operations"][0] == {
        "surface": "serverless",
        "operation": "GET /v1/models",
        "operation_id": "list_models",
        "statuses": {"200": 1},
        "events": {},
        "seen": ["200 data"],
    }


def test_a_host_that_is_gone_by_then_is_called_by_a_name(outcome: Outcome) -> None:
    (target,) = outcome.targets
    gone = replace(outcome, targets=[replace(target, base_url="http://127.0.0.1:1234/serverless", own=True)])

    assert 'curl -sS -i "$HOST/version"' in text_report(gone)
    assert "1234" not in text_report(gone) + html_report(gone) + json_report(gone)


def test_behaviour_is_shown_with_all_its_requests(outcome: Outcome, surfaces: Surfaces) -> None:
    operation = surfaces[SurfaceName.SERVERLESS].by_id("get_version")
    requests = (Request("DELETE", "/a"), Request("GET", "/a"))
    found = Finding(
        Kind.BEHAVIOUR, "serverless", "GET /version", "", "still there", "why", operation.node.place, requests=requests
    )
    text = text_report(replace(outcome, findings=[found]))

    assert "  broken   still there\n           why\n" in text
    assert "curl -sS -i -X DELETE https://host.example/a\n           curl -sS -i https://host.example/a\n" in text


def said(line: str, **variables: str) -> list[str]:
    """What curl is given when a shell runs a line."""
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{line}\n"
    done = subprocess.run(["/bin/bash", "-c", script], env=variables, check=True, capture_output=True)
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize(
    "body", ['{"a": "b c"}', 'it\'s $HOME `id` "quoted" \\ $(id) !', '{"key": "$KEY"}', "ünïcode\n\t"]
)
def test_a_shell_sends_what_was_sent(body: str) -> None:
    request = Request(
        "POST", "/v1/x", "q=%20'", {"authorization": "Bearer $KEY", "x-user-id": "$USER_ID"}, body.encode()
    )
    words = said(curl(request, "$HOST"), HOST="http://h", KEY="ak-1", USER_ID="u-1")

    assert words == [
        "-sS", "-i", "-X", "POST", "http://h/v1/x?q=%20'",
        "-H", "Authorization: Bearer ak-1", "-H", "X-User-Id: u-1",
        "--data-binary", body.replace("$KEY", "ak-1"),
    ]  # fmt: skip


def test_a_shell_sends_bytes_that_are_no_text() -> None:
    line = curl(Request("POST", "/x", body=b"\xff\x00\xfe"), "http://h")
    script = f'curl() {{ cat "${{@: -1:1}}" 2>/dev/null || cat "${{!#/@/}}"; }}\n{line}\n'
    script = 'curl() { f="${!#}"; cat "${f#@}"; }\n' + line + "\n"
    done = subprocess.run(["/bin/bash", "-c", script], check=True, capture_output=True)

    assert done.stdout == b"\xff\x00\xfe"


def test_a_line_for_a_shell_shows_all_it_sends() -> None:
    line = curl(Request("POST", "/x", body=b"a\x1b[31mb"), "http://h")

    assert line.isprintable()
    assert line.endswith("--data-binary @<(echo YRtbMzFtYg== | base64 -d)")


def test_what_a_shell_or_curl_would_change_is_kept_from_them() -> None:
    assert "--globoff" in curl(Request("GET", "/a[1]{2}"), "http://h")
    assert "--path-as-is" in curl(Request("GET", "/a/../b"), "http://h")


def test_a_secret_is_nowhere() -> None:
    secret = Credentials("ak-secret", "user-id-1")

    assert "ak-secret" not in repr(secret)
    assert secret.hide("x ak-secret y user-id-1") == "x $KEY y $USER_ID"
    assert secret.hide_bytes(b"ak-secret\xff") == b"$KEY\xff"
    assert secret.shown({"Authorization": "Bearer ak-secret", "Cookie": "c", "Host": "h"}) == {
        "authorization": "Bearer $KEY"
    }
    assert secret.shown({"authorization": "Bearer another-secret"}) == {"authorization": "Bearer another"}


def test_a_word_in_place_of_a_key_does_not_spoil_what_is_said() -> None:
    word = Credentials("none")

    assert word.hide("none of them") == "none of them"
    assert word.shown({"Authorization": "Bearer none"}) == {"authorization": "Bearer $KEY"}


def test_what_the_hosts_own_document_says_otherwise_has_a_place_of_its_own(
    outcome: Outcome, surfaces: Surfaces
) -> None:
    place = surfaces[SurfaceName.SERVERLESS].by_id("get_version").node.place
    found = Finding(Kind.THEIR_FIELD, "serverless", "GET /version", "200", "build", "is in theirs only", place)
    apart = replace(outcome, findings=[found])

    assert not apart.failed
    assert "Apart from the host's own openapi.json, which is no failure (1); --unseen lists it." in text_report(apart)
    assert "200 build" in text_report(apart, unseen=True)
    assert "200 build" in html_report(apart)


def test_a_key_that_a_host_gives_back_is_in_no_report(outcome: Outcome, surfaces: Surfaces) -> None:
    evaluator = Evaluator(surfaces)
    evaluator.add(exchange("/version", {"version": "1", "note": "for ak-secret", "more": {"apiToken": "t0p"}}))
    told = replace(outcome, findings=evaluator.findings())

    for report in (text_report(told), html_report(told), json_report(told)):
        assert "ak-secret" not in report
        assert "t0p" not in report
        assert "for $KEY" in report
