"""Tools of npm that read OpenAPI, each in a folder of its own below .local."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.clean_room import ROOT

PLACE = ROOT / ".local" / "documents"


class NotToBeHadError(Exception):
    """What cannot be had here, and why, in one sentence."""


@dataclass(frozen=True)
class Tool:
    """
    One tool.

    Attributes:
        name: its program.
        wanted: the package, at a release: a later one may warn of more.
    """

    name: str
    wanted: str

    @property
    def folder(self) -> Path:
        """Where it and all its programs are."""
        return PLACE / self.name / "node_modules" / ".bin"


TOOLS = (
    Tool("redocly", "@redocly/cli@2.77.0"),
    Tool("spectral", "@stoplight/spectral-cli@6.16.3"),
    Tool("openapi-typescript", "openapi-typescript@7.13.0"),  # brings the compiler, `tsc`
)


def install(tool: Tool) -> None:
    """
    Install a tool, or see that it is there.

    Raises:
        NotToBeHadError: there is no Node.js, or no registry in reach that has it.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise NotToBeHadError("there is no npm; Node.js brings it")
    place = PLACE / tool.name
    place.mkdir(parents=True, exist_ok=True)
    options = [
        "--loglevel",
        "error",
        "--fetch-retries",
        "1",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
        "--save-exact",
        "--prefix",
        str(place),
    ]
    done = subprocess.run([npm, "install", *options, tool.wanted], capture_output=True, text=True, check=False)
    if done.returncode != 0 or not (tool.folder / tool.name).exists():
        # Its last line names a log.
        first = (done.stderr.strip() or "npm does not say why").partition("\n")[0].removeprefix("npm error ")
        raise NotToBeHadError(f"{tool.wanted} cannot be installed: {first}")
