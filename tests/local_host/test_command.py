"""The host as a program: what it says, the file that it writes, and how it ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tensormesh_local import INSTALL, LocalHost
from tests.cases import cases
from tests.local_host.program import PATIENCE, ROOT, main, running, sourced
from tests.plain_http import NO_TLS

NAMES = [
    "TENSORMESH_SERVERLESS_BASE_URL",
    "TENSORMESH_ON_DEMAND_BASE_URL",
    "TENSORMESH_ON_DEMAND_USER_ID",
    "TENSORMESH_INFERENCE_API_KEY",
    "TENSORMESH_CONTROL_PLANE_BASE_URL",
    "TENSORMESH_CONTROL_PLANE_TOKEN",
]

SOON = PATIENCE / 2


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
    with running(env_file) as process:
        variables = sourced(env_file)
        key = {"Authorization": f"Bearer {variables['TENSORMESH_INFERENCE_API_KEY']}"}
        user = {"X-User-Id": variables["TENSORMESH_ON_DEMAND_USER_ID"]}
        token = {"Authorization": f"Bearer {variables['TENSORMESH_CONTROL_PLANE_TOKEN']}"}
        asked = [
            (f"{variables['TENSORMESH_SERVERLESS_BASE_URL']}/v1/models", {}),
            (f"{variables['TENSORMESH_ON_DEMAND_BASE_URL']}/health", key | user),
            (f"{variables['TENSORMESH_CONTROL_PLANE_BASE_URL']}/auth/profile", token),
        ]
        statuses = [
            httpx.get(url, headers=headers, trust_env=False, verify=NO_TLS).status_code for url, headers in asked
        ]
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
    with running(env_file, stdout=stdout) as process:
        os.close(stdout)
        status = httpx.get(
            f"{sourced(env_file)['TENSORMESH_CONTROL_PLANE_BASE_URL']}/v1/products", trust_env=False, verify=NO_TLS
        ).status_code
        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=PATIENCE)[1]

    assert (status, process.returncode, errors) == (401, 0, "")


WITHOUT = "import runpy, sys; sys.modules['{}'] = None; "


@cases("missing", ["pydantic", "starlette"])
@cases(
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
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # these tests themselves may run under nohup
    try:
        with running(env_file) as process:
            process.send_signal(signal.SIGHUP)
            errors = process.communicate(timeout=PATIENCE)[1]
    finally:
        signal.signal(signal.SIGHUP, before)

    assert (process.returncode, errors, env_file.exists()) == (0, "", False)


def test_a_host_under_nohup_outlives_its_terminal_and_another_takes_the_place_of_one_that_was_killed(
    env_file: Path,
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # inherited by the host, as from nohup
    try:
        with running(env_file) as process:
            signal.signal(signal.SIGHUP, before)
            process.send_signal(signal.SIGHUP)
            url = f"{sourced(env_file)['TENSORMESH_CONTROL_PLANE_BASE_URL']}/v1/products"
            status = httpx.get(url, trust_env=False, verify=NO_TLS).status_code
            process.kill()
    finally:
        signal.signal(signal.SIGHUP, before)
    left = env_file.read_text()

    with running(env_file) as process:
        end = time.monotonic() + PATIENCE
        while env_file.read_text() == left and time.monotonic() < end:
            threading.Event().wait(0.005)
        changed = env_file.read_text() != left
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)

    assert status == 401
    assert (changed, env_file.exists()) == (True, False)


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_time_even_with_an_open_stream(env_file: Path, number: signal.Signals) -> None:
    body = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    with running(env_file, "--pace", "60") as process:
        variables = sourced(env_file)
        headers = {"Authorization": f"Bearer {variables['TENSORMESH_INFERENCE_API_KEY']}"}
        url = f"{variables['TENSORMESH_SERVERLESS_BASE_URL']}/v1/chat/completions"
        with httpx.stream("POST", url, json=body, headers=headers, trust_env=False, verify=NO_TLS) as answer:
            next(answer.iter_bytes())
            begun = time.monotonic()
            process.send_signal(number)
            _, errors = process.communicate(timeout=PATIENCE)
            took = time.monotonic() - begun

    assert (process.returncode, errors) == (0, "")
    assert took < SOON


def test_every_option_reaches_the_host_and_a_file_that_somebody_else_wrote_since_stays(env_file: Path) -> None:
    options = [
        "--inference-api-key", "ak-mine", "--context-tokens", "300", "--reasoning-field", "reasoning_content",
        "--user-id", "3F1C2B9E-5D1A-4C57-9D0E-0A6D1F0C7B11", "--control-plane-token", "cp-mine", "--show-secrets",
    ]  # fmt: skip
    with running(env_file, *options) as process:
        variables = sourced(env_file)
        env_file.write_text("mine")
        url = variables["TENSORMESH_SERVERLESS_BASE_URL"]
        body = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}]}
        headers = {"Authorization": "Bearer ak-mine"}
        answer = httpx.post(
            f"{url}/v1/chat/completions", json=body, headers=headers, trust_env=False, verify=NO_TLS
        ).json()
        models = httpx.get(f"{url}/v1/models", trust_env=False, verify=NO_TLS).json()
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=PATIENCE)

    assert "reasoning_content" in answer["choices"][0]["message"]
    assert {model["max_model_len"] for model in models["data"]} == {300}
    assert variables["TENSORMESH_ON_DEMAND_USER_ID"] == "3f1c2b9e-5d1a-4c57-9d0e-0a6d1f0c7b11"
    assert variables["TENSORMESH_CONTROL_PLANE_TOKEN"] == "cp-mine"
    assert "export TENSORMESH_INFERENCE_API_KEY=ak-mine\n" in said
    assert env_file.read_text() == "mine"


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


def test_a_key_in_a_file_opens_the_engine(host: LocalHost, env_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{host.inference_api_key}\n")
    with running(env_file, "--upstream", host.serverless_base_url, "--upstream-key", f"@{file}") as process:
        variables = sourced(env_file)
        headers = {"Authorization": f"Bearer {variables['TENSORMESH_INFERENCE_API_KEY']}"}
        url = f"{variables['TENSORMESH_SERVERLESS_BASE_URL']}/tokenize"
        body = {"model": "openai/gpt-oss-20b", "prompt": "x"}
        status = httpx.post(url, json=body, headers=headers, trust_env=False, verify=NO_TLS).status_code
        process.send_signal(signal.SIGTERM)
        said = "".join(process.communicate(timeout=PATIENCE))

    assert status == 200
    assert host.inference_api_key not in said


def test_it_imports_nothing_of_the_client() -> None:
    script = """
import json, sys
from urllib.request import Request, urlopen
from tensormesh_local import LocalHost
import tensormesh_local.__main__
with LocalHost() as host:
    headers = {"Authorization": f"Bearer {host.inference_api_key}"}
    body = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}]}
    url = f"{host.serverless_base_url}/v1/chat/completions"
    headers["Content-Type"] = "application/json"
    assert urlopen(Request(url, json.dumps(body).encode(), headers)).status == 200
print(sorted({name.partition(".")[0] for name in sys.modules if name.startswith("tensormesh")}))
"""
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )

    assert found.stdout == "['tensormesh_documents', 'tensormesh_local']\n"
