"""The command: `python -m tensormesh_local`."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

import tensormesh_local
from tensormesh_local import INSTALL, LocalHost
from tensormesh_local.command_line import local

ROOT = Path(tensormesh_local.__file__).parents[1]
COMMAND = [sys.executable, "-m", "tensormesh_local"]
NAMES = [
    "TENSORMESH_SERVERLESS_BASE_URL",
    "TENSORMESH_ON_DEMAND_BASE_URL",
    "TENSORMESH_ON_DEMAND_USER_ID",
    "TENSORMESH_INFERENCE_API_KEY",
    "TENSORMESH_CONTROL_PLANE_BASE_URL",
    "TENSORMESH_CONTROL_PLANE_TOKEN",
]
PATIENCE = 10.0
SOON = PATIENCE / 2


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / "below" / "env"


@contextmanager
def _running(env_file: Path, *options: str, stdout: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    """Run the command from the moment its file is there."""
    command = [*COMMAND, "--port", "0", "--env-file", str(env_file), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, text=True) as process:
        try:
            end = time.monotonic() + PATIENCE
            while not env_file.exists() and process.poll() is None and time.monotonic() < end:
                threading.Event().wait(0.005)
            assert env_file.exists(), process.communicate(timeout=PATIENCE)
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def _sourced(env_file: Path) -> dict[str, str]:
    """What a shell knows after it has read the file."""
    script = '. "$1"; env'
    found = subprocess.run(
        ["/bin/sh", "-c", script, "sh", str(env_file)], env={}, capture_output=True, text=True, check=True
    )
    pairs = (line.partition("=") for line in found.stdout.splitlines())
    return {name: value for name, _, value in pairs if name.startswith("TENSORMESH_")}


@pytest.fixture
def handlers() -> Iterator[None]:
    """Give this process its signal handlers back after the command has run in it."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def main(arguments: list[str]) -> int:
    """Run the command in this process; give its exit status."""
    with pytest.raises(SystemExit) as ended:
        local.main(arguments)
    return ended.value.code if isinstance(ended.value.code, int) else 0


@dataclass(frozen=True)
class Life:
    """What was to be seen of one run from its start to its end."""

    env_file: Path
    variables: dict[str, str]
    statuses: list[int]
    mode: int
    beside: list[str]
    said: str
    errors: str


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    env_file = tmp_path_factory.mktemp("life") / "below" / "env"
    with _running(env_file) as process:
        variables = _sourced(env_file)
        key = {"Authorization": f"Bearer {variables['TENSORMESH_INFERENCE_API_KEY']}"}
        user = {"X-User-Id": variables["TENSORMESH_ON_DEMAND_USER_ID"]}
        token = {"Authorization": f"Bearer {variables['TENSORMESH_CONTROL_PLANE_TOKEN']}"}
        asked = [
            (f"{variables['TENSORMESH_SERVERLESS_BASE_URL']}/v1/models", {}),
            (f"{variables['TENSORMESH_ON_DEMAND_BASE_URL']}/health", key | user),
            (f"{variables['TENSORMESH_CONTROL_PLANE_BASE_URL']}/auth/profile", token),
        ]
        statuses = [httpx.get(url, headers=headers, trust_env=False).status_code for url, headers in asked]
        mode, beside = env_file.stat().st_mode & 0o777, [file.name for file in env_file.parent.iterdir()]
        process.send_signal(signal.SIGTERM)
        said, errors = process.communicate(timeout=PATIENCE)
    return Life(env_file, variables, statuses, mode, beside, said, errors)


@pytest.mark.parametrize("reader", ["nobody", "a full disk"])
def test_a_host_serves_also_where_what_it_says_cannot_be_written(env_file: Path, reader: str) -> None:
    if reader == "nobody":
        reading, stdout = os.pipe()
        os.close(reading)
    else:
        stdout = os.open("/dev/full", os.O_WRONLY)
    with _running(env_file, stdout=stdout) as process:
        os.close(stdout)
        status = httpx.get(
            f"{_sourced(env_file)['TENSORMESH_CONTROL_PLANE_BASE_URL']}/v1/products", trust_env=False
        ).status_code
        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=PATIENCE)[1]

    assert (status, process.returncode, errors) == (401, 0, "")


WITHOUT = "import runpy, sys; sys.modules['{}'] = None; "


@pytest.mark.parametrize("missing", ["pydantic", "starlette"])
@pytest.mark.parametrize(
    "code",
    ["runpy.run_module('tensormesh_local', run_name='__main__')", "from tensormesh_local import LocalHost"],
)
def test_a_missing_extra_is_told(code: str, missing: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(missing) + code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    said = done.stderr.splitlines()
    assert done.returncode == 1
    assert said[-1].endswith(f", which the local host needs: {INSTALL}")
    assert (len(said) == 1) is ("run_module" in code)


def test_the_file_leads_a_shell_to_a_host_that_answers(life: Life) -> None:
    assert sorted(life.variables) == sorted(NAMES)
    assert life.statuses == [200, 200, 200]


def test_the_file_is_for_its_owner_alone_and_nothing_lies_beside_it(life: Life) -> None:
    assert (life.mode, life.beside) == (0o600, ["env"])


def test_the_file_goes_with_the_host(life: Life) -> None:
    assert not life.env_file.exists()


def test_what_it_says_leads_to_the_file_and_shows_no_secret(life: Life) -> None:
    assert life.variables["TENSORMESH_SERVERLESS_BASE_URL"] in life.said
    assert f". {life.env_file}" in life.said
    assert life.errors == ""
    for name in ("TENSORMESH_INFERENCE_API_KEY", "TENSORMESH_CONTROL_PLANE_TOKEN"):
        assert life.variables[name] not in life.said


def test_a_closed_terminal_ends_the_host_and_takes_the_file_with_it(env_file: Path) -> None:
    with _running(env_file) as process:
        process.send_signal(signal.SIGHUP)
        errors = process.communicate(timeout=PATIENCE)[1]

    assert (process.returncode, errors, env_file.exists()) == (0, "", False)


def test_a_host_under_nohup_outlives_its_terminal(env_file: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # inherited by the host, as from nohup
    try:
        with _running(env_file) as process:
            signal.signal(signal.SIGHUP, before)
            process.send_signal(signal.SIGHUP)
            url = f"{_sourced(env_file)['TENSORMESH_CONTROL_PLANE_BASE_URL']}/v1/products"
            status = httpx.get(url, trust_env=False).status_code
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)
    finally:
        signal.signal(signal.SIGHUP, before)

    assert (status, process.returncode) == (401, 0)


def test_a_file_that_somebody_else_wrote_since_stays(env_file: Path) -> None:
    with _running(env_file) as process:
        env_file.write_text("mine")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)

    assert env_file.read_text() == "mine"


@pytest.mark.usefixtures("handlers")
def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--port", "0", "--env-file", str(tmp_path)])

    assert status == 1
    assert capsys.readouterr() == ("", f"Error: Cannot write {tmp_path}: it is there already and no regular file.\n")


@pytest.mark.usefixtures("handlers")
def test_a_file_of_somebody_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / ".env"
    file.write_text("export TENSORMESH_INFERENCE_API_KEY=sk-of-the-service\n")

    status = main(["--port", "0", "--env-file", str(file)])

    assert status == 1
    assert "it is there already, and no local host wrote it" in capsys.readouterr().err
    assert file.read_text() == "export TENSORMESH_INFERENCE_API_KEY=sk-of-the-service\n"


def test_a_host_takes_the_place_of_one_that_was_killed(env_file: Path) -> None:
    with _running(env_file) as process:
        process.kill()
    left = env_file.read_text()

    with _running(env_file) as process:
        end = time.monotonic() + PATIENCE
        while env_file.read_text() == left and time.monotonic() < end:
            threading.Event().wait(0.005)
        changed = env_file.read_text() != left
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)

    assert (changed, env_file.exists()) == (True, False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_time_even_with_an_open_stream(env_file: Path, number: signal.Signals) -> None:
    body = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    with _running(env_file, "--pace", "60") as process:
        variables = _sourced(env_file)
        headers = {"Authorization": f"Bearer {variables['TENSORMESH_INFERENCE_API_KEY']}"}
        url = f"{variables['TENSORMESH_SERVERLESS_BASE_URL']}/v1/chat/completions"
        with httpx.stream("POST", url, json=body, headers=headers, trust_env=False) as answer:
            next(answer.iter_bytes())
            begun = time.monotonic()
            process.send_signal(number)
            _, errors = process.communicate(timeout=PATIENCE)
            took = time.monotonic() - begun

    assert (process.returncode, errors) == (0, "")
    assert took < SOON


def test_every_option_reaches_the_host(env_file: Path) -> None:
    options = [
        "--inference-api-key", "ak-mine", "--context-tokens", "300", "--reasoning-field", "reasoning_content",
        "--user-id", "3F1C2B9E-5D1A-4C57-9D0E-0A6D1F0C7B11", "--control-plane-token", "cp-mine", "--show-secrets",
    ]  # fmt: skip
    with _running(env_file, *options) as process:
        variables = _sourced(env_file)
        url = variables["TENSORMESH_SERVERLESS_BASE_URL"]
        body = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}]}
        headers = {"Authorization": "Bearer ak-mine"}
        answer = httpx.post(f"{url}/v1/chat/completions", json=body, headers=headers, trust_env=False).json()
        models = httpx.get(f"{url}/v1/models", trust_env=False).json()
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=PATIENCE)

    assert "reasoning_content" in answer["choices"][0]["message"]
    assert {model["max_model_len"] for model in models["data"]} == {300}
    assert variables["TENSORMESH_ON_DEMAND_USER_ID"] == "3f1c2b9e-5d1a-4c57-9d0e-0a6d1f0c7b11"
    assert variables["TENSORMESH_CONTROL_PLANE_TOKEN"] == "cp-mine"
    assert "export TENSORMESH_INFERENCE_API_KEY=ak-mine\n" in said


@pytest.mark.usefixtures("handlers")
def test_a_port_that_is_taken_is_one_sentence(
    host: LocalHost, env_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["--port", str(host.port), "--env-file", str(env_file)])
    said, errors = capsys.readouterr()

    assert (status, said) == (1, "")
    assert errors == (
        f"Error: Cannot listen on 127.0.0.1, port {host.port}: Address already in use. "
        "Choose another port; 0 takes any free one.\n"
    )
    assert not env_file.exists()


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


def test_a_key_in_a_file_opens_the_engine(host: LocalHost, env_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{host.inference_api_key}\n")
    with _running(env_file, "--upstream", host.serverless_base_url, "--upstream-key", f"@{file}") as process:
        variables = _sourced(env_file)
        headers = {"Authorization": f"Bearer {variables['TENSORMESH_INFERENCE_API_KEY']}"}
        url = f"{variables['TENSORMESH_SERVERLESS_BASE_URL']}/tokenize"
        body = {"model": "openai/gpt-oss-20b", "prompt": "x"}
        status = httpx.post(url, json=body, headers=headers, trust_env=False).status_code
        process.send_signal(signal.SIGTERM)
        said = "".join(process.communicate(timeout=PATIENCE))

    assert status == 200
    assert host.inference_api_key not in said


def test_it_imports_nothing_of_the_client() -> None:
    script = """
import sys, httpx
from tensormesh_local import LocalHost
import tensormesh_local.__main__
with LocalHost() as host:
    headers = {"Authorization": f"Bearer {host.inference_api_key}"}
    body = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}]}
    httpx.post(f"{host.serverless_base_url}/v1/chat/completions", json=body, headers=headers, trust_env=False)
print(sorted({name.partition(".")[0] for name in sys.modules if name.startswith("tensormesh")}))
"""
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )

    assert found.stdout == "['tensormesh_documents', 'tensormesh_local']\n"
