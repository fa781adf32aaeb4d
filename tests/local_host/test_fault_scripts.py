"""The grammar of fault scripts: a mistake is named when the script is read, not when the fault is due."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_local import Faults, ScriptError
from tensormesh_local.faults.event_damage import EventDamage
from tensormesh_local.faults.json_damage import damaged
from tensormesh_local.faults.script import Fault, read_fault
from tensormesh_local.json_output import dump
from tests.cases import cases

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@cases(
    ("script", "reason"),
    [
        ({}, "say what goes wrong: status, reset, delay_seconds"),
        ({"match": {"path": "/health"}}, "say what goes wrong"),
        ({"stauts": 500}, "unknown keys: stauts; known are match, times"),
        ({"status": "500"}, "status must be a whole number of at least 200"),
        ({"status": 600}, "status must be an HTTP status from 200 to 599"),
        ({"status": True}, "status must be a whole number"),
        ({"status": 500, "times": 0}, "times must be a whole number of at least 1"),
        ({"status": 500, "cut_after_bytes": 3}, "status answers at once, so it excludes cut_after_bytes"),
        ({"status": 500, "reset": True}, "status answers at once, so it excludes reset"),
        ({"reset": True, "omit": ["a"]}, "reset leaves no answer, so it excludes omit"),
        ({"body": "x"}, "body needs a status"),
        ({"delay_seconds": -1}, "delay_seconds must be a number of seconds from 0 to 3600"),
        ({"delay_seconds": 1, "headers": {"a b": "x"}}, "headers holds 'a b', which cannot be sent as a header"),
        ({"status": 500, "headers": {"X": "a\r\nY: b"}}, "headers holds 'X', which cannot be sent as a header"),
        ({"status": 500, "headers": {"Content-Length": 3}}, "headers must leave Content-Length alone"),
        ({"status": 500, "headers": ["X"]}, "headers must be an object of strings"),
        ({"cut_after_bytes": 1, "stall_after_events": 1}, "cut_after_bytes excludes stall_after_events"),
        ({"cut_after_bytes": -1}, "cut_after_bytes must be a whole number of at least 0"),
        ({"stall_seconds": 1}, "stall_seconds needs stall_after_bytes or stall_after_events"),
        ({"cut_after_events": 1, "stall_seconds": 1}, "stall_seconds needs stall_after_bytes or stall_after_events"),
        ({"big_event_bytes": 1, "drop_done": True}, "big_event_bytes needs big_event_after"),
        ({"reasoning_field": "thoughts"}, "reasoning_field must be one of reasoning, reasoning_content"),
        ({"leak_think": 1}, "leak_think must be true or false"),
        ({"omit": "id"}, "omit must be a list of dotted paths"),
        ({"set": ["id"]}, "set must be an object of values by dotted path"),
        ({"status": 500, "match": {"url": "x"}}, "match has unknown keys: url"),
        ({"status": 500, "match": {"path": 1}}, "match.path must be a string"),
        ([], "a fault must be an object"),
    ],
)
def test_a_mistake_is_named(script: Any, reason: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read_fault(script)

    assert str(caught.value).startswith(reason)


@given(st.dictionaries(st.sampled_from([*Fault.model_fields]), json_values, max_size=4))
def test_a_script_is_followed_or_refused(script: dict[str, Any]) -> None:
    try:
        fault = read_fault(script)
    except ScriptError:
        return
    assert isinstance(fault, Fault)


def test_one_wrong_fault_leaves_the_others_as_they_were() -> None:
    faults = Faults()
    faults.add(status=500)

    with pytest.raises(ScriptError, match="fault 1: unknown keys: x"):
        faults.replace([{"status": 404}, {"x": 1}])
    assert faults.pending() == [{"status": 500, "times": 1}]


@given(
    st.lists(st.sampled_from(["a", "b", "c\n"]).map(lambda s: f"data: {s!r}\n\n".encode()), max_size=6),
    st.lists(st.integers(0, 60), max_size=5),
    st.sampled_from(
        [{}, {"drop_done": True}, {"error_event_after": 2}, {"cut_after_events": 1}, {"big_event_after": 0}]
    ),
)
def test_where_the_bytes_are_divided_makes_no_difference(events: list[bytes], at: list[int], script: Any) -> None:
    fault = read_fault({**script, "delay_seconds": 0})
    whole = b"".join(events)
    marks = [0, *sorted(min(mark, len(whole)) for mark in at), len(whole)]
    piecemeal = EventDamage(fault)
    pieces = [piecemeal.feed(whole[start:end]) for start, end in pairwise(marks)]
    at_once = EventDamage(fault)

    assert b"".join([*pieces, piecemeal.feed(b"", last=True)]) == at_once.feed(whole, last=True)


@given(json_values, st.lists(st.text(alphabet="ab.*01", min_size=1), max_size=3))
def test_any_path_can_be_left_out_of_any_json(value: Any, paths: list[str]) -> None:
    assert damaged(dump(value), Fault(omit=tuple(paths), set=dict.fromkeys(paths)))
