"""config.toml: what `tm config` and `tm init --sync` make of it."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from tensormesh import DEFAULT_TOTAL_TIMEOUT_SECONDS
from tensormesh_cli.errors import CliError
from tensormesh_cli.settings.config_file import begun, parse, synced
from tests.cli.conftest import Tm

SHOWN = [
    "config_path",
    "controlplane_base",
    "gateway_provider",
    "gateway_base",
    "controlplane_auth_json",
    "serverless_base",
    "serverless_model",
    "serverless_api_key",
    "gateway_api_key",
    "gateway_user_id",
    "gateway_model_id",
    "ca_bundle",
    "timeout_seconds",
    "max_response_bytes",
    "max_retries",
]


def test_a_sync_keeps_comments_tables_and_unknown_keys() -> None:
    before = '# mine\nmystery = 1  # kept\n\n[overrides]\n# a note\ngateway_provider = "yotta"\n\n[other]\nx = [1, 2]\n'

    after = synced(before, {"gateway_model_id": "m"})

    assert after.startswith(before)
    assert tomllib.loads(after) == tomllib.loads(before) | {"managed": {"gateway_model_id": "m"}}


def test_a_second_sync_replaces_the_first() -> None:
    once = synced("", {"gateway_model_id": "old", "gateway_provider": "nebius"})

    twice = synced(once, {"gateway_model_id": "new"})

    assert tomllib.loads(twice) == {"managed": {"gateway_model_id": "new"}}
    assert twice.count("# Written by") == 1


def test_a_sync_can_change_a_setting_at_the_top() -> None:
    after = synced('[overrides]\ngateway_provider = "yotta"\n', {}, {"controlplane_base": "https://cp.example"})

    assert tomllib.loads(after)["controlplane_base"] == "https://cp.example"
    assert tomllib.loads(after)["overrides"] == {"gateway_provider": "yotta"}


def test_the_template_is_a_file_without_settings() -> None:
    assert tomllib.loads(begun({})) == {"overrides": {}}
    assert tomllib.loads(begun({"gateway_model_id": "m"})) == {"overrides": {}, "managed": {"gateway_model_id": "m"}}


def test_a_broken_file_is_told_with_its_place() -> None:
    with pytest.raises(CliError, match=r"c\.toml is not TOML: .*line 3") as caught:
        parse("a = 1\nb = [\n= 3", Path("c.toml"))

    assert "tm config init --force" in str(caught.value.hint)


def test_init_writes_a_private_file_in_a_private_folder(offline: Tm) -> None:
    outcome = offline("config", "init")

    path = offline.home / "config.toml"
    assert outcome.stdout == f"{path}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_init_does_not_overwrite(offline: Tm) -> None:
    offline("config", "init")
    (offline.home / "config.toml").write_text("timeout_seconds = 7\n")

    outcome = offline("config", "init")

    assert outcome.code == 1
    assert "is there already" in outcome.stderr
    assert (offline.home / "config.toml").read_text() == "timeout_seconds = 7\n"


def test_init_by_force_keeps_what_was_synced_and_the_old_file(offline: Tm) -> None:
    offline.home.mkdir()
    old = 'timeout_seconds = 7\n[managed]\ngateway_model_id = "m"\n'
    (offline.home / "config.toml").write_text(old)

    offline("config", "init", "--force")

    assert tomllib.loads((offline.home / "config.toml").read_text())["managed"] == {"gateway_model_id": "m"}
    assert (offline.home / "config.toml.bak").read_text() == old


def test_init_by_force_fixes_a_broken_file(offline: Tm) -> None:
    offline.home.mkdir()
    (offline.home / "config.toml").write_text("= broken")

    assert offline("config", "show").code == 1
    assert offline("config", "init", "--force").code == 0
    assert offline("config", "show").code == 0


def test_init_puts_the_file_elsewhere(offline: Tm, tmp_path: Path) -> None:
    offline("config", "init", "--path", str(tmp_path / "new" / "tm.toml"))

    assert tomllib.loads((tmp_path / "new" / "tm.toml").read_text()) == {"overrides": {}}


def test_show_has_every_setting(offline: Tm) -> None:
    assert sorted(offline.ok("config", "show")) == sorted(SHOWN)


def test_show_masks_keys(offline: Tm) -> None:
    key = "sk-0123456789abcdefghij"

    outcome = offline("config", "show", "--sources", TENSORMESH_INFERENCE_API_KEY=key)

    assert key not in outcome.stdout + outcome.stderr
    assert "gateway_api_key: sk-0...ghij" in outcome.stdout
    assert "gateway_api_key: TENSORMESH_INFERENCE_API_KEY" in outcome.stdout


def test_another_file_can_be_read(offline: Tm, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("max_retries = 3\n")

    shown = offline.ok("config", "show", "--sources", "--config", str(tmp_path / "c.toml"))

    assert shown["values"]["max_retries"] == 3
    assert shown["values"]["config_path"] == str(tmp_path / "c.toml")
    assert shown["sources"]["config_path"] == "--config"


def test_sync_writes_what_on_demand_needs(tm: Tm) -> None:
    tm.ok("init", "--sync")

    shown = tm.ok("config", "show", "--sources", TENSORMESH_ON_DEMAND_USER_ID="", TENSORMESH_INFERENCE_API_KEY="")

    assert shown["values"]["gateway_provider"] == "nebius"
    assert shown["values"]["gateway_model_id"] == "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"
    assert shown["sources"]["gateway_api_key"] == "managed:gateway_api_key"
    assert shown["sources"]["gateway_user_id"] == "managed:gateway_user_id"


def test_sync_keeps_the_control_plane_only_if_it_was_given(tm: Tm) -> None:
    tm.ok("init", "--sync")
    assert "controlplane_base" not in (tm.home / "config.toml").read_text()

    base = tm.env["TENSORMESH_CONTROL_PLANE_BASE_URL"]
    tm.ok("init", "--sync", "--controlplane-base", base)
    assert f'controlplane_base = "{base}"' in (tm.home / "config.toml").read_text()


def test_sync_does_not_touch_a_broken_file(tm: Tm) -> None:
    tm.home.mkdir()
    (tm.home / "config.toml").write_text("= broken")

    outcome = tm("init", "--sync")

    assert outcome.code == 1
    assert (tm.home / "config.toml").read_text() == "= broken"


def test_sync_says_what_is_overridden(tm: Tm) -> None:
    tm.home.mkdir()
    (tm.home / "config.toml").write_text('[overrides]\ngateway_model_id = "mine"\n')

    outcome = tm("init", "--sync")

    assert "[overrides] sets gateway_model_id" in outcome.stderr


def test_a_link_to_a_file_of_settings_stays_one(offline: Tm, tmp_path: Path) -> None:
    offline.home.mkdir()
    real = tmp_path / "dotfiles.toml"
    real.write_text("max_retries = 1\n")
    (offline.home / "config.toml").symlink_to(real)

    offline("config", "init", "--force")

    assert (offline.home / "config.toml").is_symlink()
    assert tomllib.loads(real.read_text()) == {"overrides": {}}


def test_a_setting_that_is_only_uncommented_cuts_no_answer_short(offline: Tm) -> None:
    """One number is the limit of every answer, and a model's may take ten minutes."""
    offline("config", "init")
    file = offline.home / "config.toml"
    file.write_text(file.read_text().replace("# timeout_seconds", "timeout_seconds"))

    assert offline.ok("config", "get", "timeout_seconds")["value"] == DEFAULT_TOTAL_TIMEOUT_SECONDS
