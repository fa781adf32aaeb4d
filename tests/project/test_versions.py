"""What stands in several places is the same in all of them."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import tensormesh
from tensormesh_overlay.calls import requests


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def version(project: dict[str, Any]) -> str:
    return str(project["project"]["version"])


@pytest.fixture(scope="module")
def manifest(root: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((root / "tensormesh_generated/MANIFEST.json").read_text(encoding="utf-8"))
    return content


def test_the_package_knows_its_version(version: str) -> None:
    assert version == tensormesh.__version__


def test_the_user_agent_tells_the_version(version: str) -> None:
    assert version == requests.USER_AGENT.partition("/")[2]


def test_the_changelog_begins_with_the_version(root: Path, version: str) -> None:
    """The top entry is that of the version in `pyproject.toml`."""
    headings = re.findall(r"^## \[?v?([^\]\s]+)", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert [version] == headings[:1]


def test_the_lock_file_knows_the_version(root: Path, version: str) -> None:
    packages = tomllib.loads((root / "uv.lock").read_text(encoding="utf-8"))["package"]

    assert [version] == [package["version"] for package in packages if package["name"] == "tensormesh"]


@pytest.mark.parametrize(("key", "tool"), [("generator", "openapi-python-client"), ("formatter", "ruff")])
def test_the_package_was_made_with_the_pinned_tools(
    project: dict[str, Any], manifest: dict[str, Any], key: str, tool: str
) -> None:
    """The pins of `pyproject.toml` are what `MANIFEST.json` says the package was made with."""
    pins = [str(pin) for pin in project["dependency-groups"]["generator"] if str(pin).startswith(f"{tool}==")]

    assert [manifest[key]] == [pin.replace("==", " ") for pin in pins]
