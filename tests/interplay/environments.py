"""An environment for each library that this client meets: the newest there is, and what these tests need."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
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
        newest: the library whose newest release is meant.
        libraries: what tests may count on there: modules.
        extras: those of this package that are installed with it.
        short: whether a short run has it.
    """

    name: str
    wanted: str
    newest: str
    libraries: tuple[str, ...]
    extras: tuple[str, ...] = ("local",)
    short: bool = False

    @property
    def python(self) -> Path:
        return python_of(PLACE / self.name)


ENVIRONMENTS = (
    Environment("openai", "openai", "openai", ("openai", "pydantic"), short=True),
    Environment("litellm", "litellm", "litellm", ("litellm", "openai", "pydantic")),
    # By itself: what the proxy asks for decides which LiteLLM there can be, and the newest is what calls go through.
    Environment("litellm-proxy", "litellm[proxy]", "litellm", ("litellm", "litellm.proxy", "openai", "pydantic")),
    Environment(
        "langchain",
        "langchain-openai",
        "langchain-openai",
        ("langchain_openai", "langchain_core"),
        extras=("local", "langchain"),
        short=True,
    ),
)


def prepare(environment: Environment) -> dict[str, str]:
    """
    Install an environment, or bring it up to date.

    Returns:
        The versions of what is there, by the names of the index.

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
    # Once more, and just that release: what this tree needs must not drive it out, nor put an older one in its place.
    found = _installed(uv, there)[environment.newest]
    extras = [part for extra in environment.extras for part in ("--extra", extra)]
    beside = [f"{environment.wanted}=={found}", "hypothesis>=6.100", "pytest>=8.4"]
    beside += ["--requirement", str(ROOT / "pyproject.toml"), *extras]
    run([*install, *beside], f"what this package needs cannot be installed beside {environment.wanted} {found}")
    return _installed(uv, there)


def _installed(uv: str, there: list[str]) -> dict[str, str]:
    listed = json.loads(run([uv, "pip", "list", "--format", "json", *there], "uv cannot list what is there"))
    return {one["name"]: one["version"] for one in listed}


def said(environment: Environment, versions: Mapping[str, str], newest: Mapping[str, str]) -> str:
    """
    Which releases are tested in an environment, and which of them are not the newest.

    Args:
        versions: what is there, by name.
        newest: the newest releases that other environments have, by name.
    """
    shown = {name.replace("_", "-") for name in environment.libraries} | {environment.newest}
    lines = [f"{environment.name}: " + ", ".join(f"{name} {versions[name]}" for name in sorted(shown & {*versions}))]
    for name in sorted(shown & {*versions} & {*newest}):
        if versions[name] != newest[name]:
            lines.append(
                f"  not the newest {name}, {newest[name]}, with which {environment.wanted} cannot be installed here"
            )
    return "\n".join(lines)
