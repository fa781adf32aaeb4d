"""The section of `docs/evidence/reliability.md`, made of a run and the words in `reliability.md` beside this file."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from string import Template

from benchmarks.soak import report
from benchmarks.soak.results import Results

TEMPLATE = Path(__file__).with_name("reliability.md")


def write(results: Results, page: Path) -> Path:
    """Put the section in place of the one that is there, or at the end."""
    page.write_text(replaced(page.read_text(encoding="utf-8"), section(results)), encoding="utf-8")
    return page


def section(results: Results) -> str:
    """The section, heading included."""
    machine = results.machine
    words = Template(TEMPLATE.read_text(encoding="utf-8"))
    return words.substitute(
        table=report.table(results),
        seconds=f"{results.seconds:.0f}",
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        machine=f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, {machine['python']}",
    )


def replaced(page: str, section: str) -> str:
    """The page with the section of the same heading replaced, or with a new one at its end."""
    heading = section.partition("\n")[0]
    old = re.search(rf"^{re.escape(heading)}\n.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    if old is None:
        return f"{page.rstrip()}\n\n{section.strip()}\n"
    return f"{page[: old.start()]}{section.strip()}\n\n{page[old.end() :]}".rstrip() + "\n"
