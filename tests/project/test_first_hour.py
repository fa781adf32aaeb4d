"""
The README as somebody plays it who has just cloned: block by block and line by line, in a terminal.

The clone, the shell and its terminal, the host and the browser are real. Two things are not: nothing is installed, as
that asks an index (`make dist` does it), so the clone borrows the interpreter of these tests; and the host takes any
free port.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli import chromium
from tests.cli.chromium import Session, until
from tests.cli.terminal import CTRL_C, CTRL_D, Terminal
from tests.documentation.blocks import Block, find_blocks

PROMPT = re.compile(r"^(?:\^C)?\[(\d+):(\d+)\]\$", re.MULTILINE)
"""Which line is asked for, and what became of the one before it."""


class Shell:
    """A bash in a terminal, in which lines are typed one after the other."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lines = 1
        self.ends()

    def play(self, line: str) -> str:
        """Type a line, and wait for the end of what it starts; what is to be seen of it. It must end well."""
        self.begin(line)
        return self.ends()

    def begin(self, line: str) -> None:
        self._terminal.type("\x0c")  # an empty screen, so that all of it is of this line
        self._terminal.enter(line)
        self._lines += 1

    def ends(self) -> str:
        """Wait for the end of what was begun; it must be a good one."""

        def found() -> re.Match[str] | None:
            prompts = list(PROMPT.finditer(self._terminal.text))
            return prompts[-1] if prompts and int(prompts[-1][1]) == self._lines else None

        prompt = self._seen(found)
        assert prompt[2] == "0", self._terminal.text
        return self._terminal.text[: prompt.start()]

    def sees(self, text: str) -> None:
        self._seen(lambda: text in self._terminal.text or None)

    def _seen[T](self, found: Callable[[], T | None]) -> T:
        try:
            return until(found)
        except AssertionError as error:
            raise AssertionError(f"it stands at:\n{self._terminal.text}") from error


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[tuple[str, str, Path]]:
    """Chromium, its driver, and a program that opens a page there: for BROWSER."""
    programs = chromium.needed()
    launcher, opened, number = tmp_path / "launcher", tmp_path / "open", tmp_path / "number"
    chromium.launcher(launcher, programs[0], tmp_path / "profile")
    opened.write_text(f'#!/bin/sh\necho $$ >"{number}"\nexec "{launcher}" "$1" </dev/null\n')
    opened.chmod(0o755)
    yield *programs, opened
    if number.exists():
        with suppress(ProcessLookupError):
            os.kill(int(number.read_text()), signal.SIGKILL)  # it stays open after the login, on the terminal


@pytest.fixture
def terminal(clone: Path, browser: object, environment: dict[str, str]) -> Iterator[Terminal]:
    with Terminal([], environment, cwd=clone, columns=160, rows=200, bash=True) as one:
        yield one


@pytest.fixture
def other(clone: Path, environment: dict[str, str]) -> Iterator[Terminal]:
    """Another terminal."""
    with Terminal([], environment, cwd=clone, columns=160, rows=200, bash=True) as one:
        yield one


def blocks_of(clone: Path) -> list[Block]:
    text = (clone / "README.md").read_text(encoding="utf-8")
    return [block for block in find_blocks("README.md", text) if block.language in ("sh", "python")]


def lines_of(block: Block) -> list[str]:
    return [line.partition(" #")[0].rstrip() for line in block.code.splitlines() if line.partition("#")[0].strip()]


def installs(line: str, clone: Path) -> bool:
    """Whether a line is one that installs; what it asks for must be there."""
    found = re.fullmatch(r"pip install '?\.(?:\[([\w-]+)\])?'?", line)
    assert found or " install " not in f"{line} ", "what asks an index is not played"
    extras = tomllib.loads((clone / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert found is None or found[1] is None or found[1] in extras, line
    return found is not None


def log_in(line: str, shell: Shell, driver: str, profile: Path) -> None:
    """Approve it in the browser that `tm` opens by itself."""
    with chromium.driver(driver) as client:
        shell.begin(line)
        session = Session(client, {"debuggerAddress": until(lambda: chromium.debugger(profile))})
        until(lambda: session.switch_to("http://127.0.0.1") or None)
        session.await_heading("Approve this login?")
        session.click("button[value=approve]")
        session.await_heading("Login approved")
        seen = shell.ends()
    assert "You are logged in" in seen


def talk(line: str, shell: Shell, terminal: Terminal) -> None:
    shell.begin(line)
    shell.sees(">>>")
    terminal.enter("Say hello")
    shell.sees("tokens in")
    terminal.type(CTRL_D)
    assert "`tm chat --continue` goes on" in shell.ends()


def test_the_readme_can_be_played(
    clone: Path, browser: tuple[str, str, Path], terminal: Terminal, other: Terminal, tmp_path: Path
) -> None:
    shell, second = Shell(terminal), Shell(other)
    shell.play(f"export BROWSER='{browser[2]}'")
    played = {"python": 0, "sh": 0}
    hosted = ""

    def run(block: Block) -> None:
        (clone / "program.py").write_text(block.code, encoding="utf-8")
        seen = shell.play("python -W error program.py")
        assert len(seen.splitlines()) > 1, f"{block} shows nothing:\n{seen}"
        played["python"] += 1

    shown_first: list[Block] = []
    for block in blocks_of(clone):
        if block.language == "python" and not hosted:
            shown_first.append(block)  # to be tried as soon as there is a host
            continue
        if block.language == "python":
            run(block)
            continue
        for line in lines_of(block):
            played["sh"] += 1
            if installs(line, clone):
                continue
            if line.startswith("tm local"):
                hosted = line
                second.begin(f"{line} --port 0")
                second.sees("Ctrl-C ends it")
            elif line == "tm login":
                log_in(line, shell, browser[1], tmp_path / "profile")
            elif line == "tm chat":
                talk(line, shell, terminal)
            else:
                seen = shell.play(line)
                assert "Traceback" not in seen
                while line == ". .local/env" and shown_first:
                    run(shown_first.pop(0))
                assert "All of it worked." in seen or line != "make demo"

    assert hosted
    assert not shown_first
    other.type(CTRL_C)
    second.ends()
    assert not (clone / ".local" / "env").exists()
    assert played["python"] > 5
    assert played["sh"] > 10
    changed = subprocess.run(["git", "status", "--short"], cwd=clone, check=True, capture_output=True, text=True).stdout
    assert {line.split()[-1] for line in changed.splitlines()} == {"program.py", "answers/"}, changed
