"""The account in a file: what outlives a host, and what a file has to be."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options, StartError
from tensormesh_local.control_plane import store
from tensormesh_local.control_plane.store import Store
from tests.local_control_plane.conftest import START, Clock
from tests.plain_http import NO_TLS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def open_host(file: Path) -> Callable[..., LocalHost]:
    return lambda **options: LocalHost(Options(state=file, clock=Clock(), **options))


def ask(host: LocalHost, method: str, path: str, token: str | None = None, **kwargs: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token or host.control_plane_token}"}
    url = f"{host.control_plane_base_url}{path}"
    return httpx.request(method, url, headers=headers, trust_env=False, verify=NO_TLS, **kwargs)


def test_an_account_comes_back_with_the_next_host(open_host: Callable[..., LocalHost]) -> None:
    with open_host() as host:
        first = host.on_demand_user_id, host.inference_api_key
        ask(host, "POST", "/v1/support/tickets", json={"subject": "kept", "message": "m"})
        before = ask(host, "GET", "/v1/billing/transactions").json()
    with open_host() as host:
        tickets = ask(host, "GET", "/v1/support/tickets").json()["tickets"]

        assert (host.on_demand_user_id, host.inference_api_key) == first
        assert tickets[0]["subject"] == "kept"
        assert ask(host, "GET", "/v1/billing/transactions").json() == before


def test_a_token_of_an_earlier_start_still_works(open_host: Callable[..., LocalHost]) -> None:
    with open_host() as host:
        old = host.control_plane_token
    with open_host() as host:
        assert host.control_plane_token != old
        assert ask(host, "GET", "/auth/profile", old).status_code == 200


def test_a_key_that_was_deleted_is_replaced_by_one_that_works(open_host: Callable[..., LocalHost]) -> None:
    with open_host() as host:
        old = host.inference_api_key
        ask(host, "DELETE", "/v1/users/api-keys", params={"apiKey": old})
    with open_host() as host:
        url, headers = f"{host.on_demand_base_url}/health", {"X-User-Id": host.on_demand_user_id}

        def status(key: str) -> int:
            given = {**headers, "Authorization": f"Bearer {key}"}
            return httpx.get(url, headers=given, trust_env=False, verify=NO_TLS).status_code

        assert host.inference_api_key != old
        assert (status(host.inference_api_key), status(old)) == (200, 401)


def test_credentials_may_be_given_to_an_old_file(open_host: Callable[..., LocalHost]) -> None:
    with open_host() as host:
        user_id = host.on_demand_user_id
    with open_host(inference_api_key="ak-mine", control_plane_token="cp-mine", user_id=user_id.upper()) as host:
        keys = ask(host, "GET", "/v1/users/api-keys").json()["apiKeys"]

        assert (host.inference_api_key, host.control_plane_token, host.on_demand_user_id) == (
            "ak-mine",
            "cp-mine",
            user_id,
        )
        assert keys[0]["id"] == "ak-mine"


def test_a_role_may_be_given_to_an_old_file(open_host: Callable[..., LocalHost]) -> None:
    for role, status in ((None, 403), ("admin", 200), (None, 200), ("user", 403)):
        with open_host(role=role) as host:
            assert ask(host, "GET", "/v1/admin/users").status_code == status


def test_a_file_of_another_user_is_refused(open_host: Callable[..., LocalHost]) -> None:
    with open_host() as host:
        user_id = host.on_demand_user_id

    with pytest.raises(StartError, match=f"belongs to the user {user_id}"):
        open_host(user_id="3f1c2b9e-5d1a-4c57-9d0e-0a6d1f0c7b11").start()


def test_a_deleted_key_does_not_come_back_by_being_given(open_host: Callable[..., LocalHost]) -> None:
    with open_host(inference_api_key="ak-mine") as host:
        ask(host, "DELETE", "/v1/users/api-keys", params={"apiKey": "ak-mine"})

    with pytest.raises(StartError, match="deleted or expired") as caught:
        open_host(inference_api_key="ak-mine").start()
    assert "ak-mine" not in str(caught.value)


def test_a_host_that_cannot_use_its_file_leaves_the_port_free(open_host: Callable[..., LocalHost], file: Path) -> None:
    file.write_text("no database")
    host = open_host()

    with pytest.raises(StartError, match="cannot be used: file is not a database"):
        host.start()
    file.unlink()
    with host:
        assert ask(host, "GET", "/auth/profile").status_code == 200


def test_a_file_that_is_something_else_is_left_alone(open_host: Callable[..., LocalHost], file: Path) -> None:
    file.write_text("my notes\n" * 500)

    with pytest.raises(StartError):
        open_host().start()
    assert file.read_text() == "my notes\n" * 500


def test_a_file_that_another_program_holds_is_told(
    open_host: Callable[..., LocalHost], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.01)
    with open_host():
        pass
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StartError, match=r"state\.db cannot be used: database is locked\.$"):
            open_host().start()


@pytest.mark.parametrize("path", ["/control-plane/v1/billing/balance", "/serverless/v1/models"])
def test_a_file_that_another_program_takes_meanwhile_is_told(
    open_host: Callable[..., LocalHost],
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    path: str,
) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.01)
    with open_host() as host, closing(sqlite3.connect(file, isolation_level=None)) as other:
        token = host.control_plane_token if path.startswith("/control-plane") else host.inference_api_key
        other.execute("BEGIN IMMEDIATE")
        answer = httpx.get(
            f"{host.base_url}{path}", headers={"Authorization": f"Bearer {token}"}, trust_env=False, verify=NO_TLS
        )

    assert answer.status_code == 500
    assert "The state of the local host cannot be used: database is locked." in answer.text
    assert caplog.records == []


def test_a_database_of_something_else_is_refused(open_host: Callable[..., LocalHost], file: Path) -> None:
    db = sqlite3.connect(file)
    db.execute("CREATE TABLE notes (text TEXT)")
    db.close()

    with pytest.raises(StartError, match="version 0"):
        open_host().start()


def test_a_file_of_another_version_is_refused(open_host: Callable[..., LocalHost], file: Path) -> None:
    with open_host():
        pass
    db = sqlite3.connect(file)
    db.execute("PRAGMA user_version = 99")
    db.close()

    with pytest.raises(StartError, match="version 99"):
        open_host().start()


def test_a_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "state.db", tmp_path):
        with pytest.raises(StartError, match="Cannot open the state file"):
            LocalHost(Options(state=path)).start()


def test_nobody_else_may_read_the_file(open_host: Callable[..., LocalHost], file: Path) -> None:
    with open_host():
        modes = {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}

    assert modes == {0o600}


def test_a_change_that_fails_half_way_is_not_kept() -> None:
    store = Store()

    def fail() -> None:
        with store.transaction() as db:
            db.execute("INSERT INTO gpu_prices VALUES ('GPU_TYPE_H100', 'CLOUD_PROVIDER_NEBIUS', '1', 1)")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with store.transaction() as db:
        count = db.execute("SELECT count(*) FROM gpu_prices").fetchone()[0]
    store.close()

    assert count == 0


def test_no_token_is_in_the_file(open_host: Callable[..., LocalHost], file: Path) -> None:
    with open_host() as host:
        token = host.control_plane_token.encode()
        started = ask(host, "POST", "/auth/cli/start").json()
        written = b"".join(path.read_bytes() for path in file.parent.iterdir())

    assert token not in written
    assert started["cli_code"].encode() not in written


def whole(host: LocalHost) -> list[Any]:
    """All that tells what an account began with, and when."""
    paths = ("/v1/billing/transactions", "/v1/activities", "/v1/support/tickets", "/v1/users/api-keys")
    return [ask(host, "GET", path).json() for path in paths]


def test_two_hosts_of_the_same_options_begin_alike() -> None:
    options = Options(clock=lambda: START, user_id="3f1c2b9e-5d1a-4c57-9d0e-0a6d1f0c7b11", inference_api_key="ak-mine")
    with LocalHost(options) as one, LocalHost(options) as other:
        assert whole(one) == whole(other)


def test_a_reset_puts_the_account_back(host: LocalHost, owner: httpx.Client) -> None:
    before = owner.get("/v1/activities").json(), owner.get("/v1/users/api-keys").json()
    owner.post("/v1/users/api-keys", json={"userId": host.on_demand_user_id})
    owner.post("/v1/models", json={"modelName": "m", "modelPath": "p"})
    host.reset()

    assert (owner.get("/v1/activities").json(), owner.get("/v1/users/api-keys").json()) == before


@pytest.mark.parametrize("state", [None, "state.db"], ids=["in memory", "in a file"])
def test_an_account_begins_at_the_time_of_its_reset(tmp_path: Path, state: str | None) -> None:
    """However often, it begins the same within a minute; later it has the same past, later."""
    clock = Clock()
    clock.now = START.replace(second=0)
    settings: dict[str, Any] = {
        "clock": clock,
        "user_id": "3f1c2b9e-5d1a-4c57-9d0e-0a6d1f0c7b11",
        "inference_api_key": "ak-mine",
    }
    with LocalHost(Options(state=tmp_path / state if state else None, **settings)) as host:
        first = whole(host)
        for seconds in (0, 1, 58):
            clock.advance(seconds=seconds)
            ask(host, "POST", "/v1/support/tickets", json={"subject": "gone", "message": "m"})
            host.reset()
            assert whole(host) == first
        clock.advance(days=2)
        with LocalHost(Options(**settings)) as new:
            later = whole(new)
        for _ in range(2):
            host.reset()
            assert whole(host) == later != first


def test_a_reset_forgets_the_tokens_that_were_made_since(host: LocalHost) -> None:
    for _ in range(2):
        token = host.new_control_plane_token()
        assert ask(host, "GET", "/auth/profile", token).status_code == 200
        host.reset()
        assert ask(host, "GET", "/auth/profile", token).status_code == 401


def test_a_reset_while_somebody_reads_is_one_all_the_same() -> None:
    store = Store()
    with store.transaction() as db:
        db.execute("INSERT INTO gpu_prices VALUES ('one', 'p', '1', 1)")
    store.keep()
    reading = db.execute("SELECT name FROM sqlite_master")
    reading.fetchone()

    assert store.restore() is False
    reading.close()
    assert store.restore() is True
    with store.transaction() as db:
        assert [row[0] for row in db.execute("SELECT * FROM gpu_prices")] == ["one"]
    store.close()


def test_a_host_begins_anew_when_it_is_started_again() -> None:
    host = LocalHost(Options(clock=Clock()))
    with host:
        ask(host, "POST", "/v1/support/tickets", json={"subject": "gone", "message": "m"})
        first = host.control_plane_token
    with host:
        assert ask(host, "GET", "/v1/support/tickets").json()["total"] == "2"
        assert host.control_plane_token == first


def test_a_clock_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware datetimes"):
        LocalHost(Options(clock=lambda: START.replace(tzinfo=None))).start()
