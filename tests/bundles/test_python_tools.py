"""Python tools that know nothing of this project take the bundles as they are."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from openapi_spec_validator import validate

from tensormesh_documents.pointers import resolve
from tests.bundles.conftest import ROOT, operations

READER = """
import importlib, pkgutil, sys
package = importlib.import_module("stock")
names = [module.name for module in pkgutil.walk_packages(package.__path__, "stock.")]
print(*(name for name in names if hasattr(importlib.import_module(name), "sync_detailed")))
"""


def run(place: Path, *command: str) -> str:
    """What a program says, on either channel; it must succeed."""
    done = subprocess.run([sys.executable, *command], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_openapi_spec_validator_finds_nothing(bundle: dict[str, Any]) -> None:
    validate(bundle)


def test_the_stock_generator_makes_a_client_of_it(file: Path, bundle: dict[str, Any], tmp_path: Path) -> None:
    """openapi-python-client with its own templates: no warning, every call, and every module imports."""
    (tmp_path / "config.yaml").write_text("post_hooks: []\n", encoding="utf-8")
    made = ["--meta", "none", "--output-path", "stock", "--config", "config.yaml", "--fail-on-warning"]

    said = run(tmp_path, "-m", "openapi_python_client", "generate", "--path", str(file), *made)
    calls = run(tmp_path, "-W", "error", "-c", READER).split()

    assert said.splitlines() == ["Generating stock"]
    assert sorted(call.rpartition(".")[2] for call in calls) == sorted(
        operation["operationId"] for _, _, operation in operations(bundle)
    )


@pytest.fixture(scope="module")
def models(file: Path, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Pydantic models that datamodel-code-generator makes of a bundle."""
    target = tmp_path_factory.mktemp("models") / f"{file.stem}_models.py"
    command = ["-m", "datamodel_code_generator", "--input", str(file), "--output", str(target)]
    kinds = ["--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel"]
    run(ROOT, *command, *kinds, "--formatters", "builtin")
    spec = importlib.util.spec_from_file_location(target.stem, target)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[target.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(bundle: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The examples of bodies and answers that are one named object: its name, and the example."""
    for _, _, operation in operations(bundle):
        holders = [operation.get("requestBody"), *operation["responses"].values()]
        for holder in (resolve(one, bundle) for one in holders if one):
            media = holder.get("content", {}).get("application/json", {})
            values = [media["example"]] if "example" in media else []
            values += [resolve(example, bundle)["value"] for example in media.get("examples", {}).values()]
            if "$ref" in media.get("schema", {}):
                yield from ((media["schema"]["$ref"].rpartition("/")[2], value) for value in values)


def test_datamodel_code_generator_makes_models_that_take_every_example(
    models: ModuleType, bundle: dict[str, Any]
) -> None:
    examples = list(shown(bundle))

    assert len(examples) > 25
    for name, value in examples:
        getattr(models, name).model_validate_json(json.dumps(value))
