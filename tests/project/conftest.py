"""The repository as its readers see it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import kept_environment


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """What a newcomer has."""
    if not all(map(shutil.which, ("git", "bash", "make"))):
        pytest.skip("needs git, bash and make")
    place = tmp_path / "clone"
    cloned = subprocess.run(
        ["git", "clone", "--quiet", "--shared", "--single-branch", "--no-tags", str(root), str(place)],
        check=False,
        capture_output=True,
        text=True,
    )
    if cloned.returncode:
        pytest.skip(f"needs a repository to clone: {cloned.stderr}")
    assert not (place / ".local").exists()
    binaries = place / ".venv" / "bin"
    binaries.mkdir(parents=True)
    for name, words in {"python": "", "tm": " -m tensormesh_cli"}.items():
        (binaries / name).write_text(f'#!/bin/sh\nexec "{sys.executable}"{words} "$@"\n')
        (binaries / name).chmod(0o755)
    (place / ".venv" / ".installed").touch()
    return place


@pytest.fixture
def environment(clone: Path, tmp_path: Path) -> dict[str, str]:
    """What programs in the clone know of this machine."""
    return kept_environment() | {
        "HOME": str(tmp_path),
        "PATH": os.pathsep.join([str(clone / ".venv" / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(clone),
        "TM_CONFIG_HOME": str(tmp_path / "home"),
        "PS1": "[\\#:$?]$ ",
        "INPUTRC": os.devnull,
        "HISTFILE": os.devnull,
    }
