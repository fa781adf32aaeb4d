"""`tm contract`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from tensormesh_cli.commands.contract import PHASES, contract
from tensormesh_contract.asking.plan import PHASES as THEIRS
from tensormesh_contract.command_line import parser
from tensormesh_local import LocalHost
from tests.cli.conftest import Tm
from tests.cli.processes import run

Started = list[tuple[list[str], dict[str, str]]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """What `tm` hands over to: words and environment."""
    found: Started = []
    monkeypatch.setattr("os.execve", lambda program, words, variables: found.append((words[3:], dict(variables))))
    # In place of a process that has gone there is a command that goes on.
    monkeypatch.setattr("tensormesh_cli.commands.contract._report", lambda *rest, **more: None)
    return found


def test_the_configured_host_is_held_against_the_documents(tm: Tm, host: LocalHost) -> None:
    done = run(tm, "contract", "--gentle")

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Host and documents agree."), done.stderr
    assert done.stderr == f"serverless: reading along the links of {host.serverless_base_url}\n"
    assert host.inference_api_key not in done.stdout + done.stderr
    assert {request.status for request in host.requests} <= {200, 404}


def test_the_report_comes_in_every_form(tm: Tm, host: LocalHost, tmp_path: Path) -> None:
    """With a difference in it: the host knows more kinds of transactions than the document."""
    file = tmp_path / "report.json"
    outcome = tm("contract", "--surface", "control-plane", "--gentle", "-o", "json", "--json", str(file))

    assert outcome.code == 1
    assert outcome.stderr == ""
    assert outcome.json["failed"] is True
    assert {finding["level"] for finding in outcome.json["findings"]} == {"unknown", "unseen"}
    assert file.exists()
    assert host.control_plane_token not in outcome.stdout + file.read_text()


def test_a_campaign_is_as_short_as_wanted(tm: Tm, host: LocalHost) -> None:
    options = ["--surface", "on-demand", "--phases", "examples", "--cases", "1", "--seed", "3"]

    report = tm.ok("contract", *options)

    assert len(report["operations"]) == 8
    assert len(host.requests) > 20


def test_a_report_is_made_of_what_was_saved(tm: Tm, offline: Tm, host: LocalHost, tmp_path: Path) -> None:
    file = tmp_path / "seen.jsonl"
    tm.ok("contract", "--gentle", "--save", str(file))
    asked = len(host.requests)

    assert offline.ok("contract", "--judge", str(file))["failed"] is False
    assert len(host.requests) == asked
    assert host.inference_api_key not in file.read_text()


def test_the_key_of_the_settings_is_handed_on_unseen(tm: Tm, started: Started, host: LocalHost) -> None:
    """Other users can read a command line."""
    tm("contract", "--quiet")

    ((words, variables),) = started
    assert words == [f"--host={host.serverless_base_url}", "--surface=serverless", "--key-env=KEY", "--quiet"]
    assert variables["KEY"] == host.inference_api_key


def test_an_address_may_end_in_v1(tm: Tm, started: Started, host: LocalHost) -> None:
    tm("contract", TENSORMESH_SERVERLESS_BASE_URL=f"{host.serverless_base_url}/v1/")

    assert started[0][0][0] == f"--host={host.serverless_base_url}"


def test_the_login_opens_the_control_plane(logged_in: Tm, started: Started, host: LocalHost) -> None:
    logged_in("contract", "--surface", "control-plane")

    ((words, variables),) = started
    assert words == [f"--host={host.control_plane_base_url}", "--surface=control-plane", "--key-env=KEY"]
    assert variables["KEY"] in (logged_in.home / "auth.json").read_text()


def test_on_demand_takes_the_user_of_the_login(tm: Tm, started: Started, host: LocalHost) -> None:
    tm("contract", "--surface", "on-demand", TENSORMESH_ON_DEMAND_USER_ID="")

    assert f"--user-id={host.on_demand_user_id}" in started[0][0]


def test_a_key_of_ones_own_may_be_named(tm: Tm, started: Started) -> None:
    tm("contract", "--key-env", "MINE", MINE="ak-of-my-own")
    assert started[0][1]["KEY"] == "ak-of-my-own"

    assert "the variable MINE is not set" in tm("contract", "--key-env", "MINE").stderr


def test_another_host_gets_none_of_the_keys_that_tm_keeps(logged_in: Tm, started: Started) -> None:
    logged_in.ok("init", "--sync")

    logged_in("contract", "--host", "https://elsewhere.example", "--surface", "control-plane")

    ((words, variables),) = started
    assert words == ["--host=https://elsewhere.example", "--surface=control-plane"]
    assert not variables.keys() & {"KEY", "TENSORMESH_CONTROL_PLANE_TOKEN", "TENSORMESH_INFERENCE_API_KEY"}


def test_the_certificates_of_the_settings_are_trusted(tm: Tm, started: Started) -> None:
    import certifi

    tm("contract", "--ca-bundle", certifi.where())

    variables = started[0][1]
    assert variables["SSL_CERT_FILE"] == variables["REQUESTS_CA_BUNDLE"] == certifi.where()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"TENSORMESH_INFERENCE_API_KEY": ""}, "There is no key for inference."),
        ({"TENSORMESH_SERVERLESS_BASE_URL": "nowhere"}, "serverless_base cannot be used"),
        ({"TENSORMESH_SERVERLESS_BASE_URL": "http://127.0.0.1:9"}, "Nothing succeeded, so there is nothing to judge"),
    ],
)
def test_a_host_that_cannot_be_asked_ends_it_with_2(tm: Tm, variables: dict[str, str], message: str) -> None:
    """1 would say that host and documents part."""
    outcome = tm("--error-format", "json", "contract", "--gentle", **variables)

    assert outcome.code == 2
    assert message in outcome.error["message"]
    assert outcome.stdout == ""


def test_a_wrong_token_is_no_agreement(tm: Tm) -> None:
    control_plane = ["contract", "--surface", "control-plane", "--gentle"]

    assert tm(*control_plane, "-o", "json", TENSORMESH_CONTROL_PLANE_TOKEN="wrong").error["kind"] == "not_judged"


def test_errors_for_machines_go_with_text(tm: Tm) -> None:
    outcome = tm("--error-format", "json", "contract", "--gentle")

    assert (outcome.code, outcome.stderr) == (0, "")
    assert outcome.stdout.endswith("Host and documents agree.\n")


def test_a_missing_extra_is_told(tm: Tm, tmp_path: Path) -> None:
    """Reading needs no more than `tm`; making requests up does."""
    (tmp_path / "schemathesis.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'schemathesis'\", name='schemathesis')\n"
    )
    tm.env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(Path.cwd())])

    assert run(tm, "contract", "--gentle").returncode == 0
    done = run(tm, "contract", "--quiet")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "No module named 'schemathesis'. Install what this needs: pip install 'tensormesh[contract]'.\n"
    )


def test_its_options_are_those_of_the_program() -> None:
    theirs = {name for action in parser()._actions for name in action.option_strings}
    kinds = {name: action for action in parser()._actions for name in action.option_strings}
    ours = {name: item for item in contract.params for name in item.opts}

    assert theirs - ours.keys() == {"-h", "--help", "--quiet"}  # of every command
    assert ours.keys() - theirs == set()
    for name, item in ours.items():
        takes_nothing = isinstance(kinds[name], argparse._StoreTrueAction)
        assert getattr(item, "is_flag", False) is takes_nothing, name
    assert PHASES == THEIRS
