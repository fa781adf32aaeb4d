"""auth.json: what it says, and that it is never lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tensormesh_cli.errors import CliError
from tensormesh_cli.login import tokens
from tensormesh_cli.login.token_store import TokenStore
from tensormesh_cli.settings import private_files
from tensormesh_cli.settings.sources import FLAG, Value
from tests.cases import cases

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BASE = "https://cp.example"
AT = Value(BASE, "--controlplane-base", FLAG)
PATH = Path("auth.json")


def parsed(**document: Any) -> tokens.Tokens:
    return tokens.parse(json.dumps({"access_token": "a", **document}), PATH)


@cases(
    ("expires_at", "state"),
    [
        ("2026-06-01T13:00:00Z", "fresh"),
        ("2026-06-01T12:00:20Z", "expired"),
        ("2026-06-01T11:00:00Z", "expired"),
        ("0001-01-01T00:00:00", "expired"),
        ("soon", "unknown"),
        (17, "unknown"),
        (None, "unknown"),
    ],
)
def test_a_token_is_fresh_until_shortly_before_its_end(expires_at: Any, state: str) -> None:
    assert parsed(expires_at=expires_at).state(NOW) == state


def test_a_reply_without_a_refresh_token_keeps_the_old_one() -> None:
    document = tokens.renewed({"access_token": "a", "refresh_token": "r"}, {"access_token": "b"}, BASE, NOW)

    assert document["access_token"] == "b"
    assert document["refresh_token"] == "r"


def test_unknown_keys_are_kept() -> None:
    assert tokens.renewed({"mystery": 1}, {"access_token": "b", "scope": "all"}, BASE, NOW) == {
        "mystery": 1,
        "access_token": "b",
        "scope": "all",
        "controlplane_base": BASE,
    }


@cases(
    ("lifetime", "end"),
    [(60, "2026-06-01T12:01:00Z"), ("60", "2026-06-01T12:01:00Z"), ("never", None), (float("nan"), None)],
)
def test_a_lifetime_becomes_an_end(lifetime: Any, end: str | None) -> None:
    document = tokens.renewed({"expires_at": "old"}, {"access_token": "b", "expires_in": lifetime}, BASE, NOW)

    assert document.get("expires_at") == end


def test_a_lifetime_beyond_all_bounds_is_no_error() -> None:
    document = tokens.renewed({}, {"access_token": "b", "expires_in": 10**30}, BASE, NOW)

    assert "expires_at" not in document or datetime.fromisoformat(document["expires_at"]) > NOW + timedelta(days=3000)


@cases("text", ["", "{", "[]", "{}", '{"access_token": " "}', '{"access_token": 1}', "[" * 100_000])
def test_a_broken_file_is_told_with_the_way_out(text: str) -> None:
    with pytest.raises(CliError) as caught:
        tokens.parse(text, PATH)

    assert caught.value.message.startswith("auth.json ")
    assert caught.value.hint == "log in again: `tm auth login`"


def test_tokens_do_not_show_in_a_repr() -> None:
    assert "secret" not in repr(tokens.parse('{"access_token": "secret1", "refresh_token": "secret2"}', PATH))


class Service:
    """A control plane that takes each refresh token once."""

    def __init__(self) -> None:
        self.valid = 0
        self.asked = 0
        self.pause = threading.Event()

    def exchange(self, refresh_token: str) -> Mapping[str, Any]:
        self.asked += 1
        assert refresh_token == f"r{self.valid}", "a spent refresh token was used"
        self.valid += 1
        return {"access_token": f"a{self.valid}", "refresh_token": f"r{self.valid}"}


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    made = TokenStore(tmp_path)
    made.save({"access_token": "a0", "refresh_token": "r0"}, BASE)
    return made


def test_whoever_comes_second_takes_what_the_first_has_got(store: TokenStore) -> None:
    service, stale = Service(), store.load()

    first = store.refresh(stale, AT, service.exchange)
    second = store.refresh(stale, AT, service.exchange)

    assert (first.access_token, second.access_token) == ("a1", "a1")
    assert service.asked == 1


def test_a_refresh_at_will_is_made_even_so(store: TokenStore) -> None:
    service = Service()

    store.refresh(None, AT, service.exchange)
    store.refresh(None, AT, service.exchange)

    assert service.asked == 2


def test_a_refresh_that_fails_leaves_the_file(store: TokenStore) -> None:
    before = store.path.read_bytes()

    def fail(refresh_token: str) -> Mapping[str, Any]:
        raise CliError("unreachable", "no")

    with pytest.raises(CliError):
        store.refresh(store.load(), AT, fail)

    assert store.path.read_bytes() == before


def test_ctrl_c_waits_until_the_new_token_is_on_disk(store: TokenStore) -> None:
    service = Service()

    def interrupted(refresh_token: str) -> Mapping[str, Any]:
        reply = service.exchange(refresh_token)
        os.kill(os.getpid(), signal.SIGINT)
        return reply

    with pytest.raises(KeyboardInterrupt):
        store.refresh(store.load(), AT, interrupted)

    kept = store.load()
    assert kept is not None
    assert kept.refresh_token == "r1"


def test_a_full_disk_leaves_the_old_file(store: TokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    before = store.path.read_bytes()

    def full(descriptor: int, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.write", full)

    with pytest.raises(CliError, match=r"auth\.json cannot be written: No space left on device; it is as it was"):
        store.save({"access_token": "b"}, BASE)

    assert store.path.read_bytes() == before
    assert sorted(item.name for item in store.path.parent.iterdir()) == [".auth.json.lock", "auth.json"]


def test_a_refresh_that_could_not_be_kept_is_not_asked_for(store: TokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host takes a refresh token once: what it gives in return must not be lost to a full disk."""
    service = Service()

    def full(descriptor: int, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.write", full)
        with pytest.raises(CliError, match="No space left on device"):
            store.refresh(None, AT, service.exchange)

    assert service.asked == 0
    assert store.refresh(None, AT, service.exchange).refresh_token == "r1"


def test_a_lock_that_is_never_let_go_is_told(store: TokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_files, "LOCK_SECONDS", 0.05)

    with (
        private_files.locked(store.path),
        pytest.raises(CliError, match="is held by another tm"),
        private_files.locked(store.path),
    ):
        pass


WRITER = """
import sys
from pathlib import Path
from tensormesh_cli.login.token_store import TokenStore
from tensormesh_cli.settings.sources import FLAG, Value
store, number, at = TokenStore(Path(sys.argv[1])), 0, Value("https://cp.example", "--controlplane-base", FLAG)
print("ready", flush=True)
while True:
    number += 1
    store.refresh(None, at, lambda token: {"access_token": str(number) * 4000, "refresh_token": "r"})
"""
CONFIG_WRITER = """
import sys
from pathlib import Path
from tensormesh_cli.settings import config_file
from tensormesh_cli.settings import private_files
path, number = Path(sys.argv[1]) / "config.toml", 0
print("ready", flush=True)
while True:
    number += 1
    with private_files.locked(path):
        text = config_file.synced(private_files.read(path), {"gateway_model_id": str(number % 10) * 4000})
        private_files.write(path, text)
"""


def killed_while_writing(script: str, folder: Path, check: Callable[[], None]) -> None:
    """Start a writer, kill it at some moment, look at the file; again and again."""
    for turn in range(12):
        with subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            # Moments that are spread over a write.
            end = time.perf_counter() + 0.001 + 0.0037 * turn
            while time.perf_counter() < end:
                check()
            writer.kill()
        check()


def test_a_kill_leaves_the_old_token_or_the_new_one(store: TokenStore) -> None:
    def whole() -> None:
        found = store.load()
        assert found is not None
        assert found.refresh_token in ("r0", "r")
        assert len(set(found.access_token)) <= 10

    killed_while_writing(WRITER, store.path.parent, whole)
    # And the next one is not kept out by what the dead have left.
    store.save({"access_token": "after"}, BASE)


def test_a_kill_leaves_the_old_settings_or_the_new_ones(tmp_path: Path) -> None:
    import tomllib

    path = tmp_path / "config.toml"
    path.write_text('# mine\n[overrides]\ngateway_provider = "yotta"\n')

    def whole() -> None:
        document = tomllib.loads(path.read_text())
        assert document["overrides"] == {"gateway_provider": "yotta"}
        model = document.get("managed", {}).get("gateway_model_id", "")
        assert model == model[:1] * len(model)

    killed_while_writing(CONFIG_WRITER, tmp_path, whole)
    assert path.read_text().startswith("# mine\n")
