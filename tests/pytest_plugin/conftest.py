"""Tests of somebody's, run with the plugin as they run them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]

PLUGINS = ("-p", "tensormesh_pytest", "-p", "no:cacheprovider")


@dataclass(frozen=True)
class Session:
    """
    What came of one run of pytest: many files can share it, and each test here looks at its own.

    Attributes:
        output: what pytest printed.
        complaints: what each test failed with, nothing where it passed, by file and test.
    """

    output: str
    complaints: Mapping[str, Mapping[str, str]]

    def passed(self, file: str) -> set[str]:
        return {test for test, complaint in self.complaints[file].items() if not complaint}


def run(folder: Path, files: Mapping[str, str], *arguments: str, expected: int = 0, **variables: str) -> Session:
    """Run these files with the plugin, in the folder and in one process."""
    for name, code in files.items():
        (folder / name).write_text(code, encoding="utf-8")
    report = folder / "report.xml"
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": os.pathsep.join(map(str, [ROOT, folder])),
        **variables,
    }
    command = [sys.executable, "-W", "error", "-m", "pytest", *PLUGINS, "--strict-markers", "-q"]
    done = subprocess.run(
        [*command, f"--junit-xml={report}", *arguments],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == expected, done.stdout + done.stderr
    return Session(done.stdout + done.stderr, _complaints(report) if report.exists() else {})


def _complaints(report: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it
        tests, test = found.setdefault(case.attrib["classname"], {}), case.attrib["name"]
        wrong = [*case.iter("failure"), *case.iter("error"), *case.iter("skipped")]
        tests[test] = tests.get(test, "") + "".join(one.text or one.attrib["message"] for one in wrong)
    return found
