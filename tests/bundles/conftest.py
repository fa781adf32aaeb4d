"""The bundles as anybody finds them: as JSON, with nothing of ours to read them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "openapi_bundled"
SURFACES = ("serverless", "on_demand", "control_plane")
TOOLS_VARIABLE = "BUNDLES_TOOLS"
"""The folders of the programs that `make documents` installed, by tool."""


@pytest.fixture(params=SURFACES, scope="session")
def surface(request: pytest.FixtureRequest) -> str:
    """Each surface in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def file(surface: str) -> Path:
    return FOLDER / f"{surface}.json"


@pytest.fixture(scope="session")
def bundle(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def needs(tool: str) -> Path:
    """Where a tool of npm is; the test is skipped where nobody installed it."""
    there: dict[str, str] = json.loads(os.environ.get(TOOLS_VARIABLE, "{}"))
    if tool not in there:
        pytest.skip(f"`make documents` runs this test, with {tool} installed")
    return Path(there[tool])


def operations(bundle: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation."""
    for path, item in bundle["paths"].items():
        for method, operation in item.items():
            yield path, method, operation
