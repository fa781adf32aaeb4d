"""The options of the program."""

from pathlib import Path

import pytest

from tensormesh_local.command_line import local
from tests.local_host.program import main


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_every_option(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([option]) == 0

    said = capsys.readouterr().out
    for word in ("--port", "--env-file", "--upstream", "--leak-think", "--pace", "/_local/faults"):
        assert word in said


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--nope"], "No such option"),
        (["--port", "abc"], "Invalid value for '--port': 'abc' is not a valid integer"),
        (["--port", "70000"], "70000 is not in the range 0<=x<=65535."),
        (["--pace", "nan"], "nan is no number of seconds."),
        (["--pace", "inf"], "inf is not in the range 0<=x<=60."),
        (["--deploy-seconds", "-1"], "-1.0 is not in the range 0<=x<=86400."),
        (["--context-tokens", "0"], "0 is not in the range 1<=x<="),
        (["--user-id", "me"], "'me' is not a valid UUID."),
        (["--allow-host", "http://box"], "a name to go by is like box.example, without http://, port or path"),
        (["--upstream", "localhost:8000"], "a URL is like http://127.0.0.1:8000, not 'localhost:8000'"),
        (["--upstream", "http://[::1"], "a URL is like http://127.0.0.1:8000, not 'http://[::1'"),
        (["--upstream", "http://u:s3 cret@h"], "the URL must hold no user name and no password; --upstream-key is for"),
        (["--inference-api-key", "s3 cret"], "a key is made of visible ASCII characters, without spaces"),
        (["--control-plane-token", ""], "a key is made of visible ASCII characters, without spaces"),
        (["--reasoning-field", "x"], "'x' is not one of 'reasoning', 'reasoning_content'."),
    ],
)
def test_a_wrong_option_is_told_what_is_right(
    options: list[str], reason: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tensormesh_local.foreground.run", lambda *_, **__: None)  # which would go on for ever

    assert main(options) == 2

    errors = capsys.readouterr().err
    assert reason in errors
    assert options[0] in errors
    assert "s3 cret" not in errors


KEYS = {
    "--inference-api-key": "TENSORMESH_LOCAL_INFERENCE_API_KEY",
    "--control-plane-token": "TENSORMESH_LOCAL_CONTROL_PLANE_TOKEN",
    "--upstream-key": "TENSORMESH_LOCAL_UPSTREAM_KEY",
}


def given(option: str, *arguments: str) -> object:
    """What the host is told."""
    return local.make_context("local", [*arguments]).params[option.removeprefix("--").replace("-", "_")]


@pytest.mark.parametrize(("option", "variable"), KEYS.items())
def test_a_key_need_not_stand_on_the_command_line(
    option: str, variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where everybody on the machine can read it."""
    file = tmp_path / "key"
    assert given(option) is None
    for content in (b"s3cret", b"s3cret\n", b"\xef\xbb\xbfs3cret\r\n", b"  s3cret  \n"):
        file.write_bytes(content)
        assert given(option, option, f"@{file}") == "s3cret"
    monkeypatch.setenv(variable, "s3cret")
    assert given(option) == "s3cret"
    assert given(option, option, "another") == "another"
    monkeypatch.setenv(variable, f"@{file}")
    assert given(option) == "s3cret"
    monkeypatch.setenv(variable, "  ")
    assert given(option) is None


@pytest.mark.parametrize("option", KEYS)
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"", "a key is made of visible ASCII characters"),
        (b"s3cret\ns3cret\n", "a key is made of visible ASCII characters"),
        (b"s3cret \xff", "a key is made of visible ASCII characters"),
        (b"s3cret" * 20_000, "holds more than a key."),
    ],
)
def test_a_file_without_a_key_is_told_and_not_repeated(
    option: str, content: bytes | None, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)

    assert main([option, f"@{file}"]) == 2

    errors = capsys.readouterr().err
    assert reason in errors
    assert option in errors
    assert "s3cret" not in errors
