"""The site is built strictly: no broken link or anchor, no page outside the navigation, nothing from elsewhere."""

from __future__ import annotations

import re
import shutil
from collections import deque
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest

from documentation import files, site
from tests.documentation.conftest import Site

FOREIGN = re.compile(
    r"<(?:script|img|iframe|audio|video|source)\b[^>]*\bsrc=[\"']?(?:https?:)?//"
    r"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|preload|preconnect|icon))[^>]*\bhref=[\"']?(?:https?:)?//"
)
"""What a browser would fetch from another machine by itself."""


def test_the_strict_build_finds_nothing_wrong(built: Site) -> None:
    assert built.well, built.report
    assert "No issues found" in built.report


def test_every_page_is_in_the_navigation() -> None:
    assert site.lost() == []


def test_a_page_outside_of_the_navigation_a_lost_one_and_a_lost_picture_are_noticed(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    shutil.copytree(files.DOCS, docs)
    (docs / "guide" / "new.md").write_text("# New\n\n![a](missing.svg)\n")
    (docs / "guide" / "key.md").unlink()

    assert site.lost(docs) == [
        "docs/guide/new.md is not in the navigation of zensical.toml",
        "zensical.toml names docs/guide/key.md, which is not there",
        "docs/guide/new.md shows missing.svg, which is not there",
    ]


def test_the_build_is_strict(tmp_path: Path) -> None:
    """A page that is not there, an anchor that is not there, and a docstring that argues with its function."""
    docs = tmp_path / "docs"
    for page in site.navigation():
        (docs / page).parent.mkdir(parents=True, exist_ok=True)
        (docs / page).write_text("# A page\n")
    (docs / "index.md").write_text("# Start\n\n[a](guide/nowhere.md) and [b](guide/key.md#nothing)\n")

    well, report = site.build(tmp_path / "place", docs)

    assert not well
    assert "page does not exist" in report
    assert "anchor does not exist" in report


def test_links_and_anchors_of_the_built_pages_lead_somewhere(built: Site) -> None:
    """What the builder does not look at, too: links that mkdocstrings and the theme have made, pictures, styles."""
    texts = {page: page.read_text(encoding="utf-8") for page in built.pages}
    anchors = {page: set(re.findall(r"\bid=[\"']?([^\"'\s>]+)", text)) for page, text in texts.items()}
    dead = []
    for page, text in texts.items():
        if page.name == "404.html":  # whose links are absolute, for it stands in for any page
            continue
        here = f"http://site/{page.relative_to(built.folder).as_posix()}"
        for link in set(re.findall(r"\b(?:href|src)=[\"']?([^\"'\s>]+)", text)):
            whole, anchor = urldefrag(urljoin(here, link.replace("&amp;", "&")))
            if not whole.startswith("http://site/"):
                continue
            target = built.folder / unquote(whole.removeprefix("http://site/").partition("?")[0])
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file() or (anchor and target in anchors and unquote(anchor) not in anchors[target]):
                dead.append(f"{page.relative_to(built.folder)}: {link}")

    assert sorted(dead) == []


def test_nothing_is_fetched_from_another_machine(built: Site) -> None:
    fetching = [page for page in built.pages if FOREIGN.search(page.read_text(encoding="utf-8"))]

    assert fetching == []


def test_what_would_be_fetched_is_noticed() -> None:
    assert FOREIGN.search('<link href="https://fonts.example/css" rel="stylesheet">')
    assert FOREIGN.search("<script async src=//cdn.example/x.js></script>")
    assert not FOREIGN.search('<a href="https://example.com">')


def test_every_page_of_the_guide_is_two_clicks_from_the_front_page(built: Site) -> None:
    """By what stands on the page itself, and not in the navigation."""
    away = {built.folder / "index.html": 0}
    waiting = deque(away)
    while waiting:
        page = waiting.popleft()
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r"<a [^>]*\bhref=\"([^\"]+)\"", text.partition("<article")[2].partition("</article")[0]):
            target = (page.parent / unquote(urldefrag(link)[0])).resolve() / "index.html"
            if target.is_file() and target not in away:
                away[target] = away[page] + 1
                waiting.append(target)

    far = [
        page
        for page in site.navigation()
        if page.startswith("guide/") and away.get(built.folder / page.removesuffix(".md") / "index.html", 9) > 2
    ]
    assert far == []


@pytest.mark.parametrize("page", ["guide/batch", "guide/tools", "reference/client", "evidence/promises"])
def test_code_is_coloured_and_tables_are_tables(built: Site, page: str) -> None:
    """And so the extensions of Markdown that the pages rely on are on."""
    text = (built.folder / page / "index.html").read_text(encoding="utf-8")

    assert "<table>" in text
    assert re.search(r'class="[^"]*\bhighlight\b', text) or page.startswith("evidence")
