"""What the events of a stream add up to, and the think blocks in them."""

from __future__ import annotations

import json

from benchmarks.growth.cases.events import FIELDS, RESPONSE, TEXT, Json, chunk, content, events
from benchmarks.growth.measurement import Case
from tensormesh_overlay.think_blocks.splitter import ThinkSplitter

_DELTA = {"type": "response.output_text.delta", "delta": "x"}
_TEXT_DONE = {"type": "response.output_text.done", "text": "x" * 99}
_ITEM_DONE = {"type": "response.output_item.done", "item": {"type": "message"}}
_DONE = {"type": "response.completed", "response": {"id": "r", "status": "completed", "output": []}}


def _ends(size: int, text: str) -> list[Json]:
    """Many choices that end in something that is held back, and many fields around them."""
    around = {f"k{number}": 1 for number in range(size)}
    return [{"choices": [], **around}, *(content(text, index) for index in range(size))]


CHOICES = [
    events("text", lambda n: [content("x")] * n),
    events(
        "messages among pieces",
        lambda n: [content("x"), {"choices": [{"index": 0, "message": {"content": "x"}}]}] * n,
    ),
    events("text in one event", lambda n: [content("x" * n)]),
    events("many choices", lambda n: [content("x", index) for index in range(n)]),
    events("many choices in one event", lambda n: [{"choices": [{"index": i, "delta": {}} for i in range(n)]}]),
    events("choices that end in the midst of a tag", lambda n: _ends(n, "<thi")),
    events("choices that end in half a character", lambda n: _ends(n, "\ud83d")),
    events("halves of characters", lambda n: [content(half) for half in ("\ud83d", "\ude00")] * n),
    events("parts in place of text", lambda n: [content([{"type": "text", "text": "x"}] * n)]),
    events("a field that is new in each event", lambda n: ({**chunk({}), f"k{i}": i} for i in range(n))),
    events("a field of a choice that is new in each event", lambda n: (chunk({}, **{f"k{i}": 1}) for i in range(n))),
    events("lists that grow", lambda n: [chunk({}, logprobs={"content": [1]})] * n),
    events("objects that grow", lambda n: (chunk({}, extra={"a": {f"k{i}": i}}) for i in range(n))),
    events("pieces of another text", lambda n: [chunk({"refusal": "x"})] * n),
    events("text completions", lambda n: [{"choices": [{"index": 0, "text": "x"}]}] * n, TEXT),
    events("nesting", lambda n: [content(json.loads("[" * n + "]" * n))], largest=512),
]

THINKING = [
    events("think blocks that hold nothing, in one event", lambda n: [content("<think></think>" * n)]),
    events("think blocks that hold nothing, one by one", lambda n: [content("<think></think>")] * n),
    events("think blocks with blanks", lambda n: [content("<think> \n</think> \n" * n)]),
    events("think blocks with words", lambda n: [content("<think>x</think>" * n)]),
    events("a think block that never closes", lambda n: [content("<think>"), *[content("</")] * n]),
    events("a think block of blanks", lambda n: [content("<think>"), *[content(" ")] * n]),
    events("blanks before the text", lambda n: [content(" ")] * n),
    events("beginnings of a tag", lambda n: [content(sign) for sign in "<think>" * n]),
    Case("splitter: blocks in one text", lambda n: lambda: ThinkSplitter(inside=False).feed("<think></think>" * n)),
    Case("splitter: blocks within a block", lambda n: lambda: ThinkSplitter(inside=True).feed("x</think><think>" * n)),
]

RESPONSES = [
    events("deltas of a response", lambda n: [{**_DELTA, "output_index": 0, "item_id": "i"}] * n, RESPONSE),
    events("deltas of many items", lambda n: ({**_DELTA, "item_id": f"i{i}"} for i in range(n)), RESPONSE),
    events("deltas of many places", lambda n: ({**_DELTA, "output_index": i} for i in range(n, 0, -1)), RESPONSE),
    events("deltas of many parts", lambda n: ({**_DELTA, "content_index": i} for i in range(n)), RESPONSE),
    events(
        "items whose last word says nothing",
        lambda n: [
            *({**_DELTA, "output_index": i, "item_id": f"i{i}"} for i in range(n)),
            {"type": "response.completed", "response": {"output": [{"id": f"i{i}"} for i in range(n)]}},
        ],
        RESPONSE,
    ),
    events("a text that is done again and again", lambda n: [_TEXT_DONE] * n, RESPONSE),
    events("items that are done again and again", lambda n: [_ITEM_DONE] * n, RESPONSE),
    events(
        "halves of characters in a response",
        lambda n: ({**_DELTA, "delta": "\ud83d", "item_id": f"i{i}"} for i in range(n)),
        RESPONSE,
    ),
    events("ends of a response", lambda n: [_DONE] * n, RESPONSE),
    events("texts and lists of an answer by its fields", lambda n: [{"text": "x", "items": [1]}] * n, FIELDS),
]

CASES = [*CHOICES, *THINKING, *RESPONSES]
