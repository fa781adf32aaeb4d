"""Our templates beside those of the pinned generator: whoever upgrades it has to look at what changed in them."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from tests.generation.conftest import ROOT, Tree
from tools.upstream import LIST, differing

OURS = ROOT / "generator_templates"


def test_the_installed_generator_has_the_templates_that_ours_were_written_beside() -> None:
    assert differing(OURS) == []


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("  model.py.jinja", "0  model.py.jinja", "model.py.jinja"),
        ("  property_templates/helpers.jinja", "  gone.jinja", "gone.jinja, property_templates/helpers.jinja"),
    ],
)
def test_another_template_of_the_generator(project: Tree, old: str, new: str, names: str) -> None:
    """Changed, new or gone: what ours say may have to follow it."""
    project.edit(f"generator_templates/{LIST}", old, new)

    assert project.refusal() == (
        f"openapi-python-client {version('openapi-python-client')} has other templates than those that ours were "
        f"written beside ({names}): compare them as CONTRIBUTING.md says of an upgrade"
    )


def test_the_table_of_templates_is_complete() -> None:
    """The README says of each what it makes and why it is there."""
    table = (OURS / "README.md").read_text(encoding="utf-8")
    names = {file.name.partition(".")[0] for file in OURS.glob("*.jinja") if not file.name.startswith("_")}

    assert {name for name in names if f"`{name}`" not in table} == set()
    assert {folder.name for folder in OURS.iterdir() if folder.is_dir() and f"`{folder.name}/" not in table} == set()
