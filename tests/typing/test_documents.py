"""The Python in the documents has the types that it promises: each block passes `mypy --strict` as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.documentation.blocks import ROOT, of

FOREIGN = (
    "agents", "ask", "daft", "dask", "distributed", "dspy", "instructor", "litellm", "llama_index", "ray", "smolagents",
)  # fmt: skip
"""What some blocks import and this environment does not have."""

LARGE = ("aiohttp", "langsmith", "logfire_api", "numpy", "openai", "trio")
"""What libraries of others import, and takes mypy longer than all else: no block is about their types."""

PLANTED = "from tensormesh import Tensormesh\n\nTensormesh().inference.serverless.version.get(7)\n"


def test_every_block_passes_mypy(tmp_path: Path) -> None:
    """All in one run, with a planted fault, so that it is seen to look."""
    blocks = {re.sub(r"\W", "_", str(block)): block for block in of("python")}
    for name, block in blocks.items():
        # Line numbers are then those of the document.
        (tmp_path / f"{name}.py").write_text("\n" * (block.line - 1) + block.code, encoding="utf-8")
    (tmp_path / "planted.py").write_text(PLANTED, encoding="utf-8")
    foreign = "".join(f"[mypy-{name}.*]\nignore_missing_imports = true\n" for name in FOREIGN)
    large = "".join(f"[mypy-{name}.*]\nfollow_imports = skip\n" for name in LARGE)
    (tmp_path / "mypy.ini").write_text(
        f"[mypy]\nstrict = true\ndisallow_untyped_decorators = false\npython_version = 3.12\n{foreign}{large}",
        encoding="utf-8",
    )

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--no-error-summary", "--hide-error-context", "."],
        cwd=tmp_path,
        env={"MYPYPATH": str(ROOT), "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache" / "documents")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(blocks) > 10
    assert done.stderr == ""
    assert [line for line in done.stdout.splitlines() if not line.startswith("planted.py:3: ")] == []
    assert "planted.py:3: error: Too many positional arguments" in done.stdout
