"""The package costs what is used of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tensormesh_generated
from tensormesh_generated import api, models

ROOT = Path(__file__).resolve().parents[2]


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter holds after `code`, beside those it starts with."""
    text = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*sorted(set(sys.modules) - before))"
    found = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(found.stdout.split())


def test_the_api_loads_no_models_and_no_io() -> None:
    """`import tensormesh_generated.api` is two small modules."""
    assert {"tensormesh_generated", "tensormesh_generated.api"} == {
        name for name in loaded_by("import tensormesh_generated.api") if name.startswith("tensormesh")
    }
    assert set() == loaded_by("import tensormesh_generated.api") & {"httpx", "asyncio", "attrs", "attr", "ssl"}


def test_an_operation_loads_no_model_and_no_io() -> None:
    """An operation's types are names until its first answer."""
    loaded = loaded_by("from tensormesh_generated.api.chat import create_chat_completion")

    assert set() == {name for name in loaded if name.startswith("tensormesh_generated.models.")}
    assert set() == loaded & {"httpx", "asyncio", "requests", "aiohttp", "ssl"}


def test_an_answer_loads_the_models_it_holds() -> None:
    """And only those."""
    loaded = loaded_by(
        "from tensormesh_generated.api.version import get_version\nget_version.parse({'version': '1'}).to_dict()"
    )

    assert {"tensormesh_generated.models.version_response"} == {
        name for name in loaded if name.startswith("tensormesh_generated.models.")
    }


def test_namespaces_load_no_models_and_no_io() -> None:
    """The friendly tree is made of classes that load an operation when it is called."""
    loaded = loaded_by(
        "import tensormesh_generated.namespaces.inference, tensormesh_generated.namespaces.control_plane"
    )

    assert set() == {
        name for name in loaded if name.startswith(("tensormesh_generated.models.", "tensormesh_generated.api."))
    }
    assert set() == loaded & {"httpx", "asyncio", "requests", "aiohttp", "ssl"}


def test_names_are_found_from_the_top() -> None:
    """`api.chat.create_chat_completion` works without importing anything on the way."""
    code = "import tensormesh_generated as t\nt.api.chat.create_chat_completion.sync\nt.models.User"

    assert {"tensormesh_generated.api.chat.create_chat_completion", "tensormesh_generated.models.user"} <= loaded_by(
        code
    )


@pytest.mark.parametrize("module", [tensormesh_generated, api, models, api.chat], ids=lambda module: module.__name__)
def test_a_lazy_module_lists_its_names(module: object) -> None:
    """`dir` shows what can be had; what cannot be had is an ordinary attribute error."""
    names = getattr(module, "__all__")  # noqa: B009

    assert set(names) <= set(dir(module))
    assert all(getattr(module, name) is getattr(module, name) for name in names)
    with pytest.raises(AttributeError, match="has no attribute 'novelty'"):
        getattr(module, "novelty")  # noqa: B009
