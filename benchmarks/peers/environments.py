"""An environment for each peer, with nothing in it but the peer and what it asks for."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.roster import Peer
from tools.clean_room import ROOT, CleanRoomError, find_uv, python_of, run

PLACE = ROOT / ".local" / "benchmarks"


@dataclass(frozen=True)
class Environment:
    """Where a peer is installed: its Python, and the version of all that is there."""

    python: Path
    versions: dict[str, str]


def prepare(peer: Peer) -> Environment:
    """
    Install a peer below `.local/benchmarks`: the newest that its requirement allows, or this tree as it stands.

    Raises:
        CleanRoomError: it cannot be installed.
    """
    uv = find_uv()
    if uv is None:
        raise CleanRoomError("there is no uv; `make install` fetches it")
    place = PLACE / peer.name
    python = python_of(place)
    ours = peer.requirement == "."
    if ours:
        shutil.rmtree(place, ignore_errors=True)
    if not python.exists():
        run([uv, "venv", "--python", sys.executable, str(place)], "no virtual environment can be made")
    if peer.requirement:
        wanted = ["--reinstall-package", "tensormesh", str(ROOT)] if ours else ["--upgrade", peer.requirement]
        install = [uv, "pip", "install", "--compile-bytecode", "--python", str(python)]
        run([*install, *wanted], f"{peer.requirement} cannot be installed")
    listed = json.loads(run([uv, "pip", "list", "--format", "json", "--python", str(python)], "uv cannot list it"))
    return Environment(python, {package["name"]: package["version"] for package in listed})
