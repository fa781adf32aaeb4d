"""
The installed generator's own templates, and the list of those that ours were written beside.

`python -m tools.upstream` lists the installed ones anew, once an upgrade has compared them: see CONTRIBUTING.md.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import openapi_python_client

LIST = "upstream.sha256"
THEIRS = Path(openapi_python_client.__file__).parent / "templates"


def differing(templates: Path) -> list[str]:
    """The names of those that are changed, new or gone since the list in the folder of ours was written."""
    known = (templates / LIST).read_text(encoding="utf-8").splitlines()
    return sorted({line.rpartition(" ")[2] for line in {*known} ^ {*listing()}})


def listing() -> list[str]:
    """A line with the hash and the name of each template, as `sha256sum` writes it."""
    files = sorted((file.relative_to(THEIRS).as_posix(), file) for file in THEIRS.rglob("*.jinja"))
    return [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {name}" for name, file in files]


if __name__ == "__main__":
    Path("generator_templates", LIST).write_text("\n".join([*listing(), ""]), encoding="utf-8")
