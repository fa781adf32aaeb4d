"""The templates and what is said of them."""

from __future__ import annotations

from tests.generation.conftest import ROOT

OURS = ROOT / "generator_templates"


def test_the_table_of_templates_is_complete() -> None:
    """The README says of each what it makes and why it is there."""
    table = (OURS / "README.md").read_text(encoding="utf-8")
    names = {file.name.partition(".")[0] for file in OURS.glob("*.jinja") if not file.name.startswith("_")}

    assert {name for name in names if f"`{name}`" not in table} == set()
    assert {folder.name for folder in OURS.iterdir() if folder.is_dir() and f"`{folder.name}/" not in table} == set()
