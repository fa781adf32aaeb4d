"""The site: a strict build with zensical, which says what is wrong in the pages and in the docstrings."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from documentation.files import DOCS, ROOT

CONFIG = ROOT / "zensical.toml"
BUILDER = Path(sys.executable).with_name("zensical")
PLACE = ROOT / ".local" / "docs"
"""Where the site is built, unless somebody says otherwise."""

_PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def pages_of(navigation: list[Any]) -> Iterator[str]:
    """The pages that a navigation names, however deep."""
    for item in navigation:
        for value in item.values() if isinstance(item, dict) else [item]:
            yield from pages_of(value) if isinstance(value, list) else [value]


def navigation() -> list[str]:
    """The pages of the site's navigation, in order."""
    return list(pages_of(tomllib.loads(CONFIG.read_text(encoding="utf-8"))["project"]["nav"]))


def lost(docs: Path = DOCS) -> list[str]:
    """Pages without a place in the navigation, places without a page, and pictures that are not there."""
    there = {file.relative_to(docs).as_posix() for file in docs.rglob("*.md")}
    named = navigation()
    return [
        *(f"docs/{page} is not in the navigation of zensical.toml" for page in sorted(there - set(named))),
        *(f"zensical.toml names docs/{page}, which is not there" for page in sorted(set(named) - there)),
        *(
            f"zensical.toml names docs/{page} twice"
            for page in sorted({page for page in named if named.count(page) > 1})
        ),
        *(
            f"docs/{page} shows {picture}, which is not there"
            for page in sorted(there)
            for picture in _PICTURE.findall((docs / page).read_text(encoding="utf-8"))
            if not (docs / page).parent.joinpath(picture).is_file()
        ),
    ]


def build(place: Path = PLACE, docs: Path = DOCS) -> tuple[bool, str]:
    """
    Build the site anew, strictly, into the folder `site` of a place, which also gets a copy of the pages.

    Returns:
        whether all is well, and what the builder says.
    """
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(docs, place / "docs")
    config = CONFIG.read_text(encoding="utf-8")
    for relative, absolute in {
        'paths = ["."]': f'paths = ["{ROOT}"]',
        '"documentation/': f'"{ROOT}/documentation/',
    }.items():
        assert relative in config, f"{CONFIG} has no {relative}"
        config = config.replace(relative, absolute)
    (place / CONFIG.name).write_text(re.sub(r"^site_dir = .*$", 'site_dir = "site"', config, flags=re.MULTILINE))
    done = subprocess.run(
        [BUILDER, "build", "--strict"],
        cwd=place,
        env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    report = _COLOUR.sub("", done.stdout)
    # Here the builder itself goes on.
    lost_names = [line for line in report.splitlines() if line.startswith("griffe: ")]
    missing = lost(docs)
    return done.returncode == 0 and not lost_names and not missing, "\n".join([*missing, report])


def serve() -> int:
    """Serve the site at http://127.0.0.1:8000, anew after each change, until Ctrl-C."""
    try:
        return subprocess.call(
            [BUILDER, "serve", "--dev-addr", "127.0.0.1:8000"], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
    except KeyboardInterrupt:
        return 130
