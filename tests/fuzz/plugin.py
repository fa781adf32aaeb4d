"""
A pytest plugin (`-p tests.fuzz.plugin`): property tests alone, with more cases, and a count of those that were run.

Hypothesis tries 100 cases where a test says nothing else. A test that says so, says how dear or how rich its cases are;
that share is kept.
"""

from __future__ import annotations

import json
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

USUAL_CASES = 100
UNCHECKED = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
"""What a busy machine, or so many cases, may have now and then."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fuzz")
    group.addoption("--fuzz-cases", type=int, default=USUAL_CASES, help="cases of a property that says nothing else")
    group.addoption("--fuzz-report", type=Path, help="write what was run to this file")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Fuzzing(config), "fuzzing")


class Fuzzing:
    """What is run, and how often it was."""

    def __init__(self, config: pytest.Config) -> None:
        self._cases = config.getoption("--fuzz-cases") or USUAL_CASES
        self._report: Path | None = config.getoption("--fuzz-report")
        self._properties: set[Any] = set()
        self._ran = 0
        self._failed: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Function]) -> None:
        chosen = [item for item in items if is_hypothesis_test(getattr(item, "obj", None))]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen
        for test in {getattr(item.obj, "__func__", item.obj) for item in chosen}:
            self._properties.add(test)
            self._prepare(test)

    def _prepare(self, test: Any) -> None:
        machine = getattr(test, "_hypothesis_state_machine_class", None)
        if machine is not None:
            machine.TestCase.settings = self._multiplied(machine.TestCase.settings)
            machine.teardown = self._counted(machine.teardown)
            return
        # Where hypothesis and its own plugin keep them.
        test._hypothesis_internal_use_settings = self._multiplied(test._hypothesis_internal_use_settings)
        test.hypothesis.inner_test = self._counted(test.hypothesis.inner_test)

    def _multiplied(self, usual: settings) -> settings:
        return settings(
            usual,
            max_examples=max(usual.max_examples * self._cases // USUAL_CASES, 1),
            suppress_health_check=[*usual.suppress_health_check, *UNCHECKED],
        )

    def _counted(self, inner: Any) -> Any:
        @wraps(inner)
        def counted(*arguments: Any, **named: Any) -> Any:
            self._ran += 1
            return inner(*arguments, **named)

        return counted

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        if self._report is not None:
            found = {"properties": len(self._properties), "cases": self._ran, "failed": self._failed}
            self._report.write_text(json.dumps(found), encoding="utf-8")
