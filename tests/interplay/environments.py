"""An environment for each library that this client meets: the newest there is, and what these tests need."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.clean_room import ROOT, CleanRoomError, find_uv, python_of, run

PLACE = ROOT / ".local" / "interplay"


class NotToBeHadError(Exception):
    """What cannot be had here, and why, in one sentence."""


@dataclass(frozen=True)
class Environment:
    """
    One environment.

    Attributes:
        name: its folder.
        wanted: what is installed, from the index.
        libraries: what tests may count on there. LiteLLM brings an `openai` of its own choice, an older one.
    """

    name: str
    wanted: str
    libraries: tuple[str, ...]

    @property
    def python(self) -> Path:
        return python_of(PLACE / self.name)


ENVIRONMENTS = (
    Environment("openai", "openai", ("openai", "pydantic")),
    Environment("litellm", "litellm[proxy]", ("litellm", "openai", "pydantic")),
)


def prepare(environment: Environment) -> dict[str, str]:
    """
    Install an environment, or bring it up to date.

    Returns:
        The versions of its libraries.

    Raises:
        NotToBeHadError: there is no uv, or no index in reach that has the library.
        CleanRoomError: the library is there, and what this tree needs cannot be installed beside it.
    """
    uv = find_uv()
    if uv is None:
        raise NotToBeHadError("there is no uv; `make install` fetches it")
    there = ["--quiet", "--python", str(environment.python)]
    install = [uv, "pip", "install", *there]
    try:
        if not environment.python.exists():
            run([uv, "venv", "--python", sys.executable, str(PLACE / environment.name)], "no environment can be made")
        run([*install, "--upgrade", environment.wanted], f"{environment.wanted} cannot be installed")
    except CleanRoomError as error:
        raise NotToBeHadError(str(error)) from error
    # Once more by its name: what this tree needs must not drive it out.
    beside = [
        environment.wanted,
        "hypothesis>=6.100",
        "pytest>=8.4",
        "--requirement",
        str(ROOT / "pyproject.toml"),
        "--extra",
        "local",
    ]
    run([*install, *beside], f"what this package needs cannot be installed beside {environment.wanted}")
    listed = json.loads(run([uv, "pip", "list", "--format", "json", *there], "uv cannot list what is there"))
    return {one["name"]: one["version"] for one in listed if one["name"] in environment.libraries}
