"""`tm auth`: the login in the browser, and the token that comes of it."""

from __future__ import annotations

import json
import stat
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import OPEN_PAGE, Tm, approve


def test_a_login_is_approved_in_the_browser(anonymous: Tm, browser: list[str], host: LocalHost) -> None:
    outcome = anonymous("auth", "login")

    assert outcome.code == 0, outcome.stderr
    assert outcome.stdout == f"You are logged in at {host.control_plane_base_url}.\n"
    assert outcome.stderr == f"Open browser: {browser[0]}\n"
    assert anonymous.ok("auth", "whoami")["user"]["id"] == host.on_demand_user_id


def test_the_token_is_kept_for_its_owner_only(logged_in: Tm) -> None:
    path = logged_in.home / "auth.json"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    document = json.loads(path.read_text())
    assert {"access_token", "refresh_token", "token_type", "expires_in", "expires_at"} <= document.keys()
    assert path.read_text().startswith('{\n  "access_token": ')


def test_a_folder_that_others_could_read_is_closed(anonymous: Tm, browser: list[str]) -> None:
    anonymous.home.mkdir(mode=0o755)

    anonymous("auth", "login")

    assert stat.S_IMODE(anonymous.home.stat().st_mode) == 0o700


def test_the_page_can_be_opened_by_hand(anonymous: Tm, browser: list[str]) -> None:
    outcome = anonymous("--error-format", "json", "auth", "login", "--no-open-browser", "--max-wait-seconds", "0.05")

    assert browser == []
    assert outcome.code == 7
    printed, error = outcome.stderr.splitlines()
    assert printed.startswith("Open browser: http://127.0.0.1:")
    assert json.loads(error)["error"]["message"] == "The login was not approved within 0.05 seconds."


def test_a_login_that_is_denied_changes_nothing(
    logged_in: Tm, monkeypatch: pytest.MonkeyPatch, plain_client: httpx.Client
) -> None:
    before = (logged_in.home / "auth.json").read_bytes()
    monkeypatch.setattr(OPEN_PAGE, lambda address: approve(plain_client, address, "deny"))

    outcome = logged_in("--error-format", "json", "auth", "login")

    assert outcome.code == 3
    assert '"kind": "unauthorized"' in outcome.stderr
    assert (logged_in.home / "auth.json").read_bytes() == before


def test_a_hiccup_of_the_network_does_not_end_the_wait(
    anonymous: Tm, host: LocalHost, monkeypatch: pytest.MonkeyPatch, plain_client: httpx.Client
) -> None:
    def open_page(address: str) -> None:
        approve(plain_client, address)
        host.faults.add({"reset": True, "times": 2})

    monkeypatch.setattr(OPEN_PAGE, open_page)

    assert anonymous("auth", "login").code == 0


@cases("asked", [{}, {"Retry-After": "7"}])
@cases("status", [429, 500, 503])
def test_a_host_that_is_asked_too_often_does_not_end_the_wait(
    anonymous: Tm,
    host: LocalHost,
    monkeypatch: pytest.MonkeyPatch,
    plain_client: httpx.Client,
    status: int,
    asked: dict[str, str],
) -> None:
    pauses: list[float] = []

    def open_page(address: str) -> None:
        approve(plain_client, address)
        host.faults.add({"status": status, "headers": asked, "match": {"path": "/control-plane/auth/cli/exchange"}})

    monkeypatch.setattr(OPEN_PAGE, open_page)
    monkeypatch.setattr("time.sleep", pauses.append)

    assert anonymous("auth", "login").code == 0
    assert pauses == [7.0 if asked else 0.01]


def test_a_host_that_is_asked_too_often_until_the_end_is_told(
    anonymous: Tm, host: LocalHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OPEN_PAGE, lambda address: None)
    host.faults.add({"status": 429, "match": {"path": "/control-plane/auth/cli/exchange"}})

    assert anonymous("auth", "login", "--max-wait-seconds", "0").code == 5


def test_logging_out_forgets_the_login(logged_in: Tm) -> None:
    assert logged_in.ok("auth", "logout") == {"logged_out": True, "was_logged_in": True}
    assert not (logged_in.home / "auth.json").exists()
    assert logged_in.ok("auth", "logout") == {"logged_out": True, "was_logged_in": False}


def test_a_refresh_gets_another_token(logged_in: Tm) -> None:
    before = json.loads((logged_in.home / "auth.json").read_text())

    assert logged_in.ok("auth", "refresh")["refreshed"] is True

    after = json.loads((logged_in.home / "auth.json").read_text())
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]
    assert logged_in("auth", "whoami").code == 0


def test_a_token_that_has_ended_is_refreshed_by_itself(logged_in: Tm) -> None:
    path = logged_in.home / "auth.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | {"expires_at": "2020-01-01T00:00:00Z"}))

    assert logged_in("auth", "whoami").code == 0

    assert json.loads(path.read_text())["access_token"] != document["access_token"]


def test_a_token_that_the_host_no_longer_takes_is_refreshed_by_itself(logged_in: Tm) -> None:
    path = logged_in.home / "auth.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | {"access_token": "revoked"}))

    assert logged_in.ok("tickets", "create", "--subject", "a", "--message", "b")["ticket"]["subject"] == "a"

    assert json.loads(path.read_text())["refresh_token"] != document["refresh_token"]


def test_a_login_that_cannot_be_refreshed_says_so(logged_in: Tm) -> None:
    path = logged_in.home / "auth.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | {"access_token": "revoked", "refresh_token": "spent"}))
    before = path.read_bytes()

    outcome = logged_in("auth", "whoami")

    assert outcome.code == 3
    assert outcome.stderr == "Error: Your login has ended.\nHint: log in again: `tm auth login`\n"
    assert path.read_bytes() == before


def test_a_token_does_not_go_to_another_host(logged_in: Tm, host: LocalHost) -> None:
    count = len(host.requests)

    outcome = logged_in("auth", "whoami", "--controlplane-base", f"{host.base_url}/elsewhere")

    assert outcome.code == 2
    assert f"You are logged in at {host.control_plane_base_url}" in outcome.stderr
    assert len(host.requests) == count


def test_the_token_of_the_environment_wins(logged_in: Tm, host: LocalHost) -> None:
    (logged_in.home / "auth.json").write_text('{"access_token": "useless"}')

    assert logged_in("auth", "whoami", TENSORMESH_CONTROL_PLANE_TOKEN=host.control_plane_token).code == 0


def test_the_token_is_printed_to_those_who_know(logged_in: Tm) -> None:
    token = json.loads((logged_in.home / "auth.json").read_text())["access_token"]

    refused = logged_in("auth", "print-token")
    printed = logged_in("auth", "print-token", "--yes-i-know")

    assert refused.code == 1
    assert token not in refused.stdout + refused.stderr
    assert printed.stdout == f"{token}\n"


def test_the_status_tells_where_the_token_is_from(logged_in: Tm) -> None:
    status = logged_in.ok("auth", "status")["control_plane"]

    assert (status["ready"], status["state"], status["refreshable"]) == (True, "fresh", True)
    assert status["source"] == str(logged_in.home / "auth.json")


def test_the_status_of_somebody_new_is_not_ready(anonymous: Tm) -> None:
    assert anonymous("auth", "status").code == 0
    outcome = anonymous("auth", "status", "--exit-status")

    assert outcome.code == 1
    assert "not logged in (log in with `tm auth login`" in outcome.stdout


def test_nobody_logged_in_is_told_how(anonymous: Tm) -> None:
    outcome = anonymous("auth", "whoami")

    assert outcome.code == 2
    assert outcome.stderr == (
        "Error: You are not logged in.\nHint: log in with `tm auth login`, or set TENSORMESH_CONTROL_PLANE_TOKEN\n"
    )


@cases(
    "odd",
    [
        {},
        {"interval": None},
        {"interval": "soon"},
        {"interval": -1},
        {"interval": 0},
        {"interval": []},
        {"interval": {"seconds": 1}},
        {"interval": True},
        {"interval": 1e300},
        {"interval": 10**400},
    ],
)
def test_a_host_that_names_an_odd_pause_is_asked_at_a_pace_of_ours(
    anonymous: Tm,
    host: LocalHost,
    monkeypatch: pytest.MonkeyPatch,
    plain_client: httpx.Client,
    odd: dict[str, Any],
) -> None:
    pauses: list[float] = []
    started = plain_client.post(f"{host.control_plane_base_url}/auth/cli/start").json()
    del started["interval"]
    host.faults.add({"status": 200, "body": started | odd, "match": {"path": "/control-plane/auth/cli/start"}})

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        approve(plain_client, started["auth_url"])

    monkeypatch.setattr("time.sleep", sleep)

    assert anonymous("auth", "login", "--no-open-browser").code == 0
    assert pauses in ([2.0], [30.0])


@cases("number", [b"NaN", b"Infinity", b"-Infinity", b"-1e999"])
def test_a_pause_that_json_lacks_is_none(
    anonymous: Tm, host: LocalHost, monkeypatch: pytest.MonkeyPatch, number: bytes
) -> None:
    body = b'{"auth_url": "https://login.example", "cli_code": "c", "interval": ' + number + b"}"
    host.faults.add({"status": 200, "body": body.decode(), "match": {"path": "/control-plane/auth/cli/start"}})
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    assert anonymous("auth", "login", "--no-open-browser").code in (4, 8)  # nobody knows this login


@cases(
    "started",
    [
        {},
        [],
        None,
        {"auth_url": None, "cli_code": "c"},
        {"auth_url": "https://login.example"},
        {"auth_url": "https://login.example", "cli_code": None},
        {"auth_url": 7, "cli_code": "c"},
        {"auth_url": ["https://login.example"], "cli_code": {}},
        {"auth_url": "https://login.example", "cli_code": []},
    ],
)
def test_a_login_that_makes_no_sense_is_told(anonymous: Tm, host: LocalHost, started: Any) -> None:
    host.faults.add({"status": 200, "body": started, "match": {"path": "/control-plane/auth/cli/start"}})

    outcome = anonymous("--error-format", "json", "auth", "login", "--max-wait-seconds", "0")

    assert outcome.code != 0
    assert json.loads(outcome.stderr.splitlines()[-1])["error"]["kind"] in ("protocol", "not_found", "refused")
    assert not (anonymous.home / "auth.json").exists()


@cases("address", ["javascript:alert(1)", "file:///etc/passwd", "-x", "https://a b", "https://a\x1b"])
def test_no_browser_opens_what_is_no_page(
    anonymous: Tm, host: LocalHost, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("webbrowser.get", lambda: type("Browser", (), {"basename": "firefox"}))
    started = {"auth_url": address, "cli_code": "c"}
    host.faults.add({"status": 200, "body": started, "match": {"path": "/control-plane/auth/cli/start"}})

    outcome = anonymous("auth", "login", "--max-wait-seconds", "0")

    assert outcome.stderr.startswith("Open browser: ")
    assert opened == []
