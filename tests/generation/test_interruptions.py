"""Whatever stops generation half way, the old package is whole, and one sentence says what happened."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.generation.conftest import PREFIX, ROOT, TinyTree
from tools import generate
from tools.generate import SCRATCH


@pytest.fixture
def tree(tree: TinyTree) -> TinyTree:
    """A tiny tree with its package, whose document changed since."""
    tree.edit("openapi/serverless.yaml", "piece:", "part:")
    return tree


def raising(error: BaseException) -> Callable[..., Any]:
    def stop(*_: object) -> None:
        raise error

    return stop


def test_an_interruption_leaves_the_old_package(tree: TinyTree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is no fault, so there is no traceback."""
    monkeypatch.setattr(generate, "write_manifest", raising(KeyboardInterrupt()))

    assert tree.refusal() == "it was interrupted"


def test_an_interruption_between_the_old_and_the_new(tree: TinyTree, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a moment there is no package: then the old one comes back."""
    rename = Path.rename

    def stop_at_the_second(path: Path, target: Path) -> Path:
        if path.name == target.name:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stop_at_the_second)

    assert tree.refusal() == "it was interrupted"


def test_a_full_disk_leaves_the_old_package(tree: TinyTree) -> None:
    """A file that may not grow fails like one on a disk that is full."""
    before = tree.files()

    done = subprocess.run(
        [sys.executable, "-m", "tools.generate", "--root", str(tree.root)],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(PREFIX)
    assert "File too large" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert tree.files() == before


def test_a_folder_that_cannot_be_written_is_named(tree: TinyTree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate.tempfile, "mkdtemp", raising(PermissionError(13, "Permission denied", str(tree.root))))

    assert tree.refusal() == f"{tree.root}: Permission denied"


def test_checking_needs_no_place_in_the_tree(tree: TinyTree, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout that cannot be written can be checked."""
    folders = []
    make = generate.make

    def spy(root: Path, target: Path) -> Any:
        folders.append(target)
        return make(root, target)

    monkeypatch.setattr(generate, "make", spy)
    tree.check()

    assert [folder.is_relative_to(tree.root) for folder in folders] == [False]


def test_two_runs_at_once_take_turns(tree: TinyTree, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits until the first has put its package there."""
    inside, most = [0], [0]
    make = generate.make

    def counting(root: Path, target: Path) -> Any:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        try:
            return make(root, target)
        finally:
            inside[0] -= 1

    monkeypatch.setattr(generate, "make", counting)
    status: list[int] = []
    runs = [threading.Thread(target=lambda: status.append(generate.main(["--root", str(tree.root)]))) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()

    assert (status, most) == ([0, 0, 0], [1])
    assert tree.check().status == 0


def test_what_a_killed_run_left_is_cleared_away(tree: TinyTree) -> None:
    left = tree.root / f"{SCRATCH}killed" / "tensormesh_generated"
    left.mkdir(parents=True)

    assert tree.generate().status == 0
    assert not left.parent.exists()
