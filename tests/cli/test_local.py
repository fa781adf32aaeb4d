"""`tm local`."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import httpx
import pytest

from tensormesh_contract.session import INSTALL as CONTRACT_INSTALL
from tensormesh_local import INSTALL, LocalHost
from tensormesh_local.command_line import PORT
from tensormesh_local.command_line import local as program
from tests.cli.conftest import Tm
from tests.cli.processes import run


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

    assert (answer.status_code, process.returncode) == (200, 0)
    assert not file.exists()


def test_a_missing_extra_is_told(offline: Tm, tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError(\"No module named 'uvicorn'\", name='uvicorn')\n")
    offline.env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(Path.cwd())])

    done = run(offline, "local")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: No module named 'uvicorn', which the local host needs:"
        " pip install pydantic pyyaml starlette uvicorn; or, in a clone of this project, pip install '.[local]'\n"
    )


def test_its_options_are_those_of_the_host(offline: Tm) -> None:
    said = offline("local", "--help").stdout

    assert said.startswith("Usage: tm local [OPTIONS]\n")
    for item in program.params:
        assert max(item.opts, key=len) in said


def test_a_wrong_option_is_told_as_by_every_command(offline: Tm) -> None:
    outcome = offline("--error-format", "json", "local", "--port", "70000")

    assert outcome.code == 2
    assert outcome.error["kind"] == "usage"
    assert outcome.error["message"] == "Invalid value for '--port': 70000 is not in the range 0<=x<=65535."
    assert outcome.error["hint"] == "`tm local --help` shows what it takes"


def test_a_key_with_a_slip_in_it_is_not_repeated(offline: Tm) -> None:
    assert "s3cret" not in offline("local", "--upstream-key", "s3cret key").stderr


def test_a_port_that_is_taken_is_told_as_by_every_command(offline: Tm, host: LocalHost) -> None:
    done = run(offline, "--error-format", "json", "local", "--port", str(host.port))

    assert (done.returncode, done.stdout) == (1, "")
    error = json.loads(done.stderr)["error"]
    assert error["kind"] == "not_ready"
    assert error["message"].startswith(f"Cannot listen on 127.0.0.1, port {host.port}: ")


def test_it_has_one_port_wherever_it_is_started() -> None:
    root = Path(__file__).resolve().parents[2]
    port = f" {PORT}|:{PORT}"

    assert "--port" not in (root / "Makefile").read_text()
    assert next(item for item in program.params if item.name == "port").default == PORT
    for file in ("README.md", "docs/guide/interplay.md"):
        assert re.search(port, (root / file).read_text()), file


@pytest.mark.parametrize(("extra", "hint"), [("local", INSTALL), ("contract", CONTRACT_INSTALL)])
def test_a_hint_names_all_that_an_extra_brings(extra: str, hint: str) -> None:
    declared = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())
    wanted = [re.split("[<>=]", text)[0] for text in declared["project"]["optional-dependencies"][extra]]

    assert f"pip install {' '.join(wanted)};" in hint
    assert f"pip install '.[{extra}]'" in hint


def test_no_hint_installs_the_package_that_has_our_name_in_the_index() -> None:
    root = Path(__file__).resolve().parents[2]
    files = [*root.glob("tensormesh*/**/*.py"), *root.glob("docs/**/*.md"), root / "README.md", root / "pyproject.toml"]

    assert len(files) > 500
    for file in files:
        assert not re.search(r"(pip|uv|add|install) '?\"?tensormesh\b[^-/]", file.read_text("utf-8")), file
