"""The files of the page, and the rules a browser keeps them to."""

from __future__ import annotations

import re
from importlib.resources import files

import httpx
import pytest

from tensormesh_local.console.page import FILES
from tests.console.conftest import root

STATIC = files("tensormesh_local.console").joinpath("static")


@pytest.mark.parametrize("name", ["", *FILES])
def test_every_file_is_served_under_strict_rules(page: httpx.Client, name: str) -> None:
    answer = page.get(name) if name else page.get(root(page))
    rules = answer.headers["content-security-policy"]

    assert answer.status_code == 200
    assert answer.headers["content-type"] == FILES[name or "index.html"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in rules
    assert "require-trusted-types-for 'script'" in rules
    assert "unsafe" not in rules


def test_the_page_has_the_files_it_names_and_no_others() -> None:
    assert sorted(file.name for file in STATIC.iterdir()) == sorted(FILES)
    for name in FILES:
        text = STATIC.joinpath(name).read_text()
        asked = re.findall(r'from "\./([\w.]+)"|/_local/console/([\w.]+\.\w+)"', text)
        assert {one or other for one, other in asked} <= set(FILES)


def test_the_page_is_small_and_comes_from_here_alone() -> None:
    texts = {name: STATIC.joinpath(name).read_text() for name in FILES}
    addresses = {found for text in texts.values() for found in re.findall(r"https?://[^\s\"'`]+", text)}

    assert sum(len(text.encode()) for text in texts.values()) < 100_000
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name, not an address


def test_no_text_becomes_markup() -> None:
    """And no script runs that was made of text."""
    unsafe = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|DOMParser"
    )

    assert [name for name in FILES if unsafe.search(STATIC.joinpath(name).read_text())] == []


def test_a_file_that_the_page_does_not_have_is_not_found(page: httpx.Client) -> None:
    assert page.get("../../app.py").status_code == 404
    assert page.get("secrets.js").status_code == 404
