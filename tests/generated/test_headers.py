"""Headers are found by name in any case, and are a plain dictionary otherwise."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable

import pytest

from tensormesh_runtime.headers import Headers

PLAIN = {"content-type": "application/json", "x-request-id": "r-1"}


@pytest.mark.parametrize("name", ["x-request-id", "X-Request-Id", "X-REQUEST-ID"])
def test_a_name_is_found_in_any_case(name: str) -> None:
    headers = Headers(PLAIN)

    assert headers[name] == headers.get(name) == headers.get(name, "-") == "r-1"
    assert name in headers


def test_a_name_that_is_not_there_is_missed_as_it_was_asked_for() -> None:
    headers = Headers(PLAIN)

    with pytest.raises(KeyError, match=r"^'Retry-After'$"):
        headers["Retry-After"]
    assert "Retry-After" not in headers
    assert (headers.get("Retry-After"), headers.get("Retry-After", "1")) == (None, "1")
    assert 7 not in headers


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_finds_them_too(duplicate: Callable[[Headers], Headers]) -> None:
    assert duplicate(Headers(PLAIN))["X-Request-Id"] == "r-1"


def test_all_of_them_are_there_by_lower_case_name() -> None:
    headers = Headers(PLAIN)

    assert headers == PLAIN
    assert list(headers) == list(PLAIN)
    assert json.loads(json.dumps(headers)) == dict(headers) == {**headers} == PLAIN
