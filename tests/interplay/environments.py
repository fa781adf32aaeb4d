"""An environment for each library that this client meets, or for some that agree: the newest, and what tests need."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.clean_room import ROOT, CleanRoomError, find_uv, python_of, run

PLACE = ROOT / ".local" / "interplay"
OF_TESTS = ("hypothesis>=6.100", "pytest>=8.4", "pytest-xdist>=3.8")
"""What runs the tests, and the plugins that the project's settings name."""


class NotToBeHadError(Exception):
    """What cannot be had here, and why, in one sentence."""


@dataclass(frozen=True)
class Environment:
    """
    One environment.

    Attributes:
        name: its folder.
        wanted: what is installed, from the index.
        newest: the libraries whose newest releases are meant.
        libraries: what tests may count on there: modules.
        extras: those of this package that are installed with it.
        short: whether a short run has it.
        tests: what is run there.
    """

    name: str
    wanted: tuple[str, ...]
    newest: tuple[str, ...]
    libraries: tuple[str, ...]
    extras: tuple[str, ...] = ("local",)
    short: bool = False
    tests: str = "tests/interplay"

    @property
    def python(self) -> Path:
        return python_of(PLACE / self.name)


ENVIRONMENTS = (
    Environment("openai", ("openai",), ("openai",), ("openai", "pydantic"), short=True),
    Environment("litellm", ("litellm",), ("litellm",), ("litellm", "openai", "pydantic")),
    # By itself: what the proxy asks for decides which LiteLLM there can be, and the newest is what calls go through.
    Environment("litellm-proxy", ("litellm[proxy]",), ("litellm",), ("litellm", "litellm.proxy", "openai", "pydantic")),
    Environment(
        "langchain",
        ("langchain", "langchain-openai"),
        ("langchain", "langchain-openai"),
        ("langchain.agents", "langchain_openai", "langchain_core"),
        extras=("local", "langchain"),
        short=True,
    ),
    Environment(
        "pydantic-ai",
        ("pydantic-ai-slim[openai]",),
        ("pydantic-ai-slim",),
        ("pydantic_ai", "openai"),
        extras=("local", "pydantic-ai"),
        tests="tests/pydantic_ai",
    ),
    # These agree on one openai, and it is not the newest; that of LlamaIndex is older still.
    Environment(
        "frameworks",
        ("dspy", "instructor", "openai-agents", "smolagents[openai]"),
        ("dspy", "instructor", "openai-agents", "smolagents"),
        ("agents", "dspy", "instructor", "openai", "pydantic", "smolagents"),
    ),
    Environment(
        "llama-index",
        ("llama-index-llms-openai-like",),
        ("llama-index-llms-openai-like",),
        ("llama_index.llms.openai_like", "openai", "pydantic"),
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
    install, named = [uv, "pip", "install", *there], ", ".join(environment.wanted)
    try:
        if not environment.python.exists():
            run([uv, "venv", "--python", sys.executable, str(PLACE / environment.name)], "no environment can be made")
        run([*install, "--upgrade", *environment.wanted], f"{named} cannot be installed")
    except CleanRoomError as error:
        raise NotToBeHadError(str(error)) from error
    # Once more, and just that release: what this tree needs must not drive it out, nor put an older one in its place.
    found = _installed(uv, there)
    pinned = [f"{one}=={found[one.partition('[')[0]]}" for one in environment.wanted]
    extras = [part for extra in environment.extras for part in ("--extra", extra)]
    beside = [*pinned, *OF_TESTS, "--requirement", str(ROOT / "pyproject.toml"), *extras]
    run([*install, *beside], f"what this package needs cannot be installed beside {', '.join(pinned)}")
    return _installed(uv, there)


def newest_of(environment: Environment) -> dict[str, str]:
    """The newest releases of what is meant, whatever else asks for older ones; nothing where no index is in reach."""
    uv = find_uv()
    if uv is None:
        return {}
    place = PLACE / environment.name / "newest.txt"
    place.write_text("\n".join(environment.newest), encoding="utf-8")
    command = [uv, "pip", "compile", "--quiet", "--no-deps", "--no-header", "--no-annotate", str(place)]
    try:
        lines = run([*command, "--python", str(environment.python)], "no index is in reach").splitlines()
    except CleanRoomError:
        return {}
    return dict(line.split("==", 1) for line in lines if "==" in line)


def _installed(uv: str, there: list[str]) -> dict[str, str]:
    listed = json.loads(run([uv, "pip", "list", "--format", "json", *there], "uv cannot list what is there"))
    return {one["name"]: one["version"] for one in listed}


def said(environment: Environment, versions: Mapping[str, str], newest: Mapping[str, str]) -> str:
    """
    Which releases are tested in an environment, and which of them are not the newest.

    Args:
        versions: what is there, by name.
        newest: the newest releases that there are, by name.
    """
    shown = {name.replace("_", "-") for name in environment.libraries} | {*environment.newest}
    lines = [f"{environment.name}: " + ", ".join(f"{name} {versions[name]}" for name in sorted(shown & {*versions}))]
    for name in sorted(shown & {*versions} & {*newest}):
        if versions[name] != newest[name]:
            wanted = ", ".join(environment.wanted)
            lines.append(f"  not the newest {name}, {newest[name]}, with which {wanted} cannot be installed here")
    return "\n".join(lines)
