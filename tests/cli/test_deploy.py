"""`tm models deploy`: the price in the question, and waiting until it is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tensormesh_cli.account.hourly_price import UNKNOWN, sentence
from tensormesh_local import LocalHost, Options
from tests.cases import cases
from tests.cli.conftest import NOW, Tm

DEPLOY = ["models", "deploy", "--model-name", "mine", "--model-path", "openai/gpt-oss-20b"]
H200 = [*DEPLOY, "--gpu-count", "2", "--gpu-type", "h200"]
PRICES = [
    {
        "gpuType": f"GPU_TYPE_{gpu}",
        "cloudProvider": f"CLOUD_PROVIDER_{provider}",
        "hourlyRate": rate,
        "isActive": active,
    }
    for gpu, provider, rate, active in (
        ("H200", "NEBIUS", {"currencyCode": "USD", "units": "3", "nanos": 500_000_000}, True),
        ("H200", "YOTTA", {"currencyCode": "USD", "units": "3", "nanos": 400_000_000}, True),
        ("H200", "LAMBDA", {"currencyCode": "USD", "units": "1"}, False),
        ("B200", "NEBIUS", {"currencyCode": "EUR", "units": "5"}, True),
    )
]


@cases(
    ("request_", "said"),
    [
        (
            {"gpuType": "GPU_TYPE_H200", "gpuCount": 2, "infra": {"cloudProvider": "CLOUD_PROVIDER_NEBIUS"}},
            "It costs 7.00 USD an hour (2 x h200 at nebius) until it is deleted.",
        ),
        (
            {"gpuType": "GPU_TYPE_H200", "gpuCount": 2},
            "It costs 6.80 to 7.00 USD an hour (2 x h200) until it is deleted.",
        ),
        ({"gpuType": "GPU_TYPE_B200"}, "It costs 5.00 EUR an hour (each b200) until it is deleted."),
        ({"gpuType": "GPU_TYPE_A100", "gpuCount": 1}, UNKNOWN),
        ({"gpuType": "GPU_TYPE_UNSPECIFIED"}, UNKNOWN),
        ({"gpuType": 7, "infra": "x", "gpuCount": "many"}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_the_price_is_that_of_all_gpus_where_they_would_run(request_: dict[str, Any], said: str) -> None:
    assert sentence(request_, PRICES) == said


@pytest.mark.parametrize("units", ["x", "9" * 30, [1]])
def test_a_rate_that_is_none_is_left_out(units: Any) -> None:
    rate = {"gpuType": "h200", "hourlyRate": {"currencyCode": "USD", "units": units}}

    assert sentence({"gpuType": "h200", "gpuCount": 1}, [rate]) == UNKNOWN


def test_the_question_names_the_price(tm: Tm, host: LocalHost) -> None:
    outcome = tm(*H200, "--infra-json", '{"cloudProvider": "CLOUD_PROVIDER_YOTTA"}', input="n\n")

    assert outcome.code == 1
    assert "It costs 6.80 USD an hour (2 x h200 at yotta) until it is deleted. Deploy a model (" in outcome.stderr
    assert [item.method for item in host.requests] == ["GET"]


def test_a_price_in_json_counts_too(tm: Tm) -> None:
    outcome = tm("models", "deploy", "--json", '{"gpuType": "GPU_TYPE_H200", "gpuCount": 1}', input="n\n")

    assert "It costs 3.40 to 3.50 USD an hour (1 x h200)" in outcome.stderr


def test_a_price_that_cannot_be_had_is_no_reason_not_to_ask(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"status": 500})

    assert "could not be looked up. Deploy a model (" in tm(*H200, input="n\n").stderr


def test_nothing_is_looked_up_where_nobody_is_asked(tm: Tm, host: LocalHost) -> None:
    assert tm(*H200, "--yes").code == 0
    assert [item.method for item in host.requests] == ["POST"]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time passes for whoever waits, and the clock of the machine does not."""
    passed: list[float] = []
    real = time.monotonic

    monkeypatch.setattr("time.sleep", passed.append)
    monkeypatch.setattr("time.monotonic", lambda: real() + sum(passed))
    return passed


def model(status: str, *lines: str) -> dict[str, Any]:
    events = [{"log": line} for line in lines]
    return {"model": {"modelId": "m-1", "modelName": "mine", "status": f"MODEL_STATUS_{status}", "events": events}}


@pytest.fixture
def answers(host: LocalHost) -> Callable[..., None]:
    def add(*bodies: Any) -> None:
        for body in bodies:
            host.faults.add(body if "status" in body else {"status": 200, "body": body})

    return add


def test_whoever_waits_gets_the_deployment_when_it_is_up(
    tm: Tm, host: LocalHost, answers: Callable[..., None], pauses: list[float]
) -> None:
    answers(model("DEPLOYING"), model("DEPLOYING", "Pulling"), {"status": 503}, model("UP", "Pulling", "Started"))

    outcome = tm("-o", "json", *H200, "--yes", "--wait")

    assert outcome.code == 0, outcome.stderr
    assert outcome.json["model"]["status"] == "MODEL_STATUS_UP"
    assert outcome.stderr.splitlines() == ["Pulling", "Started"], "each is told once"
    assert len(pauses) == 3
    assert [item.method for item in host.requests] == ["POST", "GET", "GET", "GET"]


def test_a_deployment_comes_up_by_itself(make_tm: Callable[..., Tm], pauses: list[float]) -> None:
    """By a clock that goes on while somebody waits."""
    clock = lambda: NOW + timedelta(seconds=sum(pauses))  # noqa: E731
    with LocalHost(Options(clock=clock, deploy_seconds=10)) as host:
        outcome = make_tm(**host.environment())(*H200, "--yes", "--wait", "--query", "model.status")

    assert (outcome.code, outcome.stdout) == (0, "MODEL_STATUS_UP\n")
    assert outcome.stderr.splitlines()[-1] == "Application startup complete."
    assert sum(pauses) == 12


@pytest.mark.parametrize("status", ["FAILED", "DELETED", "START_ERROR"])
def test_a_deployment_that_will_not_come_up_is_told(
    tm: Tm, answers: Callable[..., None], pauses: list[float], status: str
) -> None:
    answers(model("DEPLOYING"), model(status, "Out of memory"))

    outcome = tm("--error-format", "json", *H200, "--yes", "--wait", "--quiet")

    assert outcome.code == 1
    assert outcome.error["message"].endswith("and said last: Out of memory.")
    assert "tm models delete m-1" in outcome.error["hint"]


def test_a_wait_has_an_end_and_says_that_it_costs_money(
    tm: Tm, answers: Callable[..., None], pauses: list[float]
) -> None:
    answers(*[model("DEPLOYING")] * 5)

    outcome = tm("--error-format", "json", *H200, "--yes", "--wait", "--max-wait-seconds", "7")

    assert (outcome.code, outcome.error["kind"]) == (7, "timeout")
    assert "costs money" in outcome.error["hint"]
    assert sum(pauses) <= 7


def test_ctrl_c_ends_the_wait_and_not_the_deployment(
    tm: Tm, answers: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted)
    answers(model("DEPLOYING"))

    outcome = tm("--error-format", "json", *H200, "--yes", "--wait")

    assert outcome.code == 130
    assert "the deployment goes on" in outcome.stderr
