"""`tm contract`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tensormesh_contract.command_line import contract as program
from tensormesh_contract.session import NothingEvaluatedError
from tensormesh_local import LocalHost
from tests.cli.conftest import Tm
from tests.cli.processes import TM, environment, run, until

FAST = ("--rate", "1000")
"""A gentle run asks once a second, and a host of a test needs no such care."""

Given = list[tuple[dict[str, Any], dict[str, str]]]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """What `tm` hands over: options and variables. Nobody is asked."""
    found: Given = []

    def report(options: dict[str, Any], environment: dict[str, str], tell: Any) -> Any:
        found.append((options, environment))
        raise NothingEvaluatedError("Nobody was asked.")

    monkeypatch.setattr("tensormesh_contract.session.report", report)
    return found


def test_the_configured_host_is_checked_against_the_documents(tm: Tm, host: LocalHost) -> None:
    done = run(tm, "contract", "--gentle", *FAST)

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Host and documents agree."), done.stderr
    assert done.stderr == f"serverless: reading along the links of {host.serverless_base_url}\n"
    assert host.inference_api_key not in done.stdout + done.stderr
    assert {request.status for request in host.requests} <= {200, 401, 404}


def test_the_report_comes_in_every_form(tm: Tm, host: LocalHost, tmp_path: Path) -> None:
    """With a difference in it: the host knows more kinds of transactions than the document."""
    file = tmp_path / "report.json"
    outcome = tm("contract", "--surface", "control-plane", "--gentle", *FAST, "-o", "json", "--json", str(file))

    assert outcome.code == 1
    assert outcome.stderr == ""
    assert outcome.json["failed"] is True
    assert {finding["level"] for finding in outcome.json["findings"]} == {"unknown", "unseen"}
    assert file.exists()
    assert host.control_plane_token not in outcome.stdout + file.read_text()


def test_a_fuzz_run_is_as_short_as_wanted(tm: Tm, host: LocalHost) -> None:
    options = ["--surface", "on-demand", "--phases", "examples", "--cases", "1", "--seed", "3"]

    report = tm.ok("contract", *options)

    assert len(report["operations"]) == 8
    assert len(host.requests) > 20


def test_a_report_is_made_of_what_was_saved(tm: Tm, offline: Tm, host: LocalHost, tmp_path: Path) -> None:
    file = tmp_path / "seen.jsonl"
    tm.ok("contract", "--gentle", *FAST, "--save", str(file))
    asked = len(host.requests)

    for option in ("--evaluate", "--judge"):  # the second is its old name
        assert offline.ok("contract", option, str(file))["failed"] is False
    assert len(host.requests) == asked
    assert host.inference_api_key not in file.read_text()


@pytest.mark.parametrize("form", ["text", "json"])
def test_ctrl_c_ends_it_with_the_report_of_what_was_seen(tm: Tm, host: LocalHost, form: str) -> None:
    host.faults.add({"delay_seconds": 30, "match": {"path": "*/version"}})
    command = [*TM, "contract", "--gentle", *FAST, "--quiet", "--output", form]

    with subprocess.Popen(command, env=environment(tm), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until(lambda: any(request.path.endswith("/version") for request in host.requests))
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=10)

    assert (process.returncode, stderr) == (130, b"")
    assert b"what came after Ctrl-C was not asked" in stdout


def test_the_key_of_the_settings_is_handed_on_unseen(tm: Tm, given: Given, host: LocalHost) -> None:
    """Neither as an option, nor to the programs that this one may start."""
    tm("contract")

    ((options, variables),) = given
    assert (options["host"], options["surface"]) == (host.serverless_base_url, "serverless")
    assert variables[options["key_env"]] == host.inference_api_key
    assert host.inference_api_key not in str(options)
    assert "KEY" not in os.environ


def test_what_is_not_given_is_as_the_program_has_it(tm: Tm, given: Given) -> None:
    tm("contract")

    theirs = program.make_context("contract", []).params
    del theirs["quiet"]
    assert given[0][0] == theirs | {name: given[0][0][name] for name in ("host", "surface", "key_env")}


def test_an_address_may_end_in_v1(tm: Tm, given: Given, host: LocalHost) -> None:
    tm("contract", TENSORMESH_SERVERLESS_BASE_URL=f"{host.serverless_base_url}/v1/")

    assert given[0][0]["host"] == host.serverless_base_url


def test_the_login_opens_the_control_plane(logged_in: Tm, given: Given, host: LocalHost) -> None:
    logged_in("contract", "--surface", "control-plane")

    ((options, variables),) = given
    assert (options["host"], options["surface"]) == (host.control_plane_base_url, "control-plane")
    assert variables["KEY"] in (logged_in.home / "auth.json").read_text()


def test_on_demand_takes_the_user_of_the_login(tm: Tm, given: Given, host: LocalHost) -> None:
    tm("contract", "--surface", "on-demand", TENSORMESH_ON_DEMAND_USER_ID="")

    assert given[0][0]["user_id"] == host.on_demand_user_id


def test_a_key_of_ones_own_may_be_named(tm: Tm, given: Given) -> None:
    tm("contract", "--key-env", "MINE", MINE="ak-of-my-own")
    ((options, variables),) = given
    assert variables[options["key_env"]] == "ak-of-my-own"

    assert "the variable MINE is not set" in tm("contract", "--key-env", "MINE").stderr


def test_another_host_gets_none_of_the_keys_that_tm_keeps(logged_in: Tm, given: Given) -> None:
    logged_in.ok("init", "--sync")

    logged_in("contract", "--host", "https://elsewhere.example", "--surface", "control-plane")

    ((options, variables),) = given
    assert (options["host"], options["surface"]) == ("https://elsewhere.example", "control-plane")
    assert not variables.keys() & {"KEY", "TENSORMESH_CONTROL_PLANE_TOKEN", "TENSORMESH_INFERENCE_API_KEY"}


def test_the_certificates_of_the_settings_are_trusted(tm: Tm, given: Given) -> None:
    import certifi

    tm("contract", "--ca-bundle", certifi.where())

    assert given[0][1]["SSL_CERT_FILE"] == certifi.where()
    assert "SSL_CERT_FILE" not in os.environ


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"TENSORMESH_INFERENCE_API_KEY": ""}, "There is no key for inference."),
        ({"TENSORMESH_SERVERLESS_BASE_URL": "nowhere"}, "serverless_base cannot be used"),
        (
            {"TENSORMESH_SERVERLESS_BASE_URL": "http://127.0.0.1:9"},
            "Nothing succeeded, so there is nothing to evaluate",
        ),
    ],
)
def test_a_host_that_cannot_be_asked_ends_it_with_2(tm: Tm, variables: dict[str, str], message: str) -> None:
    """1 would say that host and documents differ."""
    outcome = tm("--error-format", "json", "contract", "--gentle", *FAST, **variables)

    assert outcome.code == 2
    assert message in outcome.error["message"]
    assert outcome.stdout == ""


def test_a_wrong_token_is_no_agreement(tm: Tm) -> None:
    control_plane = ["contract", "--surface", "control-plane", "--gentle", *FAST]

    assert tm(*control_plane, "-o", "json", TENSORMESH_CONTROL_PLANE_TOKEN="wrong").error["kind"] == "not_evaluated"


def test_errors_for_machines_go_with_text(tm: Tm) -> None:
    outcome = tm("--error-format", "json", "contract", "--gentle", *FAST)

    assert (outcome.code, outcome.stderr) == (0, "")
    assert outcome.stdout.endswith("Host and documents agree.\n")


def test_a_missing_extra_is_told(tm: Tm, tmp_path: Path) -> None:
    """Reading needs no more than `tm`; making requests up does."""
    (tmp_path / "schemathesis.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'schemathesis'\", name='schemathesis')\n"
    )
    tm.env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(Path.cwd())])

    assert run(tm, "contract", "--gentle", *FAST).returncode == 0
    done = run(tm, "contract", "--quiet")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Error: No module named 'schemathesis'. Install what this needs:"
        " pip install pydantic pyyaml schemathesis starlette uvicorn;"
        " or, in a clone of this project, pip install '.[contract]'.\n"
    )


def test_its_options_are_those_of_the_program(offline: Tm) -> None:
    said = offline("contract", "--help").stdout

    for item in program.params:
        assert (item.opts[0] in re.findall(r"--[a-z-]+", said)) is (item.name != "quiet")  # of every command


@pytest.mark.parametrize("option", [["--rate", "nan"], ["--phases", "all"], ["--surface", "x"]])
def test_a_wrong_option_is_told_as_by_every_command(offline: Tm, option: list[str]) -> None:
    outcome = offline("--error-format", "json", "contract", *option)

    assert (outcome.code, outcome.error["kind"]) == (2, "usage")
    assert outcome.error["message"].startswith(f"Invalid value for '{option[0]}': ")
