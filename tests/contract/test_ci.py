"""What a CI reads: JUnit, SARIF, differences that are known, and what is new since an earlier report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from tensormesh_contract.comparison import ComparisonError, read_report
from tensormesh_local import LocalHost
from tests.contract.conftest import Sent, drifting, main

type Asked = Callable[..., int]


@pytest.fixture
def asked(host: LocalHost, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Ask a host that drifts, gently; gives the exit status."""
    monkeypatch.setenv("KEY", host.inference_api_key)

    def ask(change: Callable[[Sent], None], *options: str) -> int:
        with drifting(host.base_url, change) as url:
            return main(["--host", f"{url}/serverless", "--gentle", "--rate", "1000", "--quiet", *options])

    return ask


def clean(sent: Sent) -> None:
    del sent


def adds(sent: Sent) -> None:
    """A header to all answers, a field to one, and a value that no document knows."""
    sent.headers["x-trace"] = "1"
    if sent.path.endswith("/version"):
        sent.json = {**sent.json, "build*": 7}
    if sent.path.endswith("/v1/models"):
        sent.json = {**sent.json, "object": "[list]"}


def test_junit_has_a_test_for_each_operation_and_says_what_failed(asked: Asked, tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"

    assert asked(adds, "--junit", str(file)) == 1
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314 - of our own making
    suite, run = root.findall("testsuite")
    failed = {one.get("name"): one.find("failure") for one in suite if one.find("failure") is not None}

    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("serverless", "8", "3")
    assert failed.keys() == {"POST /v1/chat/completions", "GET /v1/models", "GET /version"}
    version = failed["GET /version"]
    assert version is not None
    assert "build*" in str(version.get("message"))
    assert "curl -sS" in str(version.text)
    assert (run.get("name"), run.get("errors")) == ("run", "0")


def test_junit_says_that_too_little_was_seen(asked: Asked, tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"

    assert asked(clean, "--at-least", "100", "--junit", str(file)) == 0
    assert asked(_few, "--junit", str(file)) == 2
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314 - of our own making
    (error,) = root.iter("error")
    assert "operations answered with success" in str(error.get("message"))


def _few(sent: Sent) -> None:
    if not sent.path.endswith(("/v1/completions", "/v1/chat/completions")):
        sent.refuse(404, "Not Found")


def test_sarif_points_at_the_line_of_the_document(asked: Asked, tmp_path: Path) -> None:
    file = tmp_path / "report.sarif"

    asked(adds, "--sarif", str(file))
    (run,) = json.loads(file.read_text(encoding="utf-8"))["runs"]
    rules = {one["id"] for one in run["tool"]["driver"]["rules"]}
    by_rule = {one["ruleId"]: one for one in run["results"]}
    place: Any = by_rule["undocumented-field"]["locations"][0]["physicalLocation"]

    assert rules == by_rule.keys()
    assert place["artifactLocation"]["uri"] == "openapi/inference.yaml"
    assert place["region"]["startLine"] > 1
    assert {one["level"] for one in run["results"]} == {"warning"}
    # A header that all answers have is one result with many places.
    assert len(by_rule["undocumented-header"]["relatedLocations"]) > 5


def test_what_is_written_for_accept_is_accepted(
    asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "accepted.yaml"

    assert asked(adds, "--write-accept", str(file)) == 1
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert all(entry["why"].startswith("Not decided yet.") for entry in entries)
    # A star that is meant is no pattern.
    assert {entry.get("name") for entry in entries} >= {"x-trace", "build[*]"}

    assert asked(adds, "--accept", str(file)) == 0
    assert "Accepted, and not found" not in capsys.readouterr().out

    def more(sent: Sent) -> None:
        adds(sent)
        if sent.path.endswith("/version"):
            sent.json = {**sent.json, "builder": 7}

    assert asked(more, "--accept", str(file)) == 1


def test_a_pattern_accepts_a_family(asked: Asked, tmp_path: Path) -> None:
    def proxy(sent: Sent) -> None:
        sent.headers |= {f"x-litellm-{name}": "1" for name in ("a", "b", "c", "d")}

    file, written = tmp_path / "accepted.yaml", tmp_path / "written.yaml"
    file.write_text("- {kind: undocumented header, at: '*', name: x-litellm-*, why: Of the proxy.}", encoding="utf-8")

    assert asked(proxy, "--write-accept", str(written)) == 1
    (entry,) = yaml.safe_load(written.read_text(encoding="utf-8"))
    assert (entry["name"], entry["at"]) == ("x-litellm-*", "*")
    assert asked(proxy, "--accept", str(file)) == 0


def test_only_what_is_new_since_an_earlier_report_counts(
    asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old.json"
    assert asked(adds, "--json", str(old)) == 1

    assert asked(adds, "--compare", str(old)) == 0

    def more(sent: Sent) -> None:
        adds(sent)
        if sent.path.endswith("/health"):
            sent.headers["x-more"] = "1"

    capsys.readouterr()
    assert asked(more, "--compare", str(old)) == 1
    out = capsys.readouterr().out
    assert "undocumented header: `200 x-more` is sent" in out
    assert "1 unknown.\n" in out

    assert asked(clean, "--compare", str(old)) == 0
    assert "Gone since then: undocumented header" in capsys.readouterr().out


def test_what_came_then_and_comes_no_more_counts_though_it_is_optional(
    asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old.json"
    assert asked(clean, "--json", str(old)) == 0

    def without(sent: Sent) -> None:
        sent.headers.pop("x-request-id", None)
        if sent.path.endswith("/v1/models"):
            listed = sent.json
            for model in listed["data"]:
                del model["max_model_len"]
            sent.json = listed

    assert asked(without) == 0
    capsys.readouterr()
    assert asked(without, "--compare", str(old)) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "no longer: `200 x-request-id` was sent in old.json" in out
    assert "no longer: `200 data[] max_model_len` was sent in old.json" in out


def test_an_operation_that_succeeded_then_and_not_now_counts(
    asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old.json"
    asked(clean, "--json", str(old))

    def gone(sent: Sent) -> None:
        if sent.path.endswith("/tokenize"):
            sent.refuse(404, "Not Found")

    assert asked(gone, "--compare", str(old)) == 1
    assert "POST /tokenize  (serverless)" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"findings": 1}'])
def test_what_is_no_earlier_report_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "old.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ComparisonError, match=r"old\.json is no report that --json wrote"):
        read_report(file)
