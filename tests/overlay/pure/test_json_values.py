"""JSON from bytes: what hosts send beside the value itself, and bytes that are no text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_overlay.json_values import from_json, to_json
from tests.cases import cases

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    if "\\ud" in json.dumps(value):
        return  # half a pair of surrogates has no UTF-8
    assert from_json(to_json(value)) == value


@cases("end", [b"", b"\n", b" \r\n\t"])
@cases("begin", [b"", b"\n ", b"\xef\xbb\xbf"])
def test_white_space_and_a_byte_order_mark_do_not_matter(begin: bytes, end: bytes) -> None:
    assert from_json(begin + b'{"a": [1]}' + end) == {"a": [1]}


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_bytes_that_are_no_text_become_replacement_characters(end: bytes) -> None:
    assert from_json(b'{"a": "\xff"}' + end) == {"a": "\ufffd"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_told_by_their_first_bytes(encoding: str) -> None:
    assert from_json('{"a": "é"}'.encode(encoding)) == {"a": "é"}


@cases("content", [b"", b" ", b"{", b"{} x", b"1 2", b"nul", b'{"a": 1}{}', b"\xff\xfe"])
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"Expecting|Extra data|delimiter"):
        from_json(content)
