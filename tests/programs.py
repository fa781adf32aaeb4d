"""Programs run as if each were started anew, without the time that it takes to start."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

OURS = ("tensormesh.batch", "tensormesh.types", "tensormesh_overlay.surfaces.inference", "tensormesh_local", "pytest")
"""What most programs load."""

HEAVY = {
    "tensormesh_langchain": ("tensormesh_langchain.chat_model", "langchain_core.tools"),
    "tensormesh_pydantic_ai": ("tensormesh_pydantic_ai.provider", "pydantic_ai.models.openai"),
}
"""What takes a second or more to import, and is imported beforehand for programs that do so, and for no others."""

SERVER = """\
import gc, importlib, json, os, runpy, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
gc.freeze()
for line in sys.stdin:
    task = json.loads(line)
    child = os.fork()
    if child:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    for number, name in enumerate((os.devnull, task["stdout"], task["stderr"])):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.chdir(task["place"])
    sys.argv = [task["program"], *task["arguments"]]
    sys.path[0] = os.path.dirname(task["program"])
    break
else:
    sys.exit()
runpy.run_path(task["program"], run_name="__main__")
"""
"""Imports once what programs import, and runs each in a fork of itself, which knows nothing of those before it."""


def kept_environment() -> dict[str, str]:
    """The variables of this machine that a program needs, and nothing that would show in what it does."""
    return {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "SYSTEMROOT")}


class Done(NamedTuple):
    """How a program ended, and what it said."""

    status: int
    stdout: str
    stderr: str


class Programs:
    """
    Runs programs.

    Args:
        environment: the variables that they see.
        notes: an empty folder for what they say.
        modules: what most of them load.
        warnings: what becomes of a warning, as `-W` takes it.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        notes: Path,
        stack: ExitStack,
        modules: Sequence[str] = OURS,
        warnings: str = "error",
    ) -> None:
        self._environment = dict(environment)
        self._notes = notes
        self._stack = stack
        self._command = [sys.executable, "-W", warnings, "-c", SERVER, *modules]
        self._servers: dict[frozenset[str], subprocess.Popen[str]] = {}

    def run(self, program: Path, place: Path, *arguments: str) -> Done:
        """Run a program in a folder."""
        server = self._server(frozenset(imported(program.read_text(encoding="utf-8")) & HEAVY.keys()))
        assert server.stdin is not None
        assert server.stdout is not None
        said = [self._notes / "stdout", self._notes / "stderr"]
        task = {"program": str(program), "place": str(place), "stdout": str(said[0]), "stderr": str(said[1])}
        server.stdin.write(json.dumps({**task, "arguments": arguments}) + "\n")
        server.stdin.flush()
        status = server.stdout.readline()
        assert status, "the server of programs has ended"
        return Done(int(status), *(file.read_text(encoding="utf-8") for file in said))

    def _server(self, packages: frozenset[str]) -> subprocess.Popen[str]:
        """The one that has imported these packages: with some, the client does more than without."""
        if packages not in self._servers:
            modules = [module for package in sorted(packages) for module in HEAVY[package]]
            self._servers[packages] = self._stack.enter_context(
                subprocess.Popen(
                    [*self._command, *modules],
                    cwd=self._notes,
                    env=self._environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
        return self._servers[packages]


def imported(code: str) -> set[str]:
    """The packages that a program imports at its top."""
    return {name.partition(".")[0] for node in ast.parse(code).body for name in _names(node)}


def _names(node: ast.stmt) -> Iterable[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


@contextmanager
def started(
    environment: Mapping[str, str], notes: Path, modules: Sequence[str] = OURS, warnings: str = "error"
) -> Iterator[Programs]:
    """Programs, while the block runs."""
    with ExitStack() as stack:
        yield Programs(environment, notes, stack, modules, warnings)
