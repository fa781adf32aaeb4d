"""Which setting applies, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tensormesh import DEFAULT_TIMEOUT_SECONDS, Tensormesh
from tensormesh_cli.client import connect
from tensormesh_cli.errors import CliError
from tensormesh_cli.settings.definitions import SETTINGS, home
from tensormesh_cli.settings.precedence import resolve
from tests.batch.host import BatchHost
from tests.cases import cases
from tests.cli.conftest import Tm

TIMEOUT = "TENSORMESH_TIMEOUT_SECONDS"
KEY = "TENSORMESH_INFERENCE_API_KEY"


def decided(name: str, *, flags: Any = None, env: Any = None, file: Any = None) -> tuple[Any, str]:
    value = resolve(flags or {}, env or {}, file or {})[name]
    return value.value, value.source


def test_a_flag_wins_over_everything() -> None:
    assert decided(
        "timeout_seconds", flags={"timeout_seconds": 1.5}, env={TIMEOUT: "2"}, file={"timeout_seconds": 3}
    ) == (1.5, "--timeout")


def test_a_variable_wins_over_the_file() -> None:
    assert decided("timeout_seconds", env={TIMEOUT: "2"}, file={"timeout_seconds": 3}) == (2.0, TIMEOUT)


def test_the_file_wins_over_the_default() -> None:
    assert decided("timeout_seconds", file={"timeout_seconds": 3}) == (3.0, "config:timeout_seconds")


def test_a_blank_variable_counts_as_unset() -> None:
    assert decided("timeout_seconds", env={TIMEOUT: "  "}) == (30.0, "built-in:timeout_seconds")


def test_overrides_win_over_what_was_synced() -> None:
    file = {"overrides": {"gateway_model_id": "mine"}, "managed": {"gateway_model_id": "found"}}

    assert decided("gateway_model_id", file=file) == ("mine", "config:gateway_model_id")


def test_what_was_synced_wins_over_the_default() -> None:
    file = {"managed": {"gateway_provider": "yotta"}}

    assert decided("gateway_provider", file=file) == ("yotta", "managed:gateway_provider")


def test_variables_win_over_overrides_for_keys_too() -> None:
    """The published tool has no variable for them, though its guide says that variables win."""
    assert decided("gateway_api_key", env={KEY: "from-env"}, file={"overrides": {"gateway_api_key": "from-file"}}) == (
        "from-env",
        KEY,
    )


def test_gateway_settings_at_the_top_of_the_file_are_not_read() -> None:
    assert decided("gateway_api_key", file={"gateway_api_key": "k"}) == (None, "built-in:gateway_api_key")


def test_the_on_demand_host_follows_from_the_provider() -> None:
    assert decided("gateway_base", flags={"gateway_provider": "Lambda"}) == (
        "https://external.lambda.tensormesh.ai",
        "derived-from:gateway_provider",
    )


def test_a_provider_on_the_command_line_wins_over_an_address_in_the_environment() -> None:
    env = {"TENSORMESH_ON_DEMAND_BASE_URL": "https://elsewhere.example"}

    assert decided("gateway_base", env=env)[0] == "https://elsewhere.example"
    assert decided("gateway_base", env=env, flags={"gateway_provider": "yotta"})[0] == (
        "https://external.yotta.tensormesh.ai"
    )


@cases("provider", ["evil.example/", "a b", "-", "nebius.evil.example", "x#"])
def test_a_provider_cannot_lead_to_another_domain(provider: str) -> None:
    with pytest.raises(CliError, match="gateway_provider must be a name such as nebius"):
        decided("gateway_base", flags={"gateway_provider": provider})


@cases("value", ["soon", "0", "-1", "nan", "inf"])
def test_a_time_limit_must_be_a_number_above_nought(value: str) -> None:
    with pytest.raises(CliError, match=f"timeout_seconds must be a number of seconds above 0; {TIMEOUT} gives"):
        decided("timeout_seconds", env={TIMEOUT: value})


@cases("value", [True, -1, 1.5, "x", [], {}])
def test_the_number_of_retries_must_be_a_whole_number(value: Any) -> None:
    with pytest.raises(CliError, match="max_retries must be a whole number, 0 or more; config:max_retries gives"):
        decided("max_retries", file={"max_retries": value})


def test_text_must_be_text() -> None:
    with pytest.raises(CliError, match="controlplane_base must be text, in quotes; config:controlplane_base gives 7"):
        decided("controlplane_base", file={"controlplane_base": 7})


@pytest.mark.parametrize("name", ["overrides", "managed"])
def test_a_table_must_be_a_table(name: str) -> None:
    with pytest.raises(CliError, match=rf"{name} must be a table, written \[{name}\]"):
        decided("gateway_api_key", file={name: "x"})


@pytest.mark.parametrize("key", ["profile", "profiles", "controlplane_auth_json"])
def test_settings_of_old_are_refused_with_advice(key: str) -> None:
    with pytest.raises(CliError, match=f"{key} is not a setting") as caught:
        decided("timeout_seconds", file={key: "x"})

    assert "TM_CONFIG_HOME" in str(caught.value.hint)


def test_the_defaults_are_those_of_the_client() -> None:
    config = Tensormesh(env={}).config
    defaults = {item.name: item.default for item in SETTINGS}

    assert defaults["controlplane_base"] == config.control_plane_base_url
    assert defaults["serverless_base"] == config.serverless_base_url
    assert defaults["timeout_seconds"] == DEFAULT_TIMEOUT_SECONDS
    assert defaults["max_retries"] == config.max_retries


def test_the_client_decides_what_nobody_limits() -> None:
    """An answer that a model writes may take longer than any other, and one number would be the limit of each."""
    names = ("serverless_base",)
    default, said = resolve({}, {}, {}), resolve({"timeout_seconds": 30.0}, {}, {})

    assert connect(default, names).config.limits == Tensormesh(env={}).config.limits
    assert connect(said, names).config.limits == 30


def test_the_folder_is_moved_by_a_variable(tmp_path: Path) -> None:
    assert home({"TM_CONFIG_HOME": str(tmp_path)}) == tmp_path
    assert home({"TM_CONFIG_HOME": " "}) == Path.home() / ".config" / "tensormesh"
    assert home({"TM_CONFIG_HOME": "~/x"}) == Path.home() / "x"


def test_how_long_an_answer_may_be_is_a_setting_and_an_option(offline: Tm) -> None:
    with BatchHost() as host:
        offline.env |= {"TENSORMESH_SERVERLESS_BASE_URL": host.url, "TENSORMESH_INFERENCE_API_KEY": "ak"}
        asked = ("infer", "chat", "Hello", "--no-stream", "--model", "m")
        assert "you said Hello" in offline(*asked, "--max-response-bytes", "10000").stdout
        failed = offline(*asked, "--max-response-bytes", "10")
        assert failed.code == 8
        assert "longer than 10 bytes, the limit that --max-response-bytes sets" in failed.stderr
    assert offline("infer", "chat", "Hello", "--max-response-bytes", "0").code == 2
