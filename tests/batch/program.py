"""A program that runs a batch, in a process of its own, so that it can be killed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CODE = """
import json, resource, sys
from tensormesh_batch.batch import run
options = json.loads(sys.argv[1])
if size := options.pop("file_size", None):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
run(**options)
"""


def started(source: Path, folder: Path, *, python: str = sys.executable, **options: Any) -> subprocess.Popen[str]:
    """
    The environment of the test is the program's, too.

    Args:
        options: what `run` takes; and `file_size`, the bytes that a file may have.
    """
    arguments = json.dumps({"source": str(source), "folder": str(folder), **options})
    return subprocess.Popen([python, "-c", CODE, arguments], stderr=subprocess.PIPE, text=True)


def children(process: int) -> list[int]:
    """The processes that a process has started."""
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def actors() -> list[int]:
    """The processes of the actors that there are, of whichever run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                name = (entry / "cmdline").read_bytes().split(b"\0")[0]
            except OSError:
                continue
            if name.startswith(b"ray::Actor"):
                found.append(int(entry.name))
    return found


def repeated(asked: list[str]) -> int:
    """How many questions came again."""
    return len(asked) - len(set(asked))
