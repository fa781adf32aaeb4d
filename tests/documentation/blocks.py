"""The fenced blocks of the documents: programs, lines for a shell, and what they print."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/**/*.md", "tensormesh_transport/README.md")

FENCE = re.compile(r" *(?P<ticks>```+)(?P<language>[^`\s]*)[^`]*$")
NOT_RUN = re.compile(r"\s*<!--\s*not run:(?P<reason>.*?)-->\s*$")


@dataclass(frozen=True)
class Block:
    """
    One fenced block.

    Attributes:
        document: its path below the repository.
        line: the number of its first line of code.
        reason: why it is not run, if a comment above it says so.
    """

    document: str
    line: int
    language: str
    code: str
    reason: str | None = None

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def find_blocks(document: str, text: str) -> list[Block]:
    """The fenced blocks of a document, in order."""
    found: list[Block] = []
    above = ""
    lines = iter(enumerate(text.splitlines(), start=1))
    for number, line in lines:
        fence = FENCE.match(line)
        if fence is None:
            above = line if line.strip() else above
            continue
        code: list[str] = []
        for _, inner in lines:
            if inner.strip() == fence["ticks"]:
                break
            code.append(inner)
        else:
            raise ValueError(f"{document}:{number}: this block is never closed")
        comment = NOT_RUN.match(above)
        body = textwrap.dedent("\n".join(code)) + "\n"
        reason = comment["reason"].strip() if comment else None
        found.append(Block(document, number + 1, fence["language"], body, reason))
        above = ""
    return found


def documents() -> list[Path]:
    return [file for pattern in DOCUMENTS for file in sorted(ROOT.glob(pattern))]


BLOCKS = [
    block
    for file in documents()
    for block in find_blocks(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
]


def of(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages]
