"""
`python -m documentation`: makes what of docs/ is made from code.

With `--check` it only says what is stale, with `build` it also builds the site, strictly, and with `serve` it serves it
after that.
"""

from __future__ import annotations

import argparse
import sys

from documentation import files, site


def main() -> int:
    """Do what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m documentation", description=__doc__)
    parser.add_argument("then", nargs="?", choices=("build", "serve"), help="what to do with the pages")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where something is stale")
    given = parser.parse_args()
    names = [file.relative_to(files.ROOT).as_posix() for file in (files.stale() if given.check else files.write())]
    for name in names:
        print(f"{name} {'is stale: run `python -m documentation`' if given.check else 'is made anew'}")
    if given.check and names:
        return 1
    if given.then is None:
        return 0
    well, report = site.build()
    print(report)
    if not well:
        print("The site has faults: see above.", file=sys.stderr)
        return 1
    print(f"The site is in {site.PLACE.relative_to(files.ROOT)}/site/.")
    return site.serve() if given.then == "serve" else 0


if __name__ == "__main__":
    sys.exit(main())
