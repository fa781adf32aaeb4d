"""The site: a strict build with zensical, which says what is wrong in the pages and in the docstrings."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from documentation.files import DOCS, ROOT

CONFIG = ROOT / "zensical.toml"
SITE = ROOT / ".local" / "site"

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def pages_of(navigation: list[Any]) -> Iterator[str]:
    """The pages that a navigation names, however deep."""
    for item in navigation:
        for value in item.values() if isinstance(item, dict) else [item]:
            yield from pages_of(value) if isinstance(value, list) else [value]


def navigation() -> list[str]:
    """The pages of the site's navigation, in order."""
    return list(pages_of(tomllib.loads(CONFIG.read_text(encoding="utf-8"))["project"]["nav"]))


def lost() -> list[str]:
    """Pages without a place in the navigation, and places without a page."""
    there = {file.relative_to(DOCS).as_posix() for file in DOCS.rglob("*.md")}
    named = navigation()
    return [
        *(f"docs/{page} is not in the navigation of zensical.toml" for page in sorted(there - set(named))),
        *(f"zensical.toml names docs/{page}, which is not there" for page in sorted(set(named) - there)),
        *(f"zensical.toml names docs/{page} twice" for page in sorted({page for page in named if named.count(page) > 1})),
    ]


def build(*words: str) -> tuple[bool, str]:
    """
    Build the site anew, strictly, into `.local/site`.

    Returns:
        whether all is well, and what the builder says.
    """
    said = lost()
    done = subprocess.run(
        [Path(sys.executable).with_name("zensical"), "build", "--clean", "--strict", *words],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    report = _COLOUR.sub("", done.stdout)
    # The builder goes on where the reader of docstrings has lost something; we do not.
    complaints = [line for line in report.splitlines() if line.startswith(("griffe: ", "mkdocstrings"))]
    return done.returncode == 0 and not complaints and not said, "\n".join([*said, report])


def serve() -> int:
    """Serve the site at http://127.0.0.1:8000, anew after each change, until Ctrl-C."""
    try:
        return subprocess.call(
            [Path(sys.executable).with_name("zensical"), "serve", "--dev-addr", "127.0.0.1:8000"], cwd=ROOT
        )
    except KeyboardInterrupt:
        return 130
