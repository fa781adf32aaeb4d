"""`docs/evidence/performance.md` and its picture, made of a run and the words in `performance.md` beside this file."""

from __future__ import annotations

from pathlib import Path
from string import Template

from benchmarks.peers import plot, report
from benchmarks.peers.results import Results
from benchmarks.peers.roster import PEERS

TEMPLATE = Path(__file__).with_name("performance.md")


def write(results: Results, folder: Path) -> list[Path]:
    """Write both, and tell where."""
    folder.mkdir(exist_ok=True)
    page, image = folder / "performance.md", folder / "performance.svg"
    page.write_text(text(results), encoding="utf-8")
    image.write_text(plot.picture(results), encoding="utf-8")
    return [page, image]


def text(results: Results) -> str:
    """The page."""
    words = Template(TEMPLATE.read_text(encoding="utf-8"))
    return words.substitute(
        verdicts=report.verdicts(results),
        costs=report.costs(results),
        memory=report.memory(results),
        remarks="\n".join(f"- {line}." for line in report.remarks(results)),
        clients=_clients(results),
        host=report.host(results),
        machine=report.table(["machine", ""], [[name, value] for name, value in results.machine.items()]),
        seconds=f"{results.budget:g}",
        minutes=f"{results.seconds / 60:.0f}",
    )


def _clients(results: Results) -> str:
    rows = []
    for peer in PEERS:
        installed = results.versions.get(peer.name, {})
        packages = ", ".join(f"{name} {version}" for name, version in installed.items()) or "nothing"
        if peer.name in results.absent:
            packages = "absent"
        rows.append([peer.name, peer.what, packages])
    return "\n".join(
        ["| client | what it is | what is installed |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    )
