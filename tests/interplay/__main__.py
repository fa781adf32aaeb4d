"""
`python -m tests.interplay [--short] [pytest's arguments]`: install the libraries that this client meets, and run these
tests there; `--short` leaves out LiteLLM and frameworks, which are large.

Where a library cannot be had it says so, in a sentence, and that is no failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.interplay.environments import ENVIRONMENTS, PLACE, Environment, NotToBeHadError, newest_of, prepare, said
from tests.interplay.installed import LIBRARIES
from tools.clean_room import ROOT, CleanRoomError, plain_environment

FOLDER = Path(__file__).resolve().parent
OUTBOUND = PLACE / "outbound"
NO_TESTS = 5
# LiteLLM reads these; without them it asks other machines for prices, headers and news.
STAY_HERE = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
}
# Warnings are errors here, but for those of others: LiteLLM warns when it is imported, LangChain leaves sockets open.
WARNINGS = {name: ["-W", "ignore"] for name in ("litellm", "litellm-proxy", "langchain", "frameworks", "llama-index")}


def main(arguments: list[str]) -> int:
    failed, newest = False, dict[str, str]()
    short = "--short" in arguments
    arguments = [argument for argument in arguments if argument != "--short"]
    for environment in ENVIRONMENTS:
        if short and not environment.short:
            continue
        try:
            versions = prepare(environment)
        except NotToBeHadError as error:
            print(f"interplay: skipped {environment.name}: {error}", flush=True)
            continue
        except CleanRoomError as error:
            print(f"interplay: {error}", file=sys.stderr)
            failed = True
            continue
        newest |= newest_of(environment)
        print("interplay:", said(environment, versions, newest), flush=True)
        failed |= _fails(environment, arguments)
    return int(failed)


def _fails(environment: Environment, arguments: list[str]) -> bool:
    """Run the tests in one environment."""
    OUTBOUND.write_text("", encoding="utf-8")
    variables = {
        **plain_environment(),
        **STAY_HERE,
        "INTERPLAY_OUTBOUND": str(OUTBOUND),
        LIBRARIES: " ".join(environment.libraries),
        "PATH": os.pathsep.join([str(environment.python.parent), os.environ["PATH"]]),
        "PYTHONPATH": str(FOLDER / "guard"),
    }
    options = ["-q", "-p", "no:cacheprovider", *WARNINGS.get(environment.name, [])]
    command = [str(environment.python), "-m", "pytest", *options, *(arguments or [environment.tests])]
    status = subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode
    asked = sorted(set(OUTBOUND.read_text(encoding="utf-8").splitlines()))
    if asked:
        print("interplay: asked for other machines:", *asked, sep="\n  ", file=sys.stderr)
    return bool(asked) or status not in (0, NO_TESTS)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
