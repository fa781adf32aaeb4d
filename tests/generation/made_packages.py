"""Made packages as modules, and the templates that they are made of, compiled once."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from pathlib import Path
from types import CodeType, ModuleType

import jinja2

_numbers = itertools.count()


def load_package(folder: Path) -> ModuleType:
    """Import a made package under a name that no other has."""
    name = f"made_{next(_numbers)}"
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def forget(package: ModuleType) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package.__name__]:
        del sys.modules[name]


class CompiledTemplates(jinja2.BytecodeCache):
    """Templates by name and text, wherever they lie: to compile them takes longer than all else."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return name

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code
