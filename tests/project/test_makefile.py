"""`make help` is the table of contents of the Makefile."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def makefile(root: Path) -> str:
    return (root / "Makefile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def phony(makefile: str) -> list[str]:
    lines = makefile.replace("\\\n", " ")
    return [verb for line in re.findall(r"^\.PHONY:(.*)$", lines, re.MULTILINE) for verb in line.split()]


def run_make(root: Path, *words: str) -> str:
    """What make prints, as if no other make had started it."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
    }
    done = subprocess.run(
        ["make", *words],
        cwd=root,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_help_lists_every_verb_with_a_text(root: Path, phony: list[str]) -> None:
    """Once each, and nothing else."""
    lines = [line.split(maxsplit=2) for line in run_make(root, "help").splitlines()]

    assert phony
    assert sorted(phony) == sorted(line[1] for line in lines)
    assert [line for line in lines if line[0] != "make" or len(line) != 3] == []


def test_help_is_what_make_alone_prints(root: Path) -> None:
    """Whoever types `make` to look around starts nothing."""
    assert run_make(root, "help") == run_make(root)


def test_every_verb_is_phony(makefile: str, phony: list[str]) -> None:
    """A file called `test` or `dist` must not switch a verb off, and every phony verb has a rule."""
    rules = re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE)

    assert sorted(phony) == sorted(rules)
