"""Python tools that know nothing of this project take the bundles as they are."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from openapi_spec_validator import validate

from tensormesh_documents.pointers import resolve
from tests.bundles.conftest import ROOT, operations
from tests.programs import kept_environment, started

GENERATE = """
from openapi_python_client.cli import app
app()
"""

READER = """
import importlib, pkgutil, sys, warnings
warnings.simplefilter("error")
sys.path.insert(0, "")
package = importlib.import_module("stock")
names = [module.name for module in pkgutil.walk_packages(package.__path__, "stock.")]
print(*(name for name in names if hasattr(importlib.import_module(name), "sync_detailed")))
"""


MODEL = """
import sys
from datamodel_code_generator.__main__ import main
sys.exit(main())
"""

LOADED = ("attrs", "datamodel_code_generator.parser.openapi", "httpx", "openapi_python_client.cli")
"""What these programs load."""

Run = Callable[..., str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Runs a program in a folder, which must succeed, and gives what it says, on either channel."""
    notes, programs = tmp_path_factory.mktemp("notes"), tmp_path_factory.mktemp("programs")

    with started(kept_environment(), notes, LOADED, "default") as server:

        def runs(code: str, place: Path, *arguments: str) -> str:
            program = programs / "program.py"
            program.write_text(code, encoding="utf-8")
            done = server.run(program, place, *arguments)
            assert done.status == 0, done.stderr
            return done.stdout + done.stderr

        yield runs


def test_openapi_spec_validator_finds_nothing(bundle: dict[str, Any]) -> None:
    validate(bundle)


def test_the_stock_generator_makes_a_client_of_it(file: Path, bundle: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """openapi-python-client with its own templates: no warning, every call, and every module imports."""
    (tmp_path / "config.yaml").write_text("post_hooks: []\n", encoding="utf-8")
    made = ["--meta", "none", "--output-path", "stock", "--config", "config.yaml", "--fail-on-warning"]

    said = run(GENERATE, tmp_path, "generate", "--path", str(file), *made)
    calls = run(READER, tmp_path).split()

    assert said.splitlines() == ["Generating stock"]
    assert sorted(call.rpartition(".")[2] for call in calls) == sorted(
        operation["operationId"] for _, _, operation in operations(bundle)
    )


@pytest.fixture(scope="module")
def models(file: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Pydantic models that datamodel-code-generator makes of a bundle."""
    target = tmp_path_factory.mktemp("models") / f"{file.stem}_models.py"
    files = ["--input", str(file), "--output", str(target)]
    kinds = ["--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel"]
    run(MODEL, ROOT, *files, *kinds, "--formatters", "builtin")
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
