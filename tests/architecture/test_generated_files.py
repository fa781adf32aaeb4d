"""`tensormesh_generated/` is written by the generator only, and says so."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.architecture.conftest import GENERATED, HANDWRITTEN, files
from tools.generate import HEADER
from tools.manifest import MANIFEST


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((GENERATED / MANIFEST).read_text(encoding="utf-8"))
    return content


def test_every_module_begins_by_saying_that_it_is_generated() -> None:
    """With the command that makes it, and what to change instead."""
    modules = files(GENERATED.name)

    assert len(modules) > 300
    assert [str(file) for file in modules if not file.read_text(encoding="utf-8").startswith(HEADER)] == []
    assert "@generated" in HEADER


def test_every_file_is_in_the_manifest_as_it_is(manifest: dict[str, Any]) -> None:
    """By name and by hash, and nothing is in the manifest that is not there."""
    here = {
        file.relative_to(GENERATED).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in GENERATED.rglob("*")
        if file.is_file() and "__pycache__" not in file.relative_to(GENERATED).parts and file.name != MANIFEST
    }

    assert manifest["files"] == here


def test_nothing_written_by_hand_says_that_it_is_generated() -> None:
    """A file has one author."""
    assert [
        str(file) for file in files(*HANDWRITTEN) if file.read_text(encoding="utf-8").startswith("# @generated")
    ] == []
