"""Lists in pages from a host that says anything at all: every item once as it came, and an end."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tensormesh.errors import TensormeshError
from tensormesh_generated.api.activities import list_activities
from tensormesh_generated.api.billing import list_transactions
from tensormesh_generated.api.support import list_tickets
from tensormesh_runtime.paging import Pages
from tests.fuzz.spoiling import any_json

ODD = any_json(("id", "page"), leaves=3)
ITEMS = st.lists(st.builds(lambda name: {"id": name}, st.sampled_from("abcdef")) | ODD, max_size=3) | ODD
NUMBERS = st.integers(-1, 4) | st.sampled_from(["1", "2", ""]) | ODD
TOKENS = st.sampled_from(["t1", "t2", "t3", "", None]) | ODD
PAGES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("activities", "tickets", "transactions"), ITEMS),
        **dict.fromkeys(("page", "size", "total"), NUMBERS),
        "nextPageToken": TOKENS,
    },
)
LISTS: tuple[Any, ...] = (list_activities, list_tickets, list_transactions)


@example(list_activities, [{"activities": [{"id": "a"}], "page": 1, "size": 1, "total": "many"}])
@given(st.sampled_from(LISTS), st.lists(PAGES, min_size=1, max_size=8))
def test_any_pages_are_walked_through_once(operation: Any, pages: list[dict[str, Any]]) -> None:
    walk = Pages(operation.build_request())
    handed_out: list[Any] = []
    sent: list[Any] = []
    wanted: list[Any] = []
    try:
        for page in pages:
            if walk.request is None:
                break
            sent.append(walk.request.query)
            answer = operation.parse(page)
            items = walk.items(answer)
            wanted += getattr(answer, operation.OPERATION.paging.items) if items else []
            handed_out += items
            walk.advance(answer)
    except TensormeshError:
        pass  # of what makes no sense; the items before it were handed out

    assert repr(handed_out) == repr(wanted)
    assert len({repr(query) for query in sent}) == len(sent), "the same page was asked for twice"
