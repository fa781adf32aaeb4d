"""`tm local`."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Tm


def test_the_local_host_is_started(tmp_path: Path) -> None:
    file = tmp_path / "env"
    command = [sys.executable, "-m", "tensormesh_cli", "local", "--port", "0", "--env-file", str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]}) as process:
        deadline = time.monotonic() + 20
        while not file.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        words = (line.removeprefix("export ").partition("=") for line in file.read_text().splitlines())
        variables = {name: "".join(shlex.split(value)) for name, _, value in words}
        with httpx.Client(trust_env=False) as client:
            answer = client.get(
                f"{variables['TENSORMESH_SERVERLESS_BASE_URL']}/health",
                headers={"Authorization": f"Bearer {variables['TENSORMESH_INFERENCE_API_KEY']}"},
            )
        process.send_signal(signal.SIGINT)

    assert answer.status_code == 200


def test_a_missing_extra_is_told(offline: Tm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensormesh_cli.commands.local.find_spec", lambda name: None if name == "uvicorn" else object())

    outcome = offline("local")

    assert outcome.code == 1
    assert outcome.stderr == (
        "Error: The local host is not installed; missing: uvicorn.\nHint: pip install 'tensormesh[local]'\n"
    )


def test_its_options_are_those_of_the_host(offline: Tm, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda program, arguments: started.append(arguments))

    offline("local", "--help")
    offline("local", "--port", "0", "--leak-think")

    assert [arguments[1:] for arguments in started] == [
        ["-m", "tensormesh_local", "--help"],
        ["-m", "tensormesh_local", "--port", "0", "--leak-think"],
    ]
