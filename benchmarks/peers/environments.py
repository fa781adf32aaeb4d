"""An environment for each peer, with nothing in it but the peer and what it asks for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.roster import Peer
from tools.dist import find_uv, plain_environment

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".local" / "benchmarks"


class AbsentError(Exception):
    """Why a peer cannot take part."""


@dataclass(frozen=True)
class Environment:
    """Where a peer is installed: its Python, and what is beside it."""

    python: Path
    versions: dict[str, str]


def prepare(peer: Peer) -> Environment:
    """
    Install a peer below `.local/benchmarks`, the newest that its requirement allows, or this tree anew.

    Raises:
        AbsentError: it cannot be installed.
    """
    uv = find_uv(ROOT)
    if uv is None:
        raise AbsentError("there is no uv; `make install` fetches it")
    place = PLACE / peer.name
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [uv, "pip", "install", "--compile-bytecode", "--python", str(python)]
    if peer.requirement == ".":
        shutil.rmtree(place, ignore_errors=True)
    if not python.exists():
        _run([uv, "venv", "--python", sys.executable, str(place)])
    if peer.requirement == ".":
        _run([*install, "--reinstall-package", "tensormesh", str(ROOT)])
    elif peer.requirement:
        _run([*install, "--upgrade", peer.requirement])
    listed = json.loads(_run([uv, "pip", "list", "--format", "json", "--python", str(python)]))
    return Environment(python, {package["name"]: package["version"] for package in listed})


def _run(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=plain_environment(), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise AbsentError(" ".join(done.stderr.split()) or f"`{' '.join(command)}` failed")
    return done.stdout
