"""What the chunks of a text completion add up to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.overlay.pure.cuts import PLACES, cut
from tests.overlay.pure.streamed_events import TEXT, WORDS, result, take, text

# Text completions.


@given(st.lists(WORDS, min_size=1, max_size=3), st.data())
def test_pieces_of_a_text_completion_add_up(texts: list[str], data: st.DataObject) -> None:
    queues = [
        [
            {
                "index": index,
                "text": part,
                "logprobs": {"tokens": [part], "token_logprobs": [None]},
                "finish_reason": None,
            }
            for part in cut(words, data.draw(PLACES))
        ]
        for index, words in enumerate(texts)
    ]
    wanted = [
        {
            "index": index,
            "text": words,
            "logprobs": {"tokens": [raw["text"] for raw in queue], "token_logprobs": [None] * len(queue)},
            "finish_reason": "stop",
        }
        for index, (words, queue) in enumerate(zip(texts, queues, strict=True))
    ]
    for queue in queues:
        queue.append({"index": queue[0]["index"], "text": "", "logprobs": None, "finish_reason": "stop"})
    events = []
    while waiting := [queue for queue in queues if queue]:
        events.append({**TEXT, "choices": [data.draw(st.sampled_from(waiting)).pop(0)]})
    whole = text()

    seen = take(whole, [*events, {**TEXT, "choices": [], "usage": {"total_tokens": 3}}])

    assert whole.result() == {**TEXT, "choices": wanted, "usage": {"total_tokens": 3}}
    assert whole.complete
    assert sorted("".join(part for event in seen for part in whole.texts(event))) == sorted("".join(texts))
    assert [part for event in seen for part in whole.reasonings(event)] == []


def test_think_blocks_of_a_text_completion_are_text() -> None:
    raw = {"index": 0, "text": "<think>a</think>b"}

    assert result(text(), [{**TEXT, "choices": [raw]}])["choices"][0]["text"] == "<think>a</think>b"


@pytest.mark.parametrize("last", [None, 7, ["x"]])
def test_a_last_piece_without_text_takes_nothing_back(last: Any) -> None:
    events = [
        {**TEXT, "choices": [{"index": 0, "text": part, "logprobs": part and {"tokens": ["a"]}}]}
        for part in ("a", last)
    ]
    (choice,) = result(text(), events)["choices"]

    assert (choice["text"], choice["logprobs"]["tokens"][0]) == ("a", "a")
