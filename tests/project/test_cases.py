"""A table of cases is one test, which tells of all that are wrong and lets none hide another."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.cases import Each, cases, per_case


def told(test: Callable[..., None], **fixtures: Any) -> ExceptionGroup[Any]:
    with pytest.raises(ExceptionGroup) as caught:
        test(**fixtures)
    return caught.value


def test_every_case_that_fails_is_named_and_says_why() -> None:
    @cases("number", [1, pytest.param(2, id="two"), 3])
    def is_one(number: int) -> None:
        assert number == 1, f"{number} is not"

    group = told(is_one)

    assert group.message == "2 of 3 cases fail: two; number=3"
    assert [str(error).splitlines()[0] for error in group.exceptions] == ["2 is not", "3 is not"]
    assert [error.__notes__ for error in group.exceptions] == [["in the case: two"], ["in the case: number=3"]]


def test_tables_above_each_other_are_all_combinations() -> None:
    seen = []

    @cases("one", "ab")
    @cases(("two", "three"), [(1, 2), (3, 4)], ids=["low", "high"])
    def of(one: str, two: int, three: int) -> None:
        seen.append((one, two, three))
        assert (one, two) != ("b", 3)

    assert told(of).message == "1 of 4 cases fail: one='b', high"
    assert seen == [("a", 1, 2), ("a", 3, 4), ("b", 1, 2), ("b", 3, 4)]


def test_what_is_expected_and_does_not_come_is_a_failure_and_so_are_skips_and_empty_tables() -> None:
    @cases("number", [1])
    def raises(number: int) -> None:
        with pytest.raises(ValueError, match="invalid"):
            int(number)

    @cases("number", [1])
    def skips(number: int) -> None:
        pytest.skip("not here")

    @cases("number", [])
    def none(number: int) -> None: ...

    assert "DID NOT RAISE" in str(told(raises).exceptions[0])
    assert "not here" in str(told(skips).exceptions[0])
    with pytest.raises(ValueError, match="non-empty"):
        none()


def test_only_what_the_table_does_not_give_is_asked_of_fixtures() -> None:
    @cases("number", [1])
    def of(tmp_path: object, number: int) -> None: ...

    assert [*inspect.signature(of).parameters] == ["tmp_path"]


def test_each_case_has_its_own_of_what_has_a_context(monkeypatch: pytest.MonkeyPatch) -> None:
    @cases("name", ["A_CASE", "ANOTHER"])
    def of(monkeypatch: pytest.MonkeyPatch, made: list[str], name: str) -> None:
        monkeypatch.setenv(name, "1")
        made.append(name)
        assert (made, os.environ.get("A_CASE")) == ([name], "1" if name == "A_CASE" else None)

    of(monkeypatch=monkeypatch, made=Each(list))


@cases("number", [1, 2])
def test_a_fixture_may_make_anew_for_each_case(made: list[int], number: int) -> None:
    made.append(number)
    assert made == [number]


def test_and_makes_once_for_a_plain_test(made: list[int]) -> None:
    assert made == []


@pytest.fixture
def made(request: pytest.FixtureRequest) -> Any:
    return per_case(request, list)
