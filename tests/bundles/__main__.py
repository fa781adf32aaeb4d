"""
`python -m tests.bundles [pytest's arguments]`: install what others read OpenAPI with, and have it read the bundles.

Where a tool cannot be had it says so, in a sentence, and that is no failure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.bundles.conftest import ROOT, TOOLS_VARIABLE
from tests.bundles.npm import TOOLS, NotToBeHadError, install


def main(arguments: list[str]) -> int:
    there = {}
    for tool in TOOLS:
        try:
            install(tool)
        except NotToBeHadError as error:
            print(f"documents: skipped {tool.name}: {error}", flush=True)
            continue
        there[tool.name] = str(tool.folder)
        print(f"documents: {tool.wanted}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", *(arguments or [str(Path(__file__).parent)])]
    variables = {**os.environ, TOOLS_VARIABLE: json.dumps(there)}
    return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
