"""What the engine answers is what the documents say: to every question here, and to those the contract makes up."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from tensormesh_contract.command_line import contract
from tensormesh_contract.documents.operations import SurfaceName, read_surfaces
from tensormesh_contract.evaluation.evaluator import Evaluator
from tensormesh_contract.evaluation.findings import Kind, Level
from tensormesh_contract.exchanges.exchange import Answer, Exchange, Request
from tests.live.conftest import LIVE, NOT_LIVE, TIMEOUT_SECONDS, Host
from tests.live.engine.process import Engine
from tests.live.questions import QUESTIONS, REFUSED, Question

if not LIVE:
    pytest.skip(NOT_LIVE, allow_module_level=True)

ACCEPTED = Path(__file__).with_name("accepted.yaml")
DECISIONS = Path(__file__).resolve().parents[2] / "docs" / "evidence" / "live-host.md"
FAILING = (Level.BROKEN, Level.UNKNOWN)


def decided() -> dict[str, set[str]]:
    """What the lists of the document name: places by operation, and fields by schema."""
    _, _, text = DECISIONS.read_text(encoding="utf-8").partition("\n## Where the documents differ\n")
    found: dict[str, set[str]] = {}
    for item in re.findall(r"^- (.+(?:\n  .+)*)", text, re.MULTILINE):
        subject, *places = re.findall(r"`([^`]+)`", item)
        found.setdefault(subject, set()).update(places or {""})
    return found


def place(finding: dict[str, str]) -> str:
    return f"{finding['where']} {finding['name']}".strip().removeprefix("request ")


@pytest.fixture(scope="module")
def evaluator(one_engine: Engine) -> Evaluator:
    """Of the engine's answers to all questions."""
    one_engine.run()
    host = Host(one_engine.url, one_engine.key, one_engine.model, one_engine.url, one_engine)
    evaluator = Evaluator(read_surfaces())
    for question in [*QUESTIONS, *REFUSED]:
        evaluator.add(exchange(host, question))
    return evaluator


def exchange(host: Host, question: Question) -> Exchange:
    headers = {"authorization": f"Bearer {host.key}"} if question.key else {}
    body = b"" if question.body is None else json.dumps({"model": host.model, **question.body}).encode()
    method = "GET" if question.body is None else "POST"
    answer = httpx.request(
        method,
        host.url + question.path,
        content=body,
        headers={**headers, "content-type": "application/json"},
        timeout=TIMEOUT_SECONDS,
        trust_env=False,
    )
    return Exchange(
        SurfaceName.SERVERLESS,
        Request(method, question.path, body=body),
        Answer(answer.status_code, tuple(answer.headers.items()), answer.content),
    )


def test_every_answer_is_documented(evaluator: Evaluator) -> None:
    failing = [finding for finding in evaluator.findings() if finding.level in FAILING]

    assert [f"{one.operation}: {one.kind}: {one.where} {one.name} {one.detail}" for one in failing] == []
    assert evaluator.passed_over == 0


def test_what_is_documented_and_was_not_seen_is_listed(evaluator: Evaluator) -> None:
    places = [one.place.keys for one in evaluator.findings() if one.kind is Kind.NEVER_SEEN]
    unseen = {(schema, field) for *_, schema, _, field in places}

    assert unseen == {(schema, field) for schema, fields in decided().items() if " " not in schema for field in fields}


def test_the_engine_keeps_its_contract(direct: Host, tmp_path: Path) -> None:
    """But for what is accepted; and all in which its own document differs from ours is decided."""
    report = tmp_path / "report.json"
    options = ["--quiet", "--cases", "10", "--accept", str(ACCEPTED), "--json", str(report)]

    done = run(direct, *options)

    assert done.exit_code == 0, done.output
    findings = json.loads(report.read_text(encoding="utf-8"))["findings"]
    counted = [one for one in findings if one["accepted"] or one["level"] == "apart"]
    reported = {(operation, place(one)) for one in counted for operation in one["operations"]}
    assert reported == {
        (operation, one) for operation, places in decided().items() if " " in operation for one in places
    }


def test_our_host_does_not_break_it(relayed: Host) -> None:
    done = run(relayed, "--quiet", "--gentle", "--rate", "20")

    assert done.exit_code == 0, done.output


def run(host: Host, *options: str) -> Result:
    """Check a host against the documents."""
    words = ["--host", host.url, "--surface", "serverless", *options]
    return CliRunner().invoke(contract, words, env={"KEY": host.key})
