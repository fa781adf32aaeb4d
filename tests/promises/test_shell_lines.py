"""The shell lines of the documents, as they stand there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tensormesh import Tensormesh
from tensormesh_local import LocalHost
from tensormesh_local.control_plane import chosen

ROOT = Path(__file__).resolve().parents[2]
SERVED = "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"
HELLO = [{"role": "user", "content": "Say hello"}]

Shell = Callable[[str], str]


def program(file: Path, line: str) -> Path:
    file.write_text(f"#!/bin/sh\n{line}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def shell(host: LocalHost, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """
    Runs lines in the shell of somebody who has just installed `tm` and has no credentials; gives what they print.

    The browser there approves every login; tests/cli/test_browser.py has a real one.
    """
    monkeypatch.setattr(chosen, "POLL_SECONDS", 0.05)
    python = f'"{sys.executable}"'
    program(tmp_path / "tm", f'exec {python} -m tensormesh_cli "$@"')
    script = "import sys; from tests.local_control_plane.browser import approve; approve(sys.argv[1])"
    browser = program(tmp_path / "browser", f"exec {python} -c '{script}' \"$1\"")
    environment = {name: value for name, value in host.environment().items() if name.endswith("_BASE_URL")}
    environment |= {
        "PATH": os.pathsep.join([str(tmp_path), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
        "BROWSER": str(browser),
        "TM_CONFIG_HOME": str(home),
    }

    def run(lines: str) -> str:
        done = subprocess.run(["bash", "-e", "-c", lines], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_price_list_shows_the_published_models(shell: Shell, host: LocalHost) -> None:
    printed = shell("tm auth login\ntm billing pricing serverless list")

    published = [price.model for price in Tensormesh().control_plane.billing.pricing.serverless.list()]
    assert len(published) > 2
    assert [line.split()[-1] for line in printed.splitlines() if line.lstrip("- ").startswith("model:")] == published


def test_a_sync_stores_the_served_name_and_the_key(shell: Shell, host: LocalHost, home: Path) -> None:
    printed = shell("tm auth login >&2\ntm init --sync >&2\ntm --output json config show")

    shown = json.loads(printed)
    stored = tomllib.loads((home / "config.toml").read_text())["managed"]
    assert shown["gateway_model_id"] == stored["gateway_model_id"] == SERVED
    assert stored["gateway_api_key"] not in printed
    client = Tensormesh(inference_api_key=stored["gateway_api_key"])
    answer = client.inference.on_demand.chat.completions.create(model=shown["gateway_model_id"], messages=HELLO)
    assert answer.choices[0].message.content


def test_the_token_of_a_login_is_printed_for_the_client(shell: Shell, host: LocalHost, home: Path) -> None:
    printed = shell("tm auth login >&2\ntm auth print-token --yes-i-know")

    assert printed.strip() == json.loads((home / "auth.json").read_text())["access_token"]
    user = Tensormesh(control_plane_token=printed.strip()).control_plane.users.get_auth_profile()
    assert user.id == host.on_demand_user_id


def test_a_key_is_made_for_the_user_of_the_login(shell: Shell, host: LocalHost) -> None:
    """The three lines about credentials: a login, the user id by way of python3, a key without a question."""
    printed = shell("""
tm auth login
USER_ID="$(tm --output json auth whoami | python3 -c 'import json,sys; print(json.load(sys.stdin)["user"]["id"])')"
tm users api-keys create --user-id "$USER_ID" --name sdk-key --yes
""")

    assert "  name: sdk-key\n" in printed
    key = printed.partition("  id: ")[2].partition("\n")[0]
    assert key != host.inference_api_key
    client = Tensormesh(inference_api_key=key)
    answer = client.inference.serverless.chat.completions.create(model="openai/gpt-oss-20b", messages=HELLO)
    assert answer.choices[0].message.content
