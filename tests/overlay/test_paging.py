"""Lists that come in pages, walked through as one."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tensormesh import types
from tensormesh.errors import InternalServerError, TensormeshError
from tests.cases import cases
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import ScriptedHost, answer


def tickets(client: Any, **arguments: Any) -> Any:
    return client.control_plane.support.tickets.auto_paging_iter(**arguments)


def transactions(client: Any, **arguments: Any) -> Any:
    return client.control_plane.billing.transactions.auto_paging_iter(**arguments)


def page(names: str, **around: Any) -> Any:
    """A page of tickets, one for each letter."""
    return answer(200, {"tickets": [{"id": name} for name in names], **around})


def leaf(names: str, token: Any = None) -> Any:
    """A page of transactions, one for each letter, and the token of the next."""
    return answer(200, {"transactions": [{"id": name} for name in names], "nextPageToken": token})


def names(runner: Runner, items: Any) -> str:
    return "".join(item.to_dict()["id"] for item in runner.read(items))


def asked(host: ScriptedHost) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(one.path).query) for one in host.asked]


def test_pages_with_a_total_end_with_it(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(*(page(text, page=number, size=2, total=5) for number, text in enumerate(("ab", "cd", "e"), 1)))

    assert names(runner, tickets(client, size=2)) == "abcde"
    assert [query["page"] for query in asked(host)[1:]] == [["2"], ["3"]]
    assert all(query["size"] == ["2"] for query in asked(host))


def test_pages_without_a_total_end_with_a_short_one(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(page("ab", size=2), page("cd", size=2), page("e", size=2))

    assert names(runner, tickets(client)) == "abcde"


def test_pages_without_a_total_end_with_an_empty_one(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(page("ab"), page("cd"), page(""))

    assert names(runner, tickets(client, size=2)) == "abcd"


def test_pages_with_tokens_end_without_one(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(leaf("ab", "t/1="), leaf("cd", "t2"), leaf("e", ""))

    assert names(runner, transactions(client, page_size=2)) == "abcde"
    assert [query.get("pageToken") for query in asked(host)] == [None, ["t/1="], ["t2"]]
    assert all(query["pageSize"] == ["2"] for query in asked(host))


@pytest.mark.parametrize(("walk", "first"), [(tickets, page("")), (transactions, leaf(""))])
def test_a_list_may_be_empty(runner: Runner, client: Any, host: ScriptedHost, walk: Any, first: Any) -> None:
    host.plays(first)

    assert names(runner, walk(client)) == ""


def test_a_walk_may_begin_anywhere(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(page("cd", page=2, size=2, total=5), page("e", page=3, size=2, total=5), leaf("b"))

    assert names(runner, tickets(client, page=2, size=2)) == "cde"
    assert names(runner, transactions(client, page_token="t1")) == "b"
    assert [query["page"] for query in asked(host)[:2]] == [["2"], ["3"]]
    assert asked(host)[2]["pageToken"] == ["t1"]


def test_a_page_is_asked_for_when_it_is_needed(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(leaf("ab", "t1"))
    items = transactions(client)
    assert host.asked == []

    first = runner.next(items)

    assert type(first) is types.BillingTransaction
    assert (first.to_dict()["id"], len(host.asked)) == ("a", 1)


def test_options_go_with_every_page(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(leaf("a", "t1"), leaf("b"))

    assert names(runner, transactions(client, extra_headers={"X-Trace": "t"}, extra_query={"x": 1})) == "ab"

    assert [one.headers["x-trace"] for one in host.asked] == ["t", "t"]
    assert [query["x"] for query in asked(host)] == [["1"], ["1"]]


def test_a_page_that_fails_ends_the_walk_after_what_came(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(leaf("ab", "t1"), answer(500, b"{}"))

    got, error = runner.read_until_fault(transactions(client))

    assert [one.to_dict()["id"] for one in got] == ["a", "b"]
    assert type(error) is InternalServerError


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([leaf("ab", "t1"), leaf("cd", "t1")], id="the token of the page itself"),
        pytest.param([leaf("ab", "t1"), leaf("ab", "t2")], id="the same page under another token"),
        pytest.param([leaf("a", "t1"), leaf("b", "t2"), leaf("c", "t1")], id="a token from before"),
    ],
)
def test_a_host_that_goes_in_circles_with_tokens_is_left(
    runner: Runner, client: Any, host: ScriptedHost, pages: Any
) -> None:
    host.plays(*pages)

    assert names(runner, transactions(client)) in ("ab", "abc", "abcd")


@pytest.mark.parametrize("around", [{"page": 1, "size": 2, "total": 99}, {"size": 2}])
def test_a_host_that_gives_one_page_for_ever_is_left(
    runner: Runner, client: Any, host: ScriptedHost, around: dict[str, int]
) -> None:
    host.plays(page("ab", **around), page("ab", **around))

    assert names(runner, tickets(client)) == "ab"


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(answer(200, {}), id="nothing"),
        pytest.param(answer(200, {"tickets": None}), id="null"),
        pytest.param(answer(200, {"tickets": [], "size": 0, "total": 7}), id="no size"),
    ],
)
def test_a_host_that_tells_little_is_left_at_once(runner: Runner, client: Any, host: ScriptedHost, first: Any) -> None:
    host.plays(first)

    assert names(runner, tickets(client)) == ""


@cases(
    "around",
    [
        {"size": "two"},
        {"size": [2]},
        {"size": 2, "total": "many"},
        {"size": 2, "total": {}},
        {"page": "first", "size": 2},
        {"page": 1e999, "size": 2},
    ],
)
def test_numbers_that_are_none_are_our_error_after_what_came(
    runner: Runner, client: Any, host: ScriptedHost, around: dict[str, Any]
) -> None:
    host.plays(page("ab", **around))

    got, error = runner.read_until_fault(tickets(client))

    assert [one.to_dict()["id"] for one in got] == ["a", "b"]
    assert isinstance(error, TensormeshError), repr(error)


@pytest.mark.parametrize("token", [True, ["t1"], {"a": 1}])
def test_a_token_that_is_no_text_is_our_error_after_what_came(
    runner: Runner, client: Any, host: ScriptedHost, token: Any
) -> None:
    host.plays(leaf("ab", token))

    got, error = runner.read_until_fault(transactions(client))

    assert [one.to_dict()["id"] for one in got] == ["a", "b"]
    assert isinstance(error, TensormeshError), repr(error)


@pytest.mark.parametrize("items", ["text", {"a": 1}, 7])
def test_items_that_are_no_list_are_our_error(runner: Runner, client: Any, host: ScriptedHost, items: Any) -> None:
    host.plays(answer(200, {"tickets": items}))

    _, error = runner.read_until_fault(tickets(client))

    assert isinstance(error, TensormeshError), repr(error)
