"""What grows with the square is told from what does not, by a clock that counts steps."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.growth import __main__ as command
from benchmarks.growth.measurement import Case, growth
from tests.cases import cases

STEP = 1e-6


class Clock:
    """Its time is the steps that were made."""

    def __init__(self) -> None:
        self.steps = 0.0

    def __call__(self) -> float:
        return self.steps * STEP

    def case(self, steps: Callable[[int], float], **limits: int) -> Case:
        """Work that makes so many steps."""

        def work(size: int) -> None:
            self.steps += steps(size)

        return Case("a case", lambda size: lambda: work(size), **limits)


@cases(
    ("steps", "square"),
    [
        pytest.param(lambda n: 9 * n, False, id="linear"),
        pytest.param(lambda n: 9 * n * n.bit_length(), False, id="nearly linear"),
        pytest.param(lambda n: n**2, True, id="square"),
        pytest.param(lambda n: n**2 / 100 + 50 * n, True, id="a square behind what is linear"),
        pytest.param(lambda n: n**3, True, id="cube"),
        pytest.param(lambda n: n**2 / 1e7, False, id="a square that nobody waits for"),
        pytest.param(lambda n: 50_000, False, id="always the same"),
        pytest.param(lambda n: 0, False, id="nothing"),
    ],
)
def test_a_square_is_found(steps: Callable[[int], float], square: bool) -> None:
    clock = Clock()

    assert growth(clock.case(steps), clock).is_square is square


def test_no_input_is_larger_than_a_case_allows() -> None:
    clock, sizes = Clock(), list[int]()

    def steps(size: int) -> float:
        sizes.append(size)
        return size

    growth(clock.case(steps, largest=1000), clock)

    assert max(sizes) <= 1000
    assert all(two <= 2 * one for one, two in pairwise(sizes))


@pytest.mark.parametrize(("steps", "status", "told"), [(lambda n: n**2, 1, "1 of 1"), (lambda n: n, 0, "0 of 1")])
def test_the_exit_status_says_whether_anything_grows_too_fast(
    steps: Callable[[int], float],
    status: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock()
    monkeypatch.setattr(command, "GROUPS", [SimpleNamespace(CASES=[clock.case(steps)])])
    monkeypatch.setattr(command, "growth", lambda case: growth(case, clock))

    assert command.main(["case"]) == status

    out = capsys.readouterr().out
    assert f"{told} grow with the square" in out
    assert ("a case  grows with the square" in out) is bool(status)


def test_cases_that_there_are_not_are_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["no such case"]) == 2

    assert "no case holds no such case" in capsys.readouterr().err


@cases("group", command.GROUPS, ids=lambda group: group.__name__.rpartition(".")[2])
def test_the_work_of_every_case_can_be_done(group: Any) -> None:
    """On inputs that are small for each: some make much of little."""
    for case in group.CASES:
        case.prepare(max(1, min(4, case.smallest // 2)))()


def test_no_two_cases_have_one_name() -> None:
    names = [case.name for group in command.GROUPS for case in group.CASES]

    assert len(names) == len(set(names))
