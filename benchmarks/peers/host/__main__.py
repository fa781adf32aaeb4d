"""
`python -m benchmarks.peers.host`: runs it. Prints its port, and with a certificate the port that speaks TLS beside it.
It ends when its input is closed, needs nothing but the standard library, and Linux.
"""

from __future__ import annotations

import argparse
import os
import resource
from pathlib import Path

from benchmarks.peers.host.server import Server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.host", description=__doc__)
    parser.add_argument("--processor", type=int, metavar="N", help="run on this one alone")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="speak TLS as well; it holds the key, too")
    options = parser.parse_args()
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    if options.processor is not None:
        os.sched_setaffinity(0, {options.processor})
    server = Server(options.certificate)
    print(*(listener.getsockname()[1] for listener in server.listeners.values()), flush=True)
    server.run()


if __name__ == "__main__":
    main()
