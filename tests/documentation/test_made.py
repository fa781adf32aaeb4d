"""What of docs/ is made from code is what the code says now."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from documentation import facts, files, markdown
from documentation.pictures import batches, call, house, screens
from tensormesh import errors
from tests.architecture.test_imports import BELOW


def test_nothing_is_stale() -> None:
    assert files.stale() == [], "run `python -m documentation`"


def test_a_stale_page_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(files.PAGES, "reference/costs.md", lambda: "# Something else\n")

    assert files.stale() == [files.DOCS / "reference" / "costs.md"]


def test_a_stale_section_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(files.SECTIONS, "statuses", lambda: "another table")

    assert files.stale() == [files.DOCS / "guide" / "errors.md"]


def test_a_section_is_filled_and_nothing_else_is_touched() -> None:
    text = "a\n<!-- made: x y -->\nold\n<!-- end of x y -->\nb\n<!-- made: z -->\n<!-- end of z -->\n"

    filled = markdown.filled(text, {"x y": "new", "z": "z"})

    assert filled == (
        "a\n<!-- made: x y -->\n\nnew\n\n<!-- end of x y -->\nb\n<!-- made: z -->\n\nz\n\n<!-- end of z -->\n"
    )
    assert markdown.filled(filled, {"x y": "new", "z": "z"}) == filled


def test_a_section_that_nobody_makes_is_an_error() -> None:
    with pytest.raises(KeyError):
        markdown.filled("<!-- made: nothing -->\n<!-- end of nothing -->\n", {})


def test_every_section_is_shown_somewhere() -> None:
    shown = {name for page in files.DOCS.rglob("*.md") for name in markdown.sections(page.read_text(encoding="utf-8"))}

    assert shown == set(files.SECTIONS)


def test_a_cell_ends_no_table() -> None:
    assert markdown.table(["a"], [["x | y\nz"]]) == "| a |\n| --- |\n| x \\| y z |\n"


def test_every_error_has_a_row() -> None:
    told = set(re.findall(r"`(\w+Error)`", facts.statuses() + facts.other_errors()))

    assert {getattr(errors, name).__name__ for name in errors.__all__} <= told


def test_the_house_has_every_package_and_each_stands_on_those_it_imports() -> None:
    """The table of the layers is what the tests of imports hold the code to."""
    floors = [name for name, _, _ in house.FLOORS]
    beside = [name for name, _ in house.BESIDE]

    assert {*floors, *beside} == set(BELOW)
    for name, imported in BELOW.items():
        if name in floors:
            assert all(floors.index(other) > floors.index(name) for other in imported), name


def test_the_way_of_a_call_leads_through_modules_that_exist() -> None:
    modules = [name for name, *_ in call.STEPS if name.startswith("tensormesh")]

    assert len(modules) == 5
    assert [name for name in modules if find_spec(name) is None] == []


def test_the_bars_are_what_was_measured() -> None:
    """Each input and number of rows has its bars, and a run in the right order is never the dearer one."""
    drawn = batches.draw_cached() + batches.draw_cost() + batches.draw_throughput()

    assert len(batches.orders()) > 3
    for one in batches.orders():
        assert escape(one.input) in drawn
        assert all(f">{share:.1f} %<" in drawn for share in one.cached[:2])
        assert [*one.cached] == sorted(one.cached)
        assert [*one.usd] == sorted(one.usd, reverse=True)
    assert all(f">{rate:g}<" in drawn for rate in batches.throughput().values())


def test_a_picture_of_other_figures_is_stale(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "batch.json"
    other.write_text(batches.FIGURES.read_text(encoding="utf-8").replace('"rows_per_second": ', '"rows_per_second": 1'))
    monkeypatch.setattr(batches, "FIGURES", other)

    assert files.stale() == [files.DOCS / "pictures" / "batch-throughput.svg"]


def test_every_picture_is_shown_somewhere() -> None:
    """And every one that is shown is there: the build sees to it."""
    shown = {
        (page.parent / name).resolve()
        for page in files.DOCS.rglob("*.md")
        for name in re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    }
    there = {file.resolve() for kind in ("*.svg", "*.png") for file in files.DOCS.rglob(kind)}

    assert there == shown
    assert set(screens.NAMES) <= {file.name for file in there if file.suffix == ".png"}


@pytest.mark.parametrize("file", sorted(files.DOCS.rglob("*.svg")), ids=lambda file: file.name)
def test_a_picture_asks_no_other_machine(file: Path) -> None:
    addresses = set(re.findall(r"https?://[^\s\"')]+", file.read_text(encoding="utf-8")))

    assert addresses <= {"http://www.w3.org/2000/svg"}


def test_users_pages_name_no_tests() -> None:
    """In their words and tables; a program may be a test of the reader's."""
    pages = [file for folder in ("guide", "reference") for file in (files.DOCS / folder).rglob("*.md")]
    pages.append(files.DOCS / "index.md")

    words = {
        file.name: re.sub(r"^```.*?^```$", "", file.read_text(encoding="utf-8"), flags=re.M | re.S) for file in pages
    }

    assert [name for name, text in words.items() if re.search(r"tests/|test_\w+\.py|::test_", text)] == []
