"""docs/evidence/transport.md says what the corpus says."""

from __future__ import annotations

from tests.transport.corpus.chapters import CHAPTERS
from tests.transport.page import FILE, page


def test_the_page_about_the_transport_is_fresh() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), "run `python -m tests.transport.page`"


def test_every_answer_stands_on_the_page_once() -> None:
    cells = [cell.strip() for line in page().splitlines() if line.startswith("|") for cell in line.split("|")]
    names = [name for cell in cells for name in cell.split("; ")]

    assert [entry.what for entries in CHAPTERS.values() for entry in entries if entry.what not in names] == []
