"""What is said when something fails: a sentence with the way out, or JSON; an exit code by kind; never a traceback."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tensormesh_cli.command_line.confirmation import confirm
from tensormesh_cli.errors import KINDS, CliError
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import Tm

KEYS = ["kind", "message", "status", "request_id", "hint"]


@cases(
    ("status", "kind", "code"),
    [
        (400, "refused", 1),
        (401, "unauthorized", 3),
        (403, "unauthorized", 3),
        (404, "not_found", 4),
        (409, "refused", 1),
        (418, "refused", 1),
        (422, "refused", 1),
        (429, "rate_limited", 5),
        (500, "server", 6),
        (503, "server", 6),
        (529, "server", 6),
    ],
)
def test_every_status_has_its_exit_code(tm: Tm, host: LocalHost, status: int, kind: str, code: int) -> None:
    host.faults.add({"status": status, "body": {"code": 1, "message": "So it is.", "details": []}})

    outcome = tm("--error-format", "json", "billing", "balance")

    assert outcome.code == code
    assert (outcome.error["kind"], outcome.error["status"]) == (kind, status)
    assert "So it is." in outcome.error["message"]
    assert outcome.error["request_id"]


def test_an_error_as_json_always_has_the_same_keys(tm: Tm, host: LocalHost, offline: Tm) -> None:
    host.faults.add({"status": 500})

    for outcome in (
        tm("-o", "json", "billing", "balance"),
        offline("-o", "json", "billing", "balance"),
        offline("no-such-command", "--output", "json"),
        offline("--output=json", "tickets", "list", "--no-such-option"),
        offline("--error-format", "json", "tickets", "get"),
    ):
        assert outcome.code != 0
        assert outcome.stdout == ""
        assert list(outcome.error) == KEYS
        assert outcome.error["kind"] in KINDS


def test_text_output_can_have_json_errors_and_the_other_way_round(offline: Tm) -> None:
    assert offline("--error-format", "json", "auth", "whoami").error["kind"] == "not_logged_in"
    assert offline("-o", "json", "--error-format", "text", "auth", "whoami").stderr.startswith("Error: You are not")


def test_a_dead_host_is_told(tm: Tm) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"

        outcome = tm("--error-format", "json", "billing", "balance", "--controlplane-base", base)

    assert outcome.code == 7
    assert outcome.error["kind"] == "unreachable"
    assert "tm config show --sources" in outcome.error["hint"]


def test_no_proxy_hears_of_a_host_on_this_machine(logged_in: Tm, tm: Tm) -> None:
    """Neither of a key, nor of a login: where one variable counted, no call succeeded."""
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), "http://127.0.0.1:9")
    dead = {**proxies, "NO_PROXY": "", "no_proxy": ""}

    for found in (tm, logged_in):
        assert found("auth", "whoami", **dead).code == 0
        assert found("auth", "refresh", **dead).code == 0
    assert tm("infer", "chat", "Hello", **dead).code == 0
    assert tm("contract", "--gentle", "--rate", "1000", **dead).code == 0


def test_a_host_that_says_nothing_is_told(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"delay_seconds": 5})

    outcome = tm("--error-format", "json", "billing", "balance", "--timeout", "0.05")

    assert outcome.code == 7
    assert outcome.error["kind"] == "timeout"


@cases("body", ["", "<html>hello</html>", "[1, 2", "7", '{"balance": NaN}', '{"a":' * 900 + "1" + "}" * 900])
def test_an_answer_that_is_none_is_told(tm: Tm, host: LocalHost, body: str) -> None:
    host.faults.add({"status": 200, "body": body})

    outcome = tm("--error-format", "json", "billing", "balance")

    assert outcome.code == 8
    assert outcome.error["kind"] == "protocol"


def test_a_host_cannot_move_the_cursor_by_an_error(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"status": 400, "body": {"message": "a\x1b[2Jb"}})

    assert "a\\x1b[2Jb" in tm("billing", "balance").stderr


def test_a_right_that_is_missing_is_not_a_login_that_is(tm: Tm) -> None:
    outcome = tm("--error-format", "json", "admin", "users", "list")

    assert (outcome.code, outcome.error["status"], outcome.error["hint"]) == (3, 403, None)


def test_a_call_is_repeated_if_wanted(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"status": 503, "headers": {"Retry-After": "0"}})

    assert tm("billing", "balance", "--max-retries", "1").code == 0


@cases(
    ("arguments", "message"),
    [
        ([], "Usage: tm [OPTIONS] COMMAND"),
        (["tickets"], "Usage: tm tickets"),
        (["tickets", "get", "\udcff"], "The argument '\\udcff' is not UTF-8 text."),
        (["infer", "chat", "Hello", "--json", '{"messages": 3}'], "`messages` must be a list."),
        (["tickets", "get"], "Missing argument 'TICKET_ID'."),
        (["tickets", "lst"], "There is no command 'lst' in `tm tickets`. Did you mean 'list'?"),
        (["tickets", "list", "--sise", "2"], "--sise"),
        (["tickets", "list", "--size", "two"], "'two' is not a valid integer"),
        (["tickets", "create"], "Missing --subject and --message, or the same in a body as JSON."),
        (["users", "update", "u"], "There is nothing to send: give one of --first-name"),
        (["billing", "pricing", "list", "--gpu-type", "h1000"], "'h1000' is not one of a100, h100, h200, b200."),
        (["activities", "list", "--start-time", "yesterday"], "'yesterday' is no time such as"),
        (["admin", "billing", "balances", "add", "--amount", "much"], "'much' is no amount such as"),
        (["admin", "products", "upsert", "--spec-json", "{"], "it is not JSON"),
        (["cost", "--window", "7d", "--month", "2026-06"], "--window and --month are ways to say the same"),
        (["cost", "--month", "2026-13"], "'2026-13' is no month such as 2026-06"),
        (["cost", "--end", "1h"], "--end goes with --start."),
        (["cost", "--start", "1h", "--end", "2h"], "it ends before it begins"),
        (["infer", "chat"], "There is nothing to send: `tm infer chat"),
        (["infer", "chat", " "], "There is nothing to send, only an empty text"),
        (["infer", "detokenize", "x"], "'x' is not a valid integer"),
        (["logs", "d", "--follow", "--end-time", "1h"], "--follow goes forward without an end"),
        (["logs", "d", "--follow", "--output", "table"], "A log that goes on cannot be printed as table."),
        (["--output", "xml", "version"], "'xml' is not one of"),
        (["--timeout", "soon", "version"], "'soon' is not a valid number of seconds."),
        (["--timeout", "0", "version"], "0.0 is not in the range x>0"),
        (["logs", "d", "--follow", "--interval", "nan"], "'nan' is not a valid number of seconds."),
        (["completion", "tcsh"], "'tcsh' is not one of"),
    ],
)
def test_a_wrong_command_line_is_told(offline: Tm, arguments: list[str], message: str) -> None:
    outcome = offline(*arguments)

    assert outcome.code == 2
    assert message in outcome.stdout + outcome.stderr


@cases(
    ("arguments", "message"),
    [
        (["--json", "{"], "--json is not JSON"),
        (["--json", "[]"], "--json must hold a JSON object"),
        (["--json", '{"a": NaN}'], "NaN is no JSON number"),
        (["--json", "[" * 100_000], "it is nested too deeply"),
        (["--json", "@/no/such/file"], "/no/such/file cannot be read: No such file or directory"),
        (["--file", "/"], "/ cannot be read: Is a directory"),
        (["--file", "-"], "standard input is not JSON"),
    ],
)
def test_a_body_that_cannot_be_used_is_told(offline: Tm, arguments: list[str], message: str) -> None:
    outcome = offline("tickets", "create", *arguments, input="hello")

    assert outcome.code == 1
    assert message in outcome.stderr


@cases(
    ("text", "message"),
    [
        ("= broken", "is not TOML"),
        ("timeout_seconds = 'soon'", "timeout_seconds must be a number of seconds above 0"),
        ("overrides = 3", "overrides must be a table"),
        ("profile = 'x'", "profile is not a setting"),
        ("controlplane_base = 'api.example'", "controlplane_base cannot be used: it must begin with https://"),
        ("ca_bundle = '/no/such.pem'", "ca_bundle cannot be used: there is no file '/no/such.pem'"),
    ],
)
def test_a_file_of_settings_that_cannot_be_used_is_told(tm: Tm, text: str, message: str) -> None:
    tm.home.mkdir()
    (tm.home / "config.toml").write_text(text)

    outcome = tm("billing", "balance", TENSORMESH_CONTROL_PLANE_BASE_URL="")

    assert outcome.code == 1
    assert message in outcome.stderr


def test_a_file_of_settings_that_was_asked_for_must_be_there(offline: Tm) -> None:
    outcome = offline("config", "show", "--config", "/no/such.toml")

    assert outcome.code == 1
    assert (
        outcome.stderr == "Error: There is no /no/such.toml.\nHint: `tm config init --path /no/such.toml` begins one\n"
    )


def test_the_place_of_a_bad_setting_is_told(tm: Tm) -> None:
    outcome = tm("billing", "balance", TENSORMESH_CA_BUNDLE="/no/such.pem")

    assert outcome.stderr == (
        "Error: ca_bundle cannot be used: there is no file '/no/such.pem'\nHint: it comes from TENSORMESH_CA_BUNDLE\n"
    )


@cases("name", ["config.toml", "auth.json"])
@cases("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_told(offline: Tm, name: str, content: bytes | None) -> None:
    offline.home.mkdir()
    if content is None:
        (offline.home / name).mkdir()
    else:
        (offline.home / name).write_bytes(content)

    outcome = offline("billing", "balance")

    assert outcome.code == 1
    assert f"{name} cannot be read" in outcome.stderr


def test_a_home_that_is_a_file_is_told(tm: Tm, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    outcome = tm("config", "init", TM_CONFIG_HOME=str(tmp_path / "file"))

    assert outcome.code == 1
    assert "config.toml cannot be locked" in outcome.stderr


def test_a_full_disk_is_told(logged_in: Tm, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (logged_in.home / "auth.json").read_bytes()

    def full(descriptor: int, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    outcomes = [logged_in("auth", "login"), logged_in("config", "init"), logged_in("auth", "refresh")]
    monkeypatch.undo()

    for outcome in outcomes:
        assert outcome.code == 1
        assert "cannot be written: No space left on device; it is as it was" in outcome.stderr
    assert (logged_in.home / "auth.json").read_bytes() == before


@pytest.mark.parametrize(
    ("answer", "kind", "code"), [(KeyboardInterrupt, "interrupted", 130), (EOFError, "declined", 1)]
)
def test_ctrl_c_and_the_end_of_the_input_are_no_answer_to_a_question(
    monkeypatch: pytest.MonkeyPatch, answer: type[BaseException], kind: str, code: int
) -> None:
    def read(prompt: str) -> str:
        raise answer

    monkeypatch.setattr("click.termui.visible_prompt_func", read)

    with pytest.raises(CliError) as raised:
        confirm("This deletes all.")

    assert (raised.value.kind, raised.value.exit_code) == (kind, code)


def test_doctor_and_status_report_broken_files_instead_of_failing(offline: Tm) -> None:
    offline.home.mkdir()
    (offline.home / "config.toml").write_text("= broken")
    (offline.home / "auth.json").write_text("broken")

    for command in (["doctor"], ["init"], ["auth", "status"], ["infer", "doctor"]):
        outcome = offline(*command)
        assert outcome.code == 0, command
        assert outcome.stderr == ""
    assert offline.ok("doctor")["missing"] == [
        "config",
        "control_plane",
        "serverless_api_key",
        "gateway_api_key",
        "gateway_user_id",
    ]


def test_doctor_reports_a_folder_that_cannot_be_looked_into(offline: Tm) -> None:
    # A name that is too long fails for root as well, who may look into everything else.
    found = offline.ok("doctor", TM_CONFIG_HOME="x" * 300)

    assert found["missing"][:2] == ["config", "control_plane"]
    assert "File name too long" in found["config"]["problem"]


def test_a_folder_that_cannot_be_written_to_is_told_with_a_way_out(offline: Tm, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    outcome = offline("config", "init", TM_CONFIG_HOME=str(tmp_path / "file" / "below"))

    assert outcome.code == 1
    assert outcome.stderr.endswith("Hint: fix that, or have TM_CONFIG_HOME name another folder\n")


def test_doctor_points_out_a_key_of_the_file_that_is_no_setting(offline: Tm) -> None:
    offline.home.mkdir()
    (offline.home / "config.toml").write_text(
        "timeout_second = 3\n[overrides]\ngateway_key = 'x'\ngateway_provider = 'nebius'\n[managed]\nsynced_at = 'x'\n"
    )

    assert offline.ok("doctor")["warnings"][:2] == [
        "timeout_second is no setting, and ignored",
        "[overrides] gateway_key is no setting, and ignored",
    ]


def test_doctor_points_out_files_with_secrets_that_others_may_read(logged_in: Tm) -> None:
    config, auth = logged_in.home / "config.toml", logged_in.home / "auth.json"
    config.write_text("[managed]\ngateway_api_key = 'ak-x'\n")
    for path, mode in ((config, 0o640), (auth, 0o604), (logged_in.home, 0o755)):
        path.chmod(mode)

    found = [check for check in logged_in.ok("doctor")["checks"] if check["name"] == "permissions"]
    logged_in.home.chmod(0o700)
    safe = [check for check in logged_in.ok("doctor")["checks"] if check["name"] == "permissions"]

    assert [check["fix"] for check in found] == [f"chmod 600 {config}", f"chmod 600 {auth}"]
    assert safe == []


def test_doctor_does_not_mind_who_reads_a_file_without_secrets(offline: Tm) -> None:
    offline.home.mkdir()
    (offline.home / "config.toml").write_text("max_retries = 2\n")
    (offline.home / "config.toml").chmod(0o644)
    offline.home.chmod(0o755)

    assert "permissions" not in [check["name"] for check in offline.ok("doctor")["checks"]]


SECRETS = ("TENSORMESH_INFERENCE_API_KEY", "TENSORMESH_CONTROL_PLANE_TOKEN")


@cases(
    "arguments",
    [
        ["auth", "status"],
        ["auth", "whoami"],
        ["config", "show", "--sources"],
        ["doctor"],
        ["infer", "doctor"],
        ["init"],
        ["init", "--sync"],
        ["models", "list"],
        ["models", "list", "-o", "raw"],
        ["models", "list", "-o", "table"],
        ["users", "api-keys", "list"],
        ["users", "api-keys", "list", "-o", "raw"],
        ["infer", "chat", "Hello"],
        ["infer", "models", "--api-key", "wrong"],
        ["billing", "balance"],
    ],
)
def test_no_command_shows_a_secret_without_being_told_to(tm: Tm, arguments: list[str]) -> None:
    outcome = tm("--debug", *arguments)

    for name in SECRETS:
        assert tm.env[name] not in outcome.stdout + outcome.stderr


def test_debug_shows_the_calls(tm: Tm) -> None:
    outcome = tm("--debug", "billing", "balance")

    assert "debug: GET http://127.0.0.1:" in outcome.stderr
    assert "/v1/billing/balance -> HTTP 200" in outcome.stderr
    assert tm("--debug", "--quiet", "billing", "balance").stderr == ""


def test_a_deleted_key_does_not_show_in_debug(tm: Tm) -> None:
    key = tm.ok("users", "api-keys", "list", "--show-secrets")["apiKeys"][0]["id"]

    outcome = tm("--debug", "users", "api-keys", "delete", "--api-key", key, input="y\n")

    assert outcome.code == 0
    assert key not in outcome.stdout + outcome.stderr
