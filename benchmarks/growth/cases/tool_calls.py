"""Tool calls that come in pieces."""

from __future__ import annotations

from typing import Any

from benchmarks.growth.cases.events import Json, chunk, events

_WHOLE = '{"a": "b"}'


def _call(arguments: Any = None, name: str | None = "f", **more: Any) -> Json:
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    return chunk({"tool_calls": [{"index": 0, "function": function, **more}]})


def _many_blanks(size: int) -> list[Json]:
    whole = "{" + '"a":1,' * size + '"b":2}'
    return [_call(whole), *[_call(" ")] * size]


def _in_one_event(size: int) -> list[Json]:
    return [chunk({"tool_calls": [{"index": i, "function": {"name": "f"}} for i in range(size)]})]


CASES = [
    events("arguments", lambda n: [_call(""), *[_call("x", None)] * n]),
    events(
        "arguments that end in } again and again", lambda n: (_call("{}}x"[i % 2 :] + "}", id="a") for i in range(n))
    ),
    events("arguments that open again and again", lambda n: (_call('{"a":{}'[i % 2 * 5 :], id="a") for i in range(n))),
    events("the same arguments again and again", lambda n: [_call(_WHOLE, id="a")] * n),
    events("arguments that are no JSON", lambda n: [_call("{x}" if i else "{") for i in range(n)]),
    events("a name with each piece", lambda n: [_call('"x"')] * n),
    events("another name with each piece", lambda n: (_call("}", f"f{i}") for i in range(n))),
    events("a name that grows", lambda n: (_call(None, f"{i % 7}{i % 5}") for i in range(n))),
    events("blanks after whole arguments", _many_blanks),
    events("blanks before any arguments", lambda n: [_call(" ")] * n),
    events("an id with each piece", lambda n: (_call("x", None, id=f"i{i}") for i in range(n))),
    events("an id and the name with each piece", lambda n: (_call('"x"', id=f"i{i}") for i in range(n))),
    events("many calls", lambda n: (_call(_WHOLE, index=i, id=f"i{i}") for i in range(n))),
    events("many calls in one event", _in_one_event),
    events("calls without index or id", lambda n: [_call(_WHOLE, index=None)] * n),
    events("arguments as objects", lambda n: [_call({"a": 1})] * n),
    events("other fields of a call", lambda n: [_call("", None, custom={"input": "x"})] * n),
]
