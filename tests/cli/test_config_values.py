"""`tm config get`, `set` and `unset`, and the models that are asked without being named."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path
from typing import Any

from tensormesh_cli.settings.config_file import begun, synced
from tensormesh_cli.settings.definitions import SETTINGS
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import Tm

KEY = "ak-0123456789abcdefghij"
VALUES: dict[str, tuple[str, Any]] = {
    "controlplane_base": ("https://cp.example", "https://cp.example"),
    "serverless_base": ("https://s.example/v1", "https://s.example/v1"),
    "serverless_model": ("openai/gpt-oss-120b", "openai/gpt-oss-120b"),
    "serverless_api_key": (KEY, "ak-0...ghij"),
    "gateway_provider": ("lambda", "lambda"),
    "gateway_base": ("https://g.example", "https://g.example"),
    "gateway_api_key": (KEY, "ak-0...ghij"),
    "gateway_user_id": ("6b1f5b0e-0000-4000-8000-000000000001", "6b1f5b0e-0000-4000-8000-000000000001"),
    "gateway_model_id": ("mine", "mine"),
    "ca_bundle": (__file__, __file__),
    "timeout_seconds": ("7", 7.0),
    "max_retries": ("3", 3),
    "max_response_bytes": ("1000000", 1_000_000),
}


def settings(tm: Tm) -> dict[str, Any]:
    return tomllib.loads((tm.home / "config.toml").read_text())


def write(tm: Tm, text: str) -> None:
    tm.home.mkdir()
    (tm.home / "config.toml").write_text(text)


def test_every_setting_has_a_value_here() -> None:
    assert set(VALUES) == {item.name for item in SETTINGS}


@cases("name", [name for name in VALUES if name != "ca_bundle"])
def test_what_was_set_is_what_applies_until_it_is_unset(offline: Tm, name: str) -> None:
    value, shown = VALUES[name]
    before = offline.ok("config", "show")[name]

    assert offline.ok("config", "set", name, value)["value"] == shown
    assert offline.ok("config", "get", name) == {"name": name, "value": shown, "source": f"config:{name}"}
    assert offline.ok("config", "show")[name] == shown
    assert offline.ok("config", "unset", name)["removed"] is True
    assert offline.ok("config", "show")[name] == before
    assert offline.ok("config", "unset", name)["removed"] is False


def test_a_setting_is_printed_alone(offline: Tm) -> None:
    assert offline("config", "get", "max_retries").stdout == "0\n"
    assert offline("config", "get", "serverless_base").stdout == "https://serverless.tensormesh.ai\n"


def test_a_setting_without_a_value_says_how_to_set_it(offline: Tm) -> None:
    outcome = offline("config", "get", "serverless_model")

    assert (outcome.code, outcome.stdout) == (1, "")
    assert "`tm config set serverless_model` sets it" in outcome.stderr


def test_a_key_is_shown_to_those_who_ask_for_it(offline: Tm) -> None:
    masked = offline("config", "get", "serverless_api_key", TENSORMESH_INFERENCE_API_KEY=KEY)
    shown = offline("config", "get", "serverless_api_key", "--show-secrets", TENSORMESH_INFERENCE_API_KEY=KEY)

    assert KEY not in masked.stdout + masked.stderr
    assert shown.stdout == f"{KEY}\n"


def test_a_key_stays_off_the_command_line(offline: Tm) -> None:
    quiet = offline("config", "set", "serverless_api_key", input=f"{KEY}\n")
    typed = offline("config", "set", "serverless_api_key", KEY)

    assert settings(offline)["serverless_api_key"] == KEY
    assert KEY not in quiet.stdout + quiet.stderr
    assert quiet.stderr == ""
    assert "history of the shell" in typed.stderr
    assert stat.S_IMODE((offline.home / "config.toml").stat().st_mode) == 0o600


def test_the_comments_of_the_file_stay(offline: Tm) -> None:
    text = synced(begun({}), {"gateway_model_id": "found"})
    write(offline, text)

    offline.ok("config", "set", "max_retries", "2")
    offline.ok("config", "set", "gateway_model_id", "mine")

    after = (offline.home / "config.toml").read_text()
    assert [line for line in text.splitlines() if line not in after.splitlines()] == []
    assert after.index("max_retries = 2") < after.index("[overrides]")
    assert after.index('gateway_model_id = "mine"') < after.index("# Written by")
    assert settings(offline)["managed"] == {"gateway_model_id": "found"}


def test_what_a_sync_found_applies_again_and_can_be_removed_too(offline: Tm) -> None:
    write(
        offline,
        '[overrides]\ngateway_api_key = "mine-mine"\n[managed]\ngateway_api_key = "found"\n'
        'gateway_api_key_from = "https://cp.example"\ngateway_api_key_hosts = []\nsynced_at = "x"\n',
    )

    first = offline("config", "unset", "gateway_api_key")
    second = offline("config", "unset", "gateway_api_key")

    assert "applies now, from managed:gateway_api_key." in first.stderr
    assert "gateway_api_key is not set now." in second.stderr
    assert settings(offline) == {"overrides": {}, "managed": {"synced_at": "x"}}


@cases(
    ("name", "value", "message"),
    [
        ("timeout_seconds", "soon", "timeout_seconds must be a number of seconds above 0; this command gives 'soon'"),
        ("max_retries", "1.5", "max_retries must be a whole number, 0 or more"),
        ("serverless_base", "example.com", "serverless_base cannot be used: it must begin with https://"),
        ("gateway_provider", "a/b", "gateway_provider must be a name such as nebius"),
        ("ca_bundle", "/no/such.pem", "ca_bundle cannot be used: there is no file"),
        ("serverless_api_key", "k\u00e9y", "serverless_api_key cannot be used"),
    ],
)
def test_what_cannot_be_used_is_not_written(offline: Tm, name: str, value: str, message: str) -> None:
    outcome = offline("config", "set", name, value)

    assert outcome.code == 1
    assert message in outcome.stderr
    assert not (offline.home / "config.toml").exists()


@cases(
    "arguments",
    [["set", "serverless_modl", "m"], ["get", "nothing"], ["unset", "managed"], ["set", "serverless_model", " "]],
)
def test_what_makes_no_sense_is_told(offline: Tm, arguments: list[str]) -> None:
    assert offline("config", *arguments).code == 2


def test_a_stronger_word_is_pointed_out(offline: Tm) -> None:
    outcome = offline("config", "set", "max_retries", "2", TENSORMESH_MAX_RETRIES="5")

    assert "TENSORMESH_MAX_RETRIES is set and wins over it." in outcome.stderr


def test_a_broken_file_is_not_touched(offline: Tm) -> None:
    write(offline, "= broken")

    for arguments in (["set", "max_retries", "2"], ["unset", "max_retries"], ["get", "max_retries"]):
        assert offline("config", *arguments).code == 1
    assert (offline.home / "config.toml").read_text() == "= broken"


def test_another_file_is_changed_where_one_is_named(offline: Tm, tmp_path: Path) -> None:
    named = tmp_path / "mine.toml"

    offline.ok("config", "set", "max_retries", "2", "--config", str(named))

    assert tomllib.loads(named.read_text()) == {"max_retries": 2}
    assert not offline.home.exists()


def test_a_sync_chooses_a_model_so_that_no_call_asks_for_one(logged_in: Tm, host: LocalHost) -> None:
    logged_in.ok("init", "--sync")
    count = len(host.requests)

    outcome = logged_in("infer", "chat", "Say hello")

    assert (outcome.stdout, outcome.stderr) == ("hello\n", "")
    assert [record.path for record in host.requests][count:] == ["/serverless/v1/chat/completions"]
    count = len(host.requests)
    assert logged_in("infer", "chat", "Say hello", "--surface", "on-demand").stderr == ""
    assert [record.path for record in host.requests][count:] == ["/on-demand/v1/chat/completions"]


def test_a_second_sync_keeps_the_model_that_is_still_there(logged_in: Tm) -> None:
    first = logged_in.ok("init", "--sync")["serverless_model"]
    path = logged_in.home / "config.toml"
    path.write_text(path.read_text().replace(f'"{first}"', '"openai/gpt-oss-120b"'))

    assert logged_in.ok("init", "--sync")["serverless_model"] == "openai/gpt-oss-120b"
    path.write_text(path.read_text().replace('"openai/gpt-oss-120b"', '"gone"'))
    assert logged_in.ok("init", "--sync")["serverless_model"] == first


def test_a_model_that_was_found_says_nothing_about_another_host(logged_in: Tm) -> None:
    logged_in.ok("init", "--sync")

    shown = logged_in.ok("config", "show", TENSORMESH_SERVERLESS_BASE_URL="https://other.example")

    assert shown["serverless_model"] is None


def test_a_serverless_host_that_is_away_does_not_keep_a_sync_from_its_keys(logged_in: Tm) -> None:
    outcome = logged_in("init", "--sync", TENSORMESH_SERVERLESS_BASE_URL="http://127.0.0.1:9")

    assert outcome.code == 0
    assert "No serverless model was chosen: " in outcome.stderr
    assert "serverless_api_key" in settings(logged_in)["managed"]


def test_a_model_that_is_looked_up_says_how_to_keep_it(tm: Tm) -> None:
    assert "`tm config set serverless_model openai/gpt-oss-20b` keeps it" in tm("infer", "chat", "Say hello").stderr
