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
from typing import Any

import pytest

from tensormesh_local import LocalHost
from tests.cases import cases
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


@cases(
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


@cases(
    ("typed", "expected"),
    [
        ("infer chat --model openai/", "openai/gpt-oss-20b"),
        ("infer chat --surface on-demand --model ", "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"),
        ("models get ", "{modelId}"),
        ("models delete ", "{modelId}"),
        ("metrics deployment dep-", "{deploymentId}"),
        ("logs dep-", "{deploymentId}"),
        ("tickets get t", "tkt-1"),
        ("activities get act-", "act-9"),
        ("billing stripe payment-methods detach --stripe-payment-method-id p", "pm_1LocalVisa4242"),
    ],
)
def test_a_shell_is_told_what_the_account_has(tm: Tm, control_plane: Any, typed: str, expected: str) -> None:
    known = control_plane("/v1/models")["models"][0]
    words = ["tm", *typed.split()] + ([""] if typed.endswith(" ") else [])

    assert f"plain,{expected.format_map(known)}\n" in completed(tm, "bash", words)


def test_names_say_what_they_are_where_a_shell_shows_it(tm: Tm, control_plane: Any) -> None:
    known = control_plane("/v1/models")["models"][0]

    assert f"{known['modelId']}\t{known['modelName']}" in completed(tm, "fish", ["tm", "models", "get", ""])


def test_a_list_that_cannot_be_had_completes_nothing_and_says_nothing(tm: Tm, anonymous: Tm, host: LocalHost) -> None:
    asked = ["tm", "models", "get", ""]

    assert completed(anonymous, "bash", asked).strip() == ""
    for fault in ({"status": 500}, {"status": 200, "body": {"models": [7, {"modelId": 3}]}}, {"cut_after_bytes": 3}):
        host.faults.clear()
        host.faults.add(fault)
        assert completed(tm, "bash", asked).strip() in ("", "plain,3")


def test_a_name_that_would_be_more_than_one_word_is_not_completed(tm: Tm, host: LocalHost) -> None:
    host.faults.add(
        {"status": 200, "body": {"models": [{"modelId": "a\nplain,rm"}, {"modelId": "a b"}, {"modelId": "a-1"}]}}
    )

    assert completed(tm, "bash", ["tm", "models", "get", "a"]) == "plain,a-1\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_line_is_added_once_and_nothing_else_changes(offline: Tm, tmp_path: Path, shell: str) -> None:
    file = tmp_path / (".config/fish/config.fish" if shell == "fish" else f".{shell}rc")
    variables = {"HOME": str(tmp_path), "SHELL": f"/bin/{shell}", "ZDOTDIR": "", "XDG_CONFIG_HOME": ""}
    file.parent.mkdir(parents=True, exist_ok=True)
    real = tmp_path / "dotfiles"
    real.write_bytes(b"# mine \xff, and no end of line")
    file.symlink_to(real)

    first = offline("completion", "--install", **variables)
    second = offline("completion", shell, "--install", **variables)

    line = f"tm completion {shell} | source" if shell == "fish" else f'eval "$(tm completion {shell})"'
    assert real.read_bytes() == b"# mine \xff, and no end of line\n" + f"{line}\n".encode()
    assert file.is_symlink()
    assert first.stdout == f"{file} teaches {shell} to complete tm, from the next {shell} on.\n"
    assert second.stdout == f"{file} teaches {shell} to complete tm already.\n"


def test_a_file_is_made_where_there_is_none(offline: Tm, tmp_path: Path) -> None:
    answer = offline.ok("completion", "fish", "--install", HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path / "x"))

    assert answer["installed"] is True
    assert Path(answer["path"]).read_text() == "tm completion fish | source\n"


@pytest.mark.parametrize("shell", ["", "/bin/tcsh"])
def test_a_shell_that_is_not_known_has_to_be_named(offline: Tm, shell: str) -> None:
    outcome = offline("completion", "--install", SHELL=shell)

    assert (outcome.code, outcome.stderr.splitlines()[0]) == (2, "Error: Name the shell: bash, zsh, fish.")
    assert offline("completion").code == 2


@needs("bash")
def test_bash_completes_after_the_line_was_added(environment: dict[str, str], tmp_path: Path) -> None:
    script = (
        "tm completion --install --quiet; . ~/.bashrc; COMP_WORDS=(tm auth log); COMP_CWORD=2; _tm_completion tm; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script], env=environment | {"SHELL": "/bin/bash"}, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["login", "logout"]


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
