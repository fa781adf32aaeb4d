"""Everything of docs/ that is made: whole pages, marked sections of pages, and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from documentation import facts
from documentation.markdown import filled, sections
from documentation.pictures import batches, call, house, terminal
from documentation.reference import functions, methods, public_names, types

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"

PAGES: dict[str, Callable[[], str]] = {
    **{f"reference/{name}.md": partial(public_names.text, name) for name in public_names.PAGES},
    **{f"reference/types/{name}.md": partial(types.text, name) for name in types.PAGES},
    **{f"reference/functions/{name}.md": partial(functions.text, name) for name in functions.TITLES},
    **{
        f"reference/control-plane/{name.replace('_', '-')}.md": partial(methods.control_plane_page, name)
        for name in methods.GROUPS
    },
    "reference/calls.md": methods.inference_page,
    "reference/types/objects.md": types.objects_page,
    "reference/types/given.md": types.given_page,
}
"""Pages that are made as a whole, below docs/."""

PICTURES: dict[str, Callable[[], str]] = {
    "pictures/house.svg": house.draw,
    "pictures/call.svg": call.draw,
    "pictures/batch-cost.svg": batches.draw_cost,
    "pictures/batch-order.svg": batches.draw_cached,
    "pictures/batch-throughput.svg": batches.draw_throughput,
    "pictures/terminal.svg": terminal.draw,
}
"""Pictures that are drawn the same each time."""

SECTIONS: dict[str, Callable[[], str]] = facts.SECTIONS
"""What marked sections hold, by their name."""


def made() -> Iterator[tuple[Path, str]]:
    """Each file and what it should hold."""
    for name, make in {**PAGES, **PICTURES}.items():
        yield DOCS / name, make()
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        if names := sections(text):
            yield page, filled(text, {name: SECTIONS[name]() for name in names})


def _anew() -> dict[Path, str]:
    """What the files should hold that do not."""
    return {file: text for file, text in made() if not file.exists() or file.read_text(encoding="utf-8") != text}


def stale() -> list[Path]:
    """The files that do not hold what they should."""
    return [*_anew()]


def write() -> list[Path]:
    """Make anew what is stale; which files that were."""
    changed = _anew()
    for file, text in changed.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return [*changed]
