"""Our templates beside those of the pinned generator, so that an upgrade is a comparison of three."""

from __future__ import annotations

from pathlib import Path

import openapi_python_client
import pytest

from tests.generation.conftest import ROOT

OURS = ROOT / "generator_templates"
ORIGINALS = sorted((OURS / "upstream").iterdir())
THEIRS = Path(openapi_python_client.__file__).parent / "templates"


@pytest.mark.parametrize("original", ORIGINALS, ids=lambda file: file.name)
def test_an_original_is_that_of_the_installed_generator(original: Path) -> None:
    """Whoever changes the pin has to look at what changed in the templates."""
    assert original.read_bytes() == (THEIRS / original.name).read_bytes()


def test_each_template_that_is_replaced_has_its_original_here() -> None:
    """And no original is kept without need."""
    replaced = {file.name for file in OURS.glob("*.jinja")} & {file.name for file in THEIRS.glob("*.jinja")}

    assert {file.name for file in ORIGINALS} == replaced


def test_the_table_of_templates_is_complete() -> None:
    """The README says of each what it makes and why it is there."""
    table = (OURS / "README.md").read_text(encoding="utf-8")
    names = {file.name.partition(".")[0] for file in OURS.glob("*.jinja") if not file.name.startswith("_")}

    assert {name for name in names if f"`{name}`" not in table} == set()
    assert {folder.name for folder in OURS.iterdir() if folder.is_dir() and f"`{folder.name}/" not in table} == set()
