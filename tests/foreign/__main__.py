"""
`python -m tests.foreign [NAME ...] [--options of the contract]`: the documents and hosts that nobody here wrote.

Each host is installed below `.local/foreign` where it is not there yet, started, asked gently and then with every
example and trial; the reports are written there. That they differ is no failure: what each showed stands in
docs/evidence/foreign-hosts.md.
A host that cannot be had is skipped, with the reason.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from tests.foreign.environments import PLACE, NotToBeHadError
from tests.foreign.hosts import HOSTS, KEY, started
from tools.clean_room import ROOT

RUNS = (("gentle", ["--gentle", "--rate", "5"]), ("whole", ["--phases", "examples"]))
_DIFFERS = (0, 1)
"""Exit statuses of a run that has seen its host."""


def main(arguments: Sequence[str]) -> int:
    names = [one for one in arguments if not one.startswith("-")]
    options = [one for one in arguments if one.startswith("-")]
    unknown = set(names) - {host.name for host in HOSTS}
    if unknown:
        print(f"foreign: there is no {', '.join(sorted(unknown))}; there are {', '.join(h.name for h in HOSTS)}")
        return 2
    PLACE.mkdir(parents=True, exist_ok=True)
    failed = False
    for host in HOSTS:
        if names and host.name not in names:
            continue
        try:
            host.install()
            with started(host) as url:
                for run, how in RUNS:
                    failed |= _check(f"{host.name}-{run}", url, [*how, *options])
        except NotToBeHadError as error:
            print(f"foreign: skipped {host.name}: {error}", flush=True)
    return int(failed)


def _check(name: str, url: str, options: Sequence[str]) -> bool:
    """Run the contract; tell where the report is, and whether the run itself went wrong."""
    page, data, text = (PLACE / f"{name}.{ending}" for ending in ("html", "json", "txt"))
    command = [sys.executable, "-m", "tensormesh_contract", "--host", url, "--surface", "serverless", "--quiet"]
    environment = {**os.environ, "KEY": KEY}
    with text.open("wb") as said:
        status = subprocess.run(
            [*command, "--html", str(page), "--json", str(data), *options],
            cwd=ROOT,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    lines = [line for line in text.read_text(encoding="utf-8").splitlines() if line and not line.startswith("Written")]
    print(f"foreign: {name}: {lines[-1] if lines else 'nothing was said'} ({text.relative_to(ROOT)})", flush=True)
    return status not in _DIFFERS


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
