"""Completion, as the shells themselves do it; what a machine does not have is skipped."""

from __future__ import annotations

import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Tm

ROOT = Path(__file__).resolve().parents[2]


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of somebody with `tm` on the PATH and a file called settings.json."""
    program = tmp_path / "bin" / "tm"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m tensormesh_cli "$@"\n')
    program.chmod(0o755)
    (tmp_path / "settings.json").touch()
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(tmp_path), "ZDOTDIR": str(tmp_path), "PYTHONPATH": str(ROOT), "TERM": "dumb"}


def completed(offline: Tm, shell: str, words: list[str]) -> str:
    """What `tm` tells a shell about the last word."""
    asked = {"_TM_COMPLETE": f"{shell}_complete", "COMP_WORDS": " ".join(words)}
    return offline(**asked, COMP_CWORD=words[-1] if shell == "fish" else str(len(words) - 1)).stdout


@pytest.mark.parametrize(
    ("shell", "words", "expected"),
    [
        ("bash", ["tm", "infer", "chat", "--surface", "=", "o"], "plain,on-demand\n"),
        ("zsh", ["tm", "infer", "chat", "--surface=o"], "plain\n--surface=on-demand\n_\n"),
        ("fish", ["tm", "infer", "chat", "--surface=o"], "plain,--surface=on-demand\n"),
        ("fish", ["tm", "auth", "st"], "plain,status\tTell what you are logged in to\n"),
        ("bash", ["tm", "infer", "chat", "--file", "x"], "file,x\n"),
        ("bash", ["tm", "--ca-bundle", "x"], "file,x\n"),
    ],
)
def test_a_shell_is_told_the_words_that_it_can_insert(offline: Tm, shell: str, words: list[str], expected: str) -> None:
    assert completed(offline, shell, words) == expected


def typed_in_bash(environment: dict[str, str], *words: str) -> list[str]:
    quoted = " ".join(map(shlex.quote, words))
    script = (
        f'eval "$(tm completion bash)"; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _tm_completion tm; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


@needs("bash")
def test_bash_completes(environment: dict[str, str]) -> None:
    assert typed_in_bash(environment, "tm", "auth", "log") == ["login", "logout"]
    assert typed_in_bash(environment, "tm", "infer", "chat", "--surface", "=", "o") == ["on-demand"]


@needs("fish")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tm au", "auth\tLog in and out, and see who you are"),
        ("tm infer chat --surface=o", "--surface=on-demand"),
        ("tm infer chat --file sett", "settings.json"),
    ],
)
def test_fish_completes(environment: dict[str, str], tmp_path: Path, line: str, expected: str) -> None:
    script = f"tm completion fish | source; complete -C {shlex.quote(line)}"
    done = subprocess.run(
        ["fish", "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == [expected]


@needs("zsh")
@pytest.mark.parametrize(
    ("line", "rest"),
    [("tm auth sta", "tus"), ("tm infer chat --surface=o", "n-demand"), ("tm infer chat --file sett", "ings.json")],
)
def test_zsh_completes_also_where_nothing_else_is_set_up(
    environment: dict[str, str], tmp_path: Path, line: str, rest: str
) -> None:
    (tmp_path / ".zshrc").write_text('PS1="ready> "\neval "$(tm completion zsh)"\n')
    ours, its = pty.openpty()
    with subprocess.Popen(
        ["zsh", "-i"], env=environment, cwd=tmp_path, stdin=its, stdout=its, stderr=its, start_new_session=True
    ) as process:
        os.close(its)
        try:
            greeting = read_until(ours, "ready> ")
            os.write(ours, f"{line}\t".encode())
            seen = read_until(ours, f"{line}{rest}")
        finally:
            process.kill()
    os.close(ours)

    assert "command not found" not in greeting
    assert f"{line}{rest}" in seen


def read_until(terminal: int, text: str) -> str:
    """What a terminal shows until `text`, or for ten seconds."""
    deadline = time.monotonic() + 10
    seen = b""
    while text.encode() not in seen and select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
        seen += os.read(terminal, 4096)
    return seen.decode(errors="replace")
