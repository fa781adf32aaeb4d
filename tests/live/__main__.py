"""
`python -m tests.live [pytest's arguments]`: install a real engine where there is none, and run these tests against it.

Where no engine can be had it says why, in a sentence, and that is no failure. `--serve` starts the engine and nothing
else, until Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.live.engine.installation import CannotInstallError, InstallError, install, is_installed
from tests.live.engine.process import LOG, SWITCH, Engine, StartError


def main(arguments: list[str]) -> int:
    # A request to end is to end the engine, too.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    try:
        if not is_installed():
            print("live: installing vLLM below .local/live, 3.4 GB, which takes some minutes", flush=True)
        install()
        return _serve() if arguments == ["--serve"] else _test(arguments)
    except CannotInstallError as error:
        print(f"live: skipped, there is no real engine for this machine: {error}")
        return 0
    except (InstallError, StartError) as error:
        print(f"live: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _test(arguments: list[str]) -> int:
    os.environ[SWITCH] = "1"
    return int(pytest.main(arguments or [str(Path(__file__).parent)]))


def _serve() -> int:
    with Engine() as engine:
        engine.run()
        print(f"live: {engine.url} serves {engine.model!r} to the key {engine.key!r}; its log is {LOG}", flush=True)
        signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
