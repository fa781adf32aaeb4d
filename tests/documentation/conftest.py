"""The site of docs/, built once for all processes of a run."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import NamedTuple

import pytest

from documentation import site


class Site(NamedTuple):
    """
    A built site.

    Attributes:
        well: whether the strict build found nothing wrong.
        report: what the builder said.
        folder: where its pages are.
    """

    well: bool
    report: str
    folder: Path

    @property
    def pages(self) -> list[Path]:
        return sorted(self.folder.rglob("*.html"))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Site:
    """To build it takes half a minute, so the first process does it for all."""
    run = tmp_path_factory.getbasetemp()
    place = (run if worker_id == "master" else run.parent) / "site-of-docs"
    place.mkdir(exist_ok=True)
    said = place / "said"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            well, report = site.build(place / "build")
            said.write_text(f"{well}\n{report}", encoding="utf-8")
    well_said, _, report = said.read_text(encoding="utf-8").partition("\n")
    return Site(well_said == "True", report, place / "build" / "site")
