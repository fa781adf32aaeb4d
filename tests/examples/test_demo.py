"""The demo is the first thing a newcomer runs."""

import re
import subprocess
import sys
from pathlib import Path

from tests.documentation.blocks import find_blocks

ROOT = Path(__file__).resolve().parents[2]


def test_the_demo_runs_to_its_end() -> None:
    """`python -m examples.demo` starts a host, calls every surface, and says that all of it worked."""
    done = subprocess.run(
        [sys.executable, "-m", "examples.demo"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stderr == ""
    assert done.returncode == 0
    assert "All of it worked." in done.stdout
    first = re.split(r"^(?=\S)", done.stdout, flags=re.MULTILINE)[2]
    call, answer = find_blocks("README.md", (ROOT / "README.md").read_text(encoding="utf-8"))[:2]
    assert "client.inference.serverless.chat.completions.create(" in first, "the README teaches this first"
    assert "client.inference.serverless.chat.completions.create(" in call.code
    assert answer.code in first.replace("    ", "")
    assert "the same after the round trip: True" in done.stdout
    assert "100 of 100 rows have an answer" in done.stdout
