"""Answers that are lists: they iterate over their items, page after page, and still read as JSON objects."""

from __future__ import annotations

import copy
import pickle
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tensormesh.errors import InternalServerError, TensormeshError
from tensormesh_generated import api
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import ScriptedHost, answer

MODELS = {"object": "list", "data": [{"id": "a", "object": "model"}, {"id": "b", "object": "model"}]}


def page(names: str, **around: Any) -> Any:
    """A page of tickets, one for each letter."""
    return answer(200, {"tickets": [{"ticketId": name} for name in names], **around})


def leaf(names: str, token: Any = None) -> Any:
    """A page of transactions, one for each letter, and the token of the next."""
    return answer(200, {"transactions": [{"transactionId": name} for name in names], "nextPageToken": token})


def transactions(runner: Runner, client: Any, **arguments: Any) -> Any:
    return runner.run(client.control_plane.billing.transactions.list(**arguments))


def letters(items: Any) -> str:
    return "".join(item.transaction_id for item in items)


def test_a_list_iterates_over_its_items(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, MODELS))

    listed = runner.run(client.inference.serverless.models.list())

    assert [model.id for model in listed] == [model.id for model in runner.read(listed)] == ["a", "b"]
    assert (len(listed), listed[0].id, listed[-1].id) == (2, "a", "b")
    assert [model.id for model in listed[:1]] == ["a"]
    assert [model.id for model in reversed(listed)] == ["b", "a"]
    assert listed[1] in listed
    with pytest.raises(IndexError):
        listed[2]


def test_a_list_still_reads_as_the_object_that_it_is(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """`dict` goes by keys, as it does for every model."""
    host.plays(answer(200, MODELS))

    listed = runner.run(client.inference.serverless.models.list())

    assert dict(listed) == {**listed} == {"object": "list", "data": listed.data}
    assert listed["data"] is listed.data
    assert ("data" in listed, "id" in listed) == (True, False)
    assert listed.to_dict() == MODELS


def test_an_empty_list_is_empty(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, {"data": []}), answer(200, {"tickets": None}))

    assert not runner.run(client.inference.serverless.models.list())
    assert list(runner.run(client.control_plane.support.tickets.list())) == []


def test_a_list_with_pages_goes_on_to_the_next(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(leaf("ab", "t1"), leaf("cd", "t2"), leaf("e"))

    listed = transactions(runner, client, page_size=2, extra_headers={"X-Trace": "t"})

    assert len(host.asked) == 1
    assert (len(listed), letters(listed[:])) == (2, "ab")
    assert letters(runner.read(listed)) == "abcde"
    queries = [parse_qs(urlsplit(one.path).query) for one in host.asked]
    assert [query.get("pageToken") for query in queries] == [None, ["t1"], ["t2"]]
    assert all(one.headers["x-trace"] == "t" for one in host.asked)


def test_a_list_with_numbered_pages_goes_on_to_the_next(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(page("ab", page=1, size=2, total=3), page("c", page=2, size=2, total=3))

    listed = runner.run(client.control_plane.support.tickets.list(size=2))

    assert "".join(ticket.ticket_id for ticket in runner.read(listed)) == "abc"


def test_going_through_a_list_twice_asks_twice(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(leaf("a", "t1"), leaf("b"), leaf("b"))

    listed = transactions(runner, client)

    assert letters(runner.read(listed)) == letters(runner.read(listed)) == "ab"


def test_the_plain_functions_give_the_same_lists(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(leaf("a", "t1"), leaf("b"))
    call = api.billing.list_transactions.asyncio if runner.is_async else api.billing.list_transactions.sync

    listed = runner.run(call(client=client.control_plane))

    assert letters(runner.read(listed)) == "ab"


def test_a_raw_answer_holds_the_same_list(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(leaf("a", "t1"), leaf("b"))

    response = runner.run(client.control_plane.billing.transactions.with_raw_response.list())

    assert letters(runner.read(response.parsed)) == "ab"


def test_a_page_that_fails_ends_the_list_after_what_came(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(leaf("ab", "t1"), answer(500, b"{}"))
    listed = transactions(runner, client)

    walk = listed.__aiter__() if runner.is_async else iter(listed)
    got, error = runner.read_until_fault(walk)

    assert letters(got) == "ab"
    assert type(error) is InternalServerError


def test_an_awaited_list_does_not_end_in_silence_where_nothing_can_be_awaited(
    asynchronous: Runner, host: ScriptedHost
) -> None:
    """A plain `for` has all of this page, and then an error, if there are others."""
    client = asynchronous.client(control_plane_token="t", control_plane_base_url=host.url)
    host.plays(leaf("ab", "t1"), leaf("c"))
    listed = transactions(asynchronous, client)

    got, error = Runner("sync").read_until_fault(iter(listed))

    assert letters(got) == "ab"
    assert isinstance(error, TensormeshError)
    assert "only `async for` can ask for them; .transactions are the items of this one" in str(error)
    assert letters(transactions(asynchronous, client)) == "c"


def test_what_was_not_awaited_is_not_gone_through_by_async_for(synchronous: Runner, host: ScriptedHost) -> None:
    """Nor does it look as if it could be, to tools that ask."""
    client = synchronous.client(control_plane_token="t", control_plane_base_url=host.url)
    host.plays(leaf("a"))
    listed = transactions(synchronous, client)

    async def go() -> None:
        async for _ in listed:
            pass

    assert not hasattr(listed, "__aiter__")
    with pytest.raises((AttributeError, TypeError), match="__aiter__"):
        go().send(None)


@pytest.mark.parametrize("data", ["text", {"a": 1}, 7])
def test_a_list_that_is_none_is_our_error(runner: Runner, client: Any, host: ScriptedHost, data: Any) -> None:
    host.plays(answer(200, {"data": data}), answer(200, {"tickets": data}))
    listed = runner.run(client.inference.serverless.models.list())
    tickets = runner.run(client.control_plane.support.tickets.list())

    for odd in (listed, tickets):
        for act in (list, len, bool, lambda one: one[0]):
            with pytest.raises(TensormeshError):
                act(odd)  # type: ignore[operator]
        assert repr(odd)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_of_a_page_holds_its_items_and_no_client(
    runner: Runner, client: Any, host: ScriptedHost, copied: Any
) -> None:
    host.plays(answer(200, {"transactions": [{"transactionId": "a"}], "nextPageToken": "t"}, x_request_id="r-1"))
    listed = transactions(runner, client)

    again = copied(listed)

    assert again == listed
    assert (letters(again), again.request_id) == ("a", "r-1")


def test_an_answer_knows_what_the_host_called_the_call(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """Whole, unwrapped, as a page, or added up of a stream; where the host says nothing it is None."""
    completion = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}}]}
    host.plays(
        answer(200, MODELS, x_request_id="r-1"),
        answer(200, {"user": {"id": "u"}}, x_request_id="r-2"),
        answer(200, completion, x_request_id="r-3"),
        answer(200, MODELS),
    )
    serverless = client.inference.serverless
    create = serverless.chat.completions.create

    assert runner.run(serverless.models.list()).request_id == "r-1"
    assert runner.run(client.control_plane.users.get_auth_profile()).request_id == "r-2"
    said = runner.run(create(model="m", messages=[{"role": "user", "content": "?"}]))
    assert (said.request_id, said.to_dict()) == ("r-3", completion)
    assert runner.run(serverless.models.list()).request_id is None


def test_what_a_stream_adds_up_to_knows_it_too(runner: Runner, client: Any, host: ScriptedHost) -> None:
    from tests.overlay.scripted_host import events, streamed

    piece = {"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]}
    host.plays(streamed(events(piece), x_request_id="r-4"))
    create = client.inference.serverless.chat.completions.create

    stream = runner.run(create(model="m", messages=[{"role": "user", "content": "?"}], stream=True))

    assert runner.run(stream.get_final_completion()).request_id == "r-4"
