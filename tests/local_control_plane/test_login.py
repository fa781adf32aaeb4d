"""The device-style login, from the first request to the refreshed pair, with the page in the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tensormesh_local import LocalHost
from tensormesh_local.control_plane.seed import ADMIN_ID
from tests.local_control_plane.browser import approve, open_page, press
from tests.local_control_plane.conftest import Clock, Connect
from tests.plain_http import NO_TLS

type Refused = Callable[..., str]
type Login = Callable[..., dict[str, Any]]

EXCHANGE, REFRESH = "/auth/cli/exchange", "/auth/cli/refresh"


@pytest.fixture
def started(anonymous: httpx.Client) -> dict[str, Any]:
    answer = anonymous.post("/auth/cli/start")

    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def poll(anonymous: httpx.Client, started: dict[str, Any]) -> Callable[[], httpx.Response]:
    return lambda: anonymous.post(EXCHANGE, json={"cli_code": started["cli_code"]})


@pytest.fixture
def refresh(anonymous: httpx.Client) -> Callable[[str], httpx.Response]:
    return lambda token: anonymous.post(REFRESH, json={"refresh_token": token})


@pytest.fixture
def profile(connect: Connect) -> Callable[[str], httpx.Response]:
    return lambda token: connect(token).get("/auth/profile")


def test_a_login_starts_with_a_page_a_code_and_a_pace(host: LocalHost, started: dict[str, Any]) -> None:
    assert started["auth_url"].startswith(f"{host.control_plane_base_url}/auth/cli/approve?code=")
    assert started["interval"] == 2
    assert len(started["cli_code"]) > 30


def test_the_address_does_not_hold_the_code_that_collects(started: dict[str, Any]) -> None:
    assert started["cli_code"] not in started["auth_url"]


def test_a_poll_waits_without_a_body(poll: Callable[[], httpx.Response]) -> None:
    for _ in range(2):
        assert (poll().status_code, poll().content) == (202, b"")


def test_an_approved_login_hands_out_tokens_that_work(
    started: dict[str, Any], poll: Callable[[], httpx.Response], profile: Callable[[str], httpx.Response]
) -> None:
    assert approve(started["auth_url"]).heading == "Login approved"
    tokens = poll().json()

    assert set(tokens) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3_600)
    assert profile(tokens["access_token"]).json()["user"]["userEmail"] == "ada.moreau@example.com"


def test_one_can_log_in_as_an_administrator(login: Login, profile: Callable[[str], httpx.Response]) -> None:
    token = login(ADMIN_ID)["access_token"]

    assert profile(token).json()["user"]["userRole"] == "USER_ROLE_ADMIN"


def test_tokens_are_collected_once(
    started: dict[str, Any], poll: Callable[[], httpx.Response], refused: Refused
) -> None:
    approve(started["auth_url"])
    poll()

    assert "collected before" in refused(poll(), 400, 9)


def test_a_denied_login_says_so(started: dict[str, Any], poll: Callable[[], httpx.Response], refused: Refused) -> None:
    assert press(open_page(started["auth_url"]), "deny").heading == "Login denied"
    assert refused(poll(), 403, 7) == "The login was denied in the browser."


def test_a_decided_login_stays_decided(
    started: dict[str, Any], poll: Callable[[], httpx.Response], refused: Refused
) -> None:
    page = open_page(started["auth_url"])
    press(page, "deny")

    assert press(page, "approve").heading == "Login denied"
    refused(poll(), 403, 7)


def test_a_login_that_takes_too_long_expires(
    started: dict[str, Any], poll: Callable[[], httpx.Response], refused: Refused, clock: Clock
) -> None:
    page = open_page(started["auth_url"])
    clock.advance(seconds=599)
    assert poll().status_code == 202

    clock.advance(seconds=1)
    assert "expired" in refused(poll(), 400, 9)
    assert press(page, "approve").heading == "Login expired"
    assert "expired" in refused(poll(), 400, 9)


def test_an_approved_login_expires_as_well(
    started: dict[str, Any], poll: Callable[[], httpx.Response], refused: Refused, clock: Clock
) -> None:
    approve(started["auth_url"])
    clock.advance(seconds=600)

    assert "expired" in refused(poll(), 400, 9)


def test_an_unknown_code_is_refused_and_not_repeated(anonymous: httpx.Client, refused: Refused) -> None:
    message = refused(anonymous.post(EXCHANGE, json={"cli_code": "cli-mine"}), 404, 5)

    assert "cli-mine" not in message


def test_the_code_of_the_address_collects_nothing(
    started: dict[str, Any], anonymous: httpx.Client, refused: Refused
) -> None:
    approve(started["auth_url"])
    code = urlsplit(started["auth_url"]).query.removeprefix("code=")

    refused(anonymous.post(EXCHANGE, json={"cli_code": code}), 404, 5)


def test_logins_do_not_get_mixed_up(anonymous: httpx.Client) -> None:
    first, second = (anonymous.post("/auth/cli/start").json() for _ in range(2))
    approve(second["auth_url"])

    assert anonymous.post(EXCHANGE, json={"cli_code": first["cli_code"]}).status_code == 202
    assert anonymous.post(EXCHANGE, json={"cli_code": second["cli_code"]}).status_code == 200


def test_an_access_token_expires_by_the_clock(
    login: Login, profile: Callable[[str], httpx.Response], refused: Refused, clock: Clock
) -> None:
    token = login()["access_token"]
    clock.advance(seconds=3_599)
    assert profile(token).status_code == 200

    clock.advance(seconds=1)
    assert "expired" in refused(profile(token), 401, 16)


def test_the_token_of_the_host_does_not_expire(owner: httpx.Client, clock: Clock) -> None:
    clock.advance(days=3_650)

    assert owner.get("/auth/profile").status_code == 200


def test_a_refresh_gives_a_whole_new_pair(
    login: Login, refresh: Callable[[str], httpx.Response], profile: Callable[[str], httpx.Response], clock: Clock
) -> None:
    old = login()
    clock.advance(hours=2)
    new = refresh(old["refresh_token"]).json()

    assert not {old["access_token"], old["refresh_token"]} & {new["access_token"], new["refresh_token"]}
    assert profile(new["access_token"]).status_code == 200


def test_a_refresh_token_works_once_and_its_second_use_ends_nothing(
    login: Login, refresh: Callable[[str], httpx.Response], profile: Callable[[str], httpx.Response], refused: Refused
) -> None:
    old = login()
    new = refresh(old["refresh_token"]).json()

    assert "used before" in refused(refresh(old["refresh_token"]), 401, 16)
    assert profile(new["access_token"]).status_code == 200
    assert refresh(new["refresh_token"]).status_code == 200


def test_a_refresh_token_expires_in_thirty_days(
    login: Login, refresh: Callable[[str], httpx.Response], refused: Refused, clock: Clock
) -> None:
    token = login()["refresh_token"]
    clock.advance(days=30)

    assert "expired" in refused(refresh(token), 401, 16)


def test_the_two_tokens_do_not_stand_in_for_each_other(
    login: Login, refresh: Callable[[str], httpx.Response], profile: Callable[[str], httpx.Response], refused: Refused
) -> None:
    tokens = login()

    assert "refresh token" in refused(profile(tokens["refresh_token"]), 401, 16)
    refused(refresh(tokens["access_token"]), 401, 16)


def test_an_access_token_is_no_key_for_inference(host: LocalHost, login: Login, connect: Connect) -> None:
    answer = connect(login()["access_token"], host.serverless_base_url).post("/tokenize", json={})

    assert "control-plane token" in answer.json()["error"]


def test_logging_in_and_refreshing_are_in_the_feed(
    login: Login, refresh: Callable[[str], httpx.Response], owner: httpx.Client
) -> None:
    refresh(login()["refresh_token"])
    entries = owner.get("/v1/activities", params={"resourceType": "session"}).json()["activities"]

    assert [entry["action"] for entry in entries] == ["refresh", "log_in"]


def test_the_page_asks_who_and_offers_two_buttons(host: LocalHost, started: dict[str, Any]) -> None:
    page = open_page(started["auth_url"])

    assert page.heading == "Approve this login?"
    assert page.buttons == ["approve", "deny"]
    assert len(page.accounts) == 4
    assert page.fields["user_id"] == host.on_demand_user_id


def test_the_page_shows_the_code_of_its_address(started: dict[str, Any]) -> None:
    code = urlsplit(started["auth_url"]).query.removeprefix("code=")

    assert f"<code>{code}</code>" in open_page(started["auth_url"]).answer.text


def test_the_page_loads_nothing_and_runs_nothing(started: dict[str, Any]) -> None:
    page = open_page(started["auth_url"])

    assert page.loaded == []
    assert "default-src 'none'" in page.answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.answer.headers["content-security-policy"]
    assert page.answer.headers["cache-control"] == "no-store"


def test_the_page_may_be_loaded_again_after_the_decision(started: dict[str, Any]) -> None:
    page = approve(started["auth_url"])

    assert page.answer.history[0].status_code == 303
    assert open_page(str(page.answer.url)).heading == "Login approved"


def test_buttons_pressed_from_elsewhere_do_nothing(started: dict[str, Any], poll: Callable[[], httpx.Response]) -> None:
    page = open_page(started["auth_url"])
    for token in ("", "guess", "é"):
        assert press(page, "approve", form_token=token).answer.status_code == 403
    page.fields.pop("form_token")

    assert press(page, "approve").answer.status_code == 403
    assert poll().status_code == 202


@pytest.mark.parametrize("fields", [{"decision": "perhaps"}, {"user_id": "nobody"}])
def test_an_incomplete_form_does_nothing(
    started: dict[str, Any], poll: Callable[[], httpx.Response], fields: dict[str, str]
) -> None:
    page = open_page(started["auth_url"])
    decision = fields.pop("decision", "approve")

    assert press(page, decision, **fields).answer.status_code == 400
    assert poll().status_code == 202


def test_a_form_of_one_login_decides_no_other(anonymous: httpx.Client) -> None:
    first, second = (anonymous.post("/auth/cli/start").json() for _ in range(2))
    foreign = open_page(first["auth_url"]).fields["form_token"]

    assert press(open_page(second["auth_url"]), "approve", form_token=foreign).answer.status_code == 403


@pytest.mark.parametrize("query", ["?code=NONE-NONE", "?code=%3Cscript%3E", "", "?code="])
def test_an_unknown_page_is_not_found_and_repeats_nothing(host: LocalHost, query: str) -> None:
    page = open_page(f"{host.control_plane_base_url}/auth/cli/approve{query}")

    assert (page.answer.status_code, page.heading, page.loaded) == (404, "Unknown login", [])


def test_names_on_the_page_are_text(host: LocalHost, owner: httpx.Client, started: dict[str, Any]) -> None:
    owner.put(f"/v1/users/{host.on_demand_user_id}", json={"displayName": "<script>alert(1)</script>"})
    page = open_page(started["auth_url"])

    assert page.loaded == []
    assert "&lt;script&gt;" in page.answer.text


def test_a_form_without_a_body_is_refused(started: dict[str, Any]) -> None:
    answer = httpx.post(started["auth_url"], content=b"\xff\x00=%", trust_env=False, verify=NO_TLS)

    assert answer.status_code == 403
