"""What is written as a pointer is found again, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_documents.pointers import Keys, parse, resolve, split, walk, write

names = st.text(max_size=6) | st.sampled_from(["", "/", "~", "~1", "0", "a/b", "$ref"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
)


def places(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every place in a value, and what stands there."""
    yield keys, value
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*keys, key))


@given(values)
def test_every_place_of_a_value_is_found_by_its_pointer(value: Any) -> None:
    for keys, there in places(value):
        found, what = walk(value, parse(write(keys)))

        assert found == keys
        assert what is there


@given(st.lists(names).map(tuple))
def test_what_is_written_is_parsed_as_it_was(keys: tuple[str, ...]) -> None:
    assert parse(write(keys)) == keys


@pytest.mark.parametrize(
    ("pointer", "keys"),
    [
        ("", ()),
        ("/", ("",)),
        ("/a~1b/~0", ("a/b", "~")),
        ("/~01", ("~1",)),
        ("/a//0", ("a", "", "0")),
    ],
)
def test_a_pointer_is_read_as_the_standard_says(pointer: str, keys: tuple[str, ...]) -> None:
    assert parse(pointer) == keys
    assert write(keys) == pointer


@pytest.mark.parametrize("text", ["a", "a/b", "/~", "/a~2b", "#/a"])
def test_what_is_no_pointer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no JSON pointer"):
        parse(text)


@pytest.mark.parametrize(
    "pointer", ["/no", "/list/3", "/list/-1", "/list/01", "/list/x", "/list/+1", "/list/٣", "/text/0", "/null/a", "/9"]
)
def test_a_pointer_to_nothing_says_how_far_it_leads(pointer: str) -> None:
    value = {"list": [1, 2, 3], "text": "abc", "null": None}

    with pytest.raises(LookupError, match=f"nothing stands at {pointer}".replace("+", r"\+")):
        walk(value, parse(pointer))


@pytest.mark.parametrize("keys", [("list", -1), ("list", 3), ("text", 0)])
def test_a_number_is_an_index_and_nothing_else(keys: Keys) -> None:
    with pytest.raises(LookupError):
        walk({"list": [1, 2, 3], "text": "abc"}, keys)


@pytest.mark.parametrize(
    ("reference", "file", "keys"),
    [
        ("#/a/b", "", ("a", "b")),
        ("x.yaml#/a", "x.yaml", ("a",)),
        ("x.yaml", "x.yaml", ()),
        ("#", "", ()),
        # A reference is an address, in which braces are written as bytes.
        ("#/paths/~1v1~1%7Bid%7D", "", ("paths", "/v1/{id}")),
        ("my%20file.yaml#/%C3%A4", "my file.yaml", ("ä",)),
    ],
)
def test_a_reference_is_a_file_and_a_pointer(reference: str, file: str, keys: Keys) -> None:
    assert split(reference) == (file, keys)


WHOLE = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/c"}, "c": {"x": 1}, "round": {"$ref": "#/round"}, "list": []}


def test_a_reference_is_followed_to_its_end() -> None:
    assert resolve({"$ref": "#/a"}, WHOLE) is WHOLE["c"]


def test_what_is_no_reference_stays_as_it_is() -> None:
    value = {"$ref": {"description": "A property of this name."}}

    assert resolve(value, WHOLE) is value


@pytest.mark.parametrize("reference", ["#/round", "#/no", "#/list", "other.yaml#/c"])
def test_a_reference_to_no_object_of_the_document_is_refused(reference: str) -> None:
    with pytest.raises(LookupError):
        resolve({"$ref": reference}, WHOLE)
