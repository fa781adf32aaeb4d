"""The pictures of the docs can be made anew, and are there."""

from __future__ import annotations

import re
import struct

import pytest

from tensormesh_local import LocalHost
from tests.cli.chromium import Session
from tests.console.screenshots import DOCS, PICTURES, ask, take


def size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG")
    return struct.unpack(">II", picture[16:24])


def test_the_docs_show_every_picture_and_no_other() -> None:
    text = (DOCS / "guide" / "console.md").read_text() + (DOCS.parent / "README.md").read_text()

    assert {*re.findall(r"(console[\w-]*\.png)", text)} == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_made_as_it_is_in_the_docs(window: Session, host: LocalHost, name: str) -> None:
    _, _, width, height, _ = PICTURES[name]
    kept = (DOCS / "pictures" / name).read_bytes()

    assert size(take(window, host, name, ask(host))) == size(kept) == (width, height)
    assert len(kept) < 200_000
