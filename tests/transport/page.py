"""
`python -m tests.transport.page`: writes docs/evidence/transport.md from the corpus and the words beside this file.

tests/transport/test_page.py checks that the file is fresh.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from string import Template

from tensormesh_transport.core.content import MAX_PIECE_BYTES
from tensormesh_transport.core.exchange import MAX_HEAD_BYTES
from tensormesh_transport.messages import MAX_BYTES
from tests.transport.corpus.chapters import CHAPTERS
from tests.transport.corpus.dubious import Dubious

FILE = Path(__file__).resolve().parents[2] / "docs" / "evidence" / "transport.md"
WORDS = Path(__file__).with_name("transport.md")

HEADING = "| what the host sends | this transport | httpx | aiohttp |\n|---|---|---|---|\n"


def page() -> str:
    """The page as it should be."""
    return Template(WORDS.read_text(encoding="utf-8")).substitute(
        head=f"{MAX_HEAD_BYTES // 1024} KiB",
        whole=f"{MAX_BYTES // 1024**2} MiB, or what its request says",
        piece=f"{MAX_PIECE_BYTES // 1024**2} MiB",
        count=sum(len(entries) for entries in CHAPTERS.values()),
        httpx=version("httpx"),
        h11=version("h11"),
        aiohttp=version("aiohttp"),
        differences=_differences(),
        agreements=_agreements(),
    )


def outcomes(entry: Dubious) -> list[str]:
    """What each makes of it, as the page says it."""
    return ["refused" if said.endswith("Error") else said for said in (entry.ours, entry.httpx, entry.aiohttp)]


def _differences() -> str:
    parts = []
    for chapter, entries in CHAPTERS.items():
        rows = [(entry.what, *outcomes(entry)) for entry in entries if len({*outcomes(entry)}) > 1]
        parts.append(f"### {chapter}\n\n{HEADING}" + "".join(f"| {' | '.join(row)} |\n" for row in rows))
    return "\n".join(parts)


def _agreements() -> str:
    rows = ""
    for chapter, entries in CHAPTERS.items():
        same: dict[str, list[str]] = {}
        for entry in entries:
            said = {*outcomes(entry)}
            if len(said) == 1:
                same.setdefault(said.pop(), []).append(entry.what)
        rows += "".join(f"| {chapter} | {said} | {'; '.join(whats)} |\n" for said, whats in same.items())
    return "| | all three | what the host sends |\n|---|---|---|\n" + rows.rstrip()


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
    print("wrote", FILE)
    sys.exit()
