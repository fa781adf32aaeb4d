"""The site in a real browser: every page, the search, a narrow screen, both colour schemes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from documentation import site
from tests.cli import chromium
from tests.cli.chromium import Session, until
from tests.documentation.conftest import Site

NARROW = {"width": 400, "height": 800}
"""A telephone held upright."""


SEARCH = "[...document.body.children].find(one => one.shadowRoot)?.shadowRoot"
"""Where the theme shows the search."""


class _Files(SimpleHTTPRequestHandler):
    """Files of a folder, without a word about each."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name that it has in the library)
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Where a folder is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def address(built: Site) -> Iterator[str]:
    """Where the built site is served."""
    with served(built.folder) as address:
        yield address


@pytest.fixture(scope="module")
def searchless(built: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it is served with an empty index for the search: each page reads the index anew, half of a page's work."""
    folder = tmp_path_factory.mktemp("searchless")
    for entry in built.folder.iterdir():
        (folder / entry.name).symlink_to(entry)
    index = folder / "search.json"
    empty = json.loads(index.read_bytes()) | {"items": []}
    index.unlink()
    index.write_text(json.dumps(empty), encoding="utf-8")
    with served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Session]:
    program, driver = chromium.needed()
    with chromium.driver(driver) as client, chromium.browser(client, program) as session:
        yield session


@pytest.fixture(autouse=True)
def wide(browser: Session) -> None:
    browser.look(width=1300, height=900)


def evaluate(browser: Session, expression: str) -> Any:
    """The value of an expression of JavaScript on the page."""
    return browser.run(f"return {expression}")


def page_of(name: str) -> str:
    """The address of a page below that of the site."""
    return name.removesuffix("index.md") if name.endswith("index.md") else f"{name.removesuffix('.md')}/"


def overflowing(browser: Session) -> list[str]:
    """What sticks out of the page to the right, and cannot be scrolled by itself."""
    return list(
        evaluate(
            browser,
            """(() => {
                const width = document.documentElement.clientWidth;
                if (document.documentElement.scrollWidth <= width) return [];
                return [...document.querySelectorAll('article *')]
                    .filter(one => one.getBoundingClientRect().right > width + 1
                        && !one.closest('pre, .md-typeset__scrollwrap, .md-typeset__table, table'))
                    .slice(0, 3).map(one => one.outerHTML.slice(0, 120));
            })()""",
        )
    )


def wrongs(browser: Session) -> list[str]:
    """What a page tells the console, pictures that it lacks, and what sticks out of it."""
    missing = evaluate(
        browser,
        "[...document.querySelectorAll('article img')].filter(one => !(one.complete && one.naturalWidth))"
        ".map(one => one.src)",
    )
    return [*browser.complaints(), *missing, *overflowing(browser)]


def test_what_is_wrong_with_a_page_is_noticed(browser: Session, address: str) -> None:
    browser.open(address)
    browser.look(**NARROW)
    assert wrongs(browser) == []

    evaluate(
        browser,
        """(document.querySelector('article').insertAdjacentHTML(
            'beforeend', '<img src="nowhere.svg"><p style="width: 2000px">wide</p>'), console.error('a complaint'))""",
    )
    told: list[str] = []

    def both_are_told() -> bool | None:
        told.extend(browser.complaints())
        return all(any(word in one for one in told) for word in ("a complaint", "nowhere.svg")) or None

    until(both_are_told)
    assert [word for one in wrongs(browser) for word in ("nowhere.svg", "2000px") if word in one] == [
        "nowhere.svg",
        "2000px",
    ]


def test_every_page_is_shown_without_a_complaint(browser: Session, searchless: str) -> None:
    """With its heading, its pictures, and nothing in the console; where it is narrow, and so most sticks out."""
    browser.look(**NARROW)
    seen = {}
    for name in site.navigation():
        browser.open(searchless + page_of(name))
        # The driver may look at a page a moment before anything is in it.
        headings = until(lambda: browser.texts("article h1") or None, f"a heading of {name}")
        wrong = wrongs(browser)
        if wrong or len(headings) != 1 or not headings[0]:
            seen[name] = (headings, wrong)

    assert seen == {}


@pytest.mark.parametrize(
    ("words", "found"),
    [("RetryPolicy", "RetryPolicy"), ("cached tokens", "cache"), ("tm login", "login"), ("semaphore", "Ask many")],
)
def test_the_search_finds_what_there_is(browser: Session, address: str, words: str, found: str) -> None:
    browser.open(address)
    browser.click(".md-search__button")
    until(lambda: evaluate(browser, f"!!{SEARCH}?.querySelector('input')") or None)

    browser.press(*words)

    until(
        lambda: (
            any(
                found in text
                for text in evaluate(browser, f"[...{SEARCH}.querySelectorAll('a')].map(one => one.innerText)")
            )
            or None
        )
    )
    assert browser.complaints() == []


def test_the_colours_can_be_changed_and_stay(browser: Session, address: str) -> None:
    browser.open(address)
    before = evaluate(browser, "document.body.dataset.mdColorScheme")

    evaluate(browser, "document.querySelector('form[data-md-component=palette] label:not([hidden])').click()")
    after = until(
        lambda: scheme if (scheme := evaluate(browser, "document.body.dataset.mdColorScheme")) != before else None
    )
    browser.open(address + "guide/key/")

    assert {before, after} == {"default", "slate"}
    until(lambda: evaluate(browser, "document.body.dataset.mdColorScheme") == after or None)


def test_on_a_narrow_screen_the_navigation_opens(browser: Session, address: str) -> None:
    browser.look(**NARROW)
    browser.open(address + "guide/tools/")
    assert not visible(browser, "Get JSON")

    browser.click("label.md-header__button[for=__drawer]")

    until(lambda: visible(browser, "Get JSON") or None)
    assert browser.complaints() == []


def visible(browser: Session, link: str) -> bool:
    """Whether a link of the navigation stands on the screen."""
    return bool(
        evaluate(
            browser,
            f"""[...document.querySelectorAll('.md-nav--primary a')].some(one => {{
                const box = one.getBoundingClientRect();
                return one.innerText.trim() === {link!r} && box.left >= 0 && box.right <= innerWidth && box.width > 0;
            }})""",
        )
    )
