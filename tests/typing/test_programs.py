"""Right programs pass both checkers, and of wrong ones each line is told of that they can tell of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WRONG = Path(__file__).resolve().parent / "programs" / "wrong.py"
EXPECTED = re.compile(r"#.*\((?:mypy: (?P<mypy>[\w-]+), pyright: (?P<pyright>\w+)|nobody tells)\)$")


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_checker_tells_of_every_mistake_that_it_can_tell_of(checker: str, request: pytest.FixtureRequest) -> None:
    """With the code that stands beside it, and of nothing else."""
    lines = WRONG.read_text(encoding="utf-8").splitlines()
    wanted = {
        (number, found[checker])
        for number, line in enumerate(lines, start=1)
        if (found := EXPECTED.search(line)) and found[checker]
    }

    said = request.getfixturevalue(checker)

    told = {(line, code) for file, line, code in said if file == "wrong.py"}
    assert {number for number, _ in told} == {number for number, _ in wanted}
    assert wanted - told == set()
    assert [one for one in said if one.file == "right.py"] == []
    assert len(wanted) > 25


def test_every_mistake_says_who_tells_of_it() -> None:
    lines = WRONG.read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if "  # " in line and not EXPECTED.search(line)] == []
