"""`tm` as a process: signals, closed pipes, full disks, several at once."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tensormesh_local import LocalHost
from tests.cli import processes
from tests.cli.conftest import Tm
from tests.cli.processes import TM, until


@pytest.fixture
def environment(tm: Tm) -> dict[str, str]:
    return processes.environment(tm)


def test_nobody_has_to_read_to_the_end(environment: dict[str, str]) -> None:
    command = f"{' '.join(TM)} billing transactions list --all | head -n 1"

    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], env=environment, capture_output=True, text=True, check=False
    )

    assert done.stdout == "transactions:\n"
    assert done.stderr == ""
    assert done.returncode in (0, 141)


@pytest.mark.parametrize("command", ["billing balance", "--help", "auth --help", "--version", "completion fish"])
def test_a_pipe_that_nobody_reads_ends_it_quietly(environment: dict[str, str], command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [*TM, *command.split()], env=environment, stdout=pipe, stderr=subprocess.PIPE, text=True, check=False
        )

    assert (done.returncode, done.stderr) == (141, "")


def on_a_terminal(command: list[str], environment: dict[str, str]) -> str:
    """What a terminal of 80 columns gets to see."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(command, env=environment, stdin=its, stdout=its, stderr=its):
        os.close(its)
        seen = b""
        try:
            while piece := os.read(ours, 4096):
                seen += piece
        except OSError:
            pass  # the other side is closed
    os.close(ours)
    return seen.decode().replace("\r\n", "\n")


def test_a_terminal_gets_tables_and_colour(environment: dict[str, str]) -> None:
    seen = on_a_terminal([*TM, "tickets", "list"], environment | {"TERM": "xterm"})
    seen = seen.rpartition("\r\x1b[K")[2]  # what was waited for is wiped

    assert seen.startswith("\x1b[1mticketId\x1b[0m  \x1b[1mstatus\x1b[0m  \x1b[1msubject")
    assert all(len(re.sub(r"\x1b\[\d*m", "", line)) <= 80 for line in seen.splitlines())


@pytest.mark.parametrize("plain", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colour_gets_none(environment: dict[str, str], plain: dict[str, str]) -> None:
    seen = on_a_terminal([*TM, "billing", "balance"], environment | {"TERM": "xterm"} | plain)

    assert "\x1b" not in seen.rpartition("\r\x1b[K")[2]  # what was waited for is wiped


@pytest.mark.parametrize(("kind", "shown"), [("xterm", True), ("dumb", False)])
def test_a_terminal_that_can_shows_what_is_waited_for(
    environment: dict[str, str], host: LocalHost, kind: str, shown: bool
) -> None:
    host.faults.add({"delay_seconds": 0.5})

    seen = on_a_terminal([*TM, "cost"], environment | {"TERM": kind, "NO_COLOR": "1"})

    assert ("\r\x1b[K| Reading the ledger" in seen) is shown
    assert ("\x1b" in seen) is shown


def test_a_narrow_terminal_is_told_what_has_no_room_among_the_costs(environment: dict[str, str]) -> None:
    seen = on_a_terminal([*TM, "cost"], environment | {"NO_COLOR": "1", "COLUMNS": "40"})

    assert "No room for saved, requests, input, output and 1 more: --output json shows all.\n" in seen


def test_a_pipe_gets_plain_text(environment: dict[str, str]) -> None:
    done = subprocess.run([*TM, "tickets", "list"], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.startswith("tickets:\n  - ticketId: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_an_output_on_a_full_disk_is_told(environment: dict[str, str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*TM, "billing", "balance"], env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )

    assert done.returncode == 1
    assert done.stderr == "Error: The output cannot be written: No space left on device\n"


def test_a_terminal_without_unicode_is_no_error(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*TM, "infer", "chat", "Say schön", "--model", "openai/gpt-oss-20b"],
        env=environment | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "schön\n".encode())


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_error(environment: dict[str, str], closed: str) -> None:
    command = f"{' '.join(TM)} billing balance {closed}"

    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_ends_a_stream_quietly(environment: dict[str, str], host: LocalHost) -> None:
    host.faults.add({"stall_after_events": 4, "stall_seconds": 30})
    command = [*TM, "infer", "completions", "Once upon a time", "--model", "openai/gpt-oss-20b"]

    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        rest, stderr = process.communicate(timeout=10)

    assert process.returncode == 130
    assert (first + rest).endswith(b"\n")
    assert stderr == b"\nError: Interrupted.\n"


@pytest.mark.parametrize("command", [["billing", "balance"], ["init", "--sync"], ["cost"], ["infer", "models"]])
def test_ctrl_c_ends_a_call_quietly(environment: dict[str, str], host: LocalHost, command: list[str]) -> None:
    host.faults.add({"delay_seconds": 30})

    with subprocess.Popen([*TM, *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until(lambda: len(host.requests) > 0)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=10)

    assert (process.returncode, stdout, stderr) == (130, b"", b"\nError: Interrupted.\n")


def test_ctrl_c_is_met_before_anything_is_loaded() -> None:
    """What is imported ahead of `main` would end in a traceback."""
    script = "import sys; before = set(sys.modules); import tensormesh_cli.__main__; print(*set(sys.modules) - before)"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) == {"tensormesh_cli", "tensormesh_cli.__main__", "tensormesh_cli.exit_codes"}


def test_ctrl_c_during_a_login_is_told(environment: dict[str, str], home: Path) -> None:
    command = [*TM, "auth", "login", "--no-open-browser"]

    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("Open browser: ")
        process.send_signal(signal.SIGINT)
        stderr = process.communicate(timeout=10)[1]

    assert process.returncode == 130
    assert stderr == "\nError: The login was cancelled; nothing was changed.\n"
    assert not (home / "auth.json").exists()


def test_processes_that_refresh_at_once_keep_the_login(logged_in: Tm, environment: dict[str, str]) -> None:
    path = logged_in.home / "auth.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | {"access_token": "revoked", "expires_at": "2020-01-01T00:00:00Z"}))
    environment.pop("TENSORMESH_CONTROL_PLANE_TOKEN")

    runs = [
        subprocess.Popen([*TM, "auth", "whoami"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    outcomes = [(run.communicate(timeout=30), run.returncode) for run in runs]

    assert [code for _, code in outcomes] == [0] * 4, outcomes
    assert logged_in("auth", "whoami").code == 0


@pytest.mark.parametrize("command", [["auth", "refresh"], ["auth", "whoami"]])
def test_a_kill_during_a_refresh_leaves_a_whole_file(
    logged_in: Tm, environment: dict[str, str], host: LocalHost, command: list[str]
) -> None:
    """Killed before, while and after the host answers; whatever happens, the file is a token file."""
    path = logged_in.home / "auth.json"
    environment.pop("TENSORMESH_CONTROL_PLANE_TOKEN")
    for turn in range(4):
        document = json.loads(path.read_text())
        path.write_text(json.dumps(document | {"expires_at": "2020-01-01T00:00:00Z"}))
        seen = len(host.requests)
        with subprocess.Popen(
            [*TM, *command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as run:
            until(lambda seen=seen, run=run: len(host.requests) > seen or run.poll() is not None)  # type: ignore[misc]
            end = time.perf_counter() + 0.002 * turn
            while time.perf_counter() < end:
                pass
            run.kill()
        assert json.loads(path.read_text())["refresh_token"]
        assert logged_in("auth", "login").code == 0


@pytest.mark.parametrize(
    ("command", "beside"),
    [
        ([], set()),
        (["users", "api-keys"], set()),
        (["models", "deploy"], set()),
        (["infer", "chat"], set()),
        (["contract"], {"tensormesh_contract", "tensormesh_documents"}),
        (["local"], {"tensormesh_local"}),
    ],
)
def test_help_loads_nothing_but_the_commands(environment: dict[str, str], command: list[str], beside: set[str]) -> None:
    """That makes it fast; `make bench` says how fast it is."""
    script = f"""
import sys
before = set(sys.modules)
from tensormesh_cli.main import root
try:
    root.main({[*command, "--help"]})
except SystemExit:
    print(*sorted(set(sys.modules) - before))
"""

    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)

    *help_text, loaded = done.stdout.splitlines()
    names = loaded.split()
    assert help_text[0].startswith(" ".join(["Usage: tm", *command, "[OPTIONS]"]))
    assert {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) == {
        "click",
        "tensormesh_cli",
        "tensormesh_generated",
        *beside,
    }
    tables = [name.partition(".")[2] for name in names if name.startswith("tensormesh_generated.")]
    assert tables == ["commands", "surfaces"]
    assert not {"asyncio", "email", "http.client", "sqlite3", "ssl", "tomllib"} & set(names)


@pytest.mark.parametrize("encoding", ["utf-8:strict", "utf-8:surrogateescape"])
@pytest.mark.parametrize("command", [["infer", "chat", "-"], ["tickets", "create"]])
def test_a_standard_input_that_is_no_text_is_told(
    environment: dict[str, str], command: list[str], encoding: str
) -> None:
    """However Python reads it, which depends on the language of the machine."""
    done = subprocess.run(
        [*TM, *command],
        env=environment | {"PYTHONIOENCODING": encoding},
        input=b"caf\xe9",
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"Error: standard input cannot be read: it is not UTF-8 text\n"
