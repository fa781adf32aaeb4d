"""A table of small cases as one test that tells of all that fail, each by its name."""

from __future__ import annotations

import functools
import inspect
import itertools
import reprlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest


def cases(
    names: str | tuple[str, ...], values: Iterable[Any], ids: Iterable[object] | Callable[[Any], object] = ()
) -> Callable[[Any], Any]:
    """
    Like `pytest.mark.parametrize`, but one test, which tries every case whatever became of those before.

    Two of these, one above the other, try all combinations. What a fixture gives is the same in all cases, unless it
    has a method `context`, as `monkeypatch` has: then each case is given what that comes to, and is done with it before
    the next one begins.
    """
    own = tuple(name.strip() for name in names.split(",")) if isinstance(names, str) else names
    values = [*values]
    names_of = map(ids, values) if callable(ids) else itertools.chain(ids, itertools.repeat(""))
    table = [_case(own, value, name) for value, name in zip(values, names_of, strict=False)]

    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        body, inner = getattr(test, "cases", (test, [("", {})]))
        every = [
            (", ".join(filter(None, (name, more))), {**one, **other}) for name, one in table for more, other in inner
        ]

        @functools.wraps(test)
        def tried(**fixtures: Any) -> None:
            wrong = []
            for name, given in every:
                try:
                    with ExitStack() as stack:
                        body(**{key: _fresh(stack, value) for key, value in fixtures.items()}, **given)
                except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:
                    wrong.append((name, error if isinstance(error, Exception) else AssertionError(str(error))))
                    wrong[-1][1].add_note(f"in the case: {name}")
            if wrong or not every:
                told = "; ".join(name for name, _ in wrong)
                raise ExceptionGroup(f"{len(wrong)} of {len(every)} cases fail: {told}", [error for _, error in wrong])

        parameters = inspect.signature(test).parameters.values()
        signature = inspect.Signature([one for one in parameters if one.name not in own])
        tried.__signature__, tried.cases = signature, (body, every)  # type: ignore[attr-defined]
        return tried

    return decorated


def per_case[Made](request: pytest.FixtureRequest, make: Callable[[], Made]) -> Made | Each[Made]:
    """For fixtures: what is made once for a test, and for a table of cases anew for each."""
    return Each(make) if has_cases(request) else make()


def has_cases(request: pytest.FixtureRequest) -> bool:
    """Whether the test goes through a table."""
    return hasattr(request.function, "cases")


class Each[Made]:
    """What is made anew for each case."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make

    @contextmanager
    def context(self) -> Iterator[Made]:
        yield self._make()


def _case(names: tuple[str, ...], value: Any, name: object) -> tuple[str, dict[str, Any]]:
    if hasattr(value, "marks"):  # what `pytest.param` gives
        assert not value.marks, "a case of a table has no marks"
        name, value = value.id or name, value.values if len(names) > 1 else value.values[0]
    given = dict(zip(names, value, strict=True)) if len(names) > 1 else {names[0]: value}
    return str(name) or ", ".join(f"{key}={reprlib.repr(one)}" for key, one in given.items()), given


def _fresh(stack: ExitStack, value: Any) -> Any:
    return stack.enter_context(value.context()) if hasattr(value, "context") else value
