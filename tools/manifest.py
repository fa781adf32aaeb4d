"""Says what a generated tree consists of, and whether two trees are the same to the byte."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

MANIFEST = "MANIFEST.json"


def write_manifest(package: Path, sources: list[Path], root: Path) -> None:
    """List every file of `package` with its hash, and what it was made from, in `MANIFEST.json`."""
    manifest = {
        "@generated": "make generate",
        "generator": f"openapi-python-client {version('openapi-python-client')}",
        "formatter": f"ruff {version('ruff')}",
        "sources": {file.relative_to(root).as_posix(): _hash(file) for file in sources},
        "files": {name: _hash(package / name) for name in _files(package)},
    }
    (package / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def compare(here: Path, fresh: Path) -> dict[str, list[str]]:
    """
    Compare two trees by bytes, both ways.

    Returns:
        The names of the files that are `changed`, `missing` from `here`, and `extra` in `here`.
    """
    old, new = set(_files(here)), set(_files(fresh))
    return {
        "changed": sorted(name for name in old & new if (here / name).read_bytes() != (fresh / name).read_bytes()),
        "missing": sorted(new - old),
        "extra": sorted(old - new),
    }


def edited(package: Path) -> set[str]:
    """The files of a package that somebody changed or added since it was made, if it can be told."""
    known = _hashes(package, "files")
    return {name for name in _files(package) if known and name != MANIFEST and known.get(name) != _hash(package / name)}


def other_sources(here: Path, fresh: Path) -> set[str]:
    """The sources that were changed, added or taken away between the making of two packages, if it can be told."""
    old, new = _hashes(here, "sources"), _hashes(fresh, "sources")
    return {name for name in old.keys() | new.keys() if old and old.get(name) != new.get(name)}


def _hashes(package: Path, of: str) -> dict[str, str]:
    """What the manifest of a package holds: nothing where it cannot be read."""
    try:
        return dict(json.loads((package / MANIFEST).read_text(encoding="utf-8"))[of])
    except (OSError, ValueError, KeyError):
        return {}


def _files(package: Path) -> list[str]:
    found: list[str] = []
    for folder, folders, names in package.walk():
        folders[:] = (name for name in folders if name != "__pycache__")
        within = f"{folder.relative_to(package).as_posix()}/" if folder != package else ""
        found += (f"{within}{name}" for name in names if (folder / name).is_file())
    return sorted(found)


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
