"""YAML is read as JSON, with the line of everything; what JSON cannot say is refused with its line."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_documents.library import Document
from tensormesh_documents.places import DocumentError
from tensormesh_documents.yaml_text import read

FILE = "openapi/x.yaml"

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp"]), max_size=8)
words = texts | st.sampled_from(["", "no", "null", "1", "2026-04-02T09:15:00Z", "2026-04-02", "<<", "=", "a: b", "- a"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


def parsed(text: str) -> Any:
    return read(text.encode(), FILE)[0]


def line(text: str, *keys: str | int) -> int:
    value, lines = read(text.encode(), FILE)
    assert isinstance(value, dict)
    return Document(FILE, value, lines).place(keys).line


@given(values, st.booleans())
def test_what_is_written_is_found_again(value: Any, flow: bool) -> None:
    assert parsed(yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)) == value


@given(st.dictionaries(texts.filter(str.isalpha), values, min_size=1))
def test_every_key_has_the_line_that_it_stands_in(value: dict[str, Any]) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, width=1_000_000)
    lines = text.splitlines()

    for key in value:
        assert lines[line(text, key) - 1].startswith(yaml.safe_dump({key: None}, allow_unicode=True).partition(":")[0])


def test_lines_are_those_of_keys_and_of_elements() -> None:
    text = "# A comment.\na:\n  b:\n    - c\n    -\n      d: {e: 1, f: 2}\n"

    assert line(text) == 1
    assert line(text, "a") == 2
    assert line(text, "a", "b") == 3
    assert line(text, "a", "b", 0) == 4
    assert line(text, "a", "b", 1, "d", "f") == 6


def test_what_is_not_there_has_the_line_of_what_is_around_it() -> None:
    text = "a:\n  b:\n  - c\n"

    assert line(text, "a", "x", "y") == 1
    assert line(text, "a", "b", 4) == 2
    assert line(text, "x") == 1


def test_an_alias_has_the_lines_of_what_it_stands_for() -> None:
    text = "a: &a\n  x: 1\nb: *a\n"

    assert parsed(text) == {"a": {"x": 1}, "b": {"x": 1}}
    assert (line(text, "b"), line(text, "b", "x")) == (3, 2)


def test_many_aliases_of_aliases_are_read_at_once() -> None:
    """Written out, this would not fit into any memory."""
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))

    assert list(parsed(text)) == [f"a{n}" for n in range(30)]


@pytest.mark.parametrize("text", ["2026-04-02T09:15:00Z", "2026-04-02", "2026-04-02 09:15:00.5 +1"])
def test_times_stay_text(text: str) -> None:
    assert parsed(f"at: {text}") == {"at": text}


@pytest.mark.parametrize(
    ("content", "where", "problem"),
    [
        (b"a: [1\nb: 2\n", 2, "this is not YAML: did not find expected ',' or ']'"),
        (b"a:\n\tb: 1\n", 2, "this is not YAML: found character that cannot start any token"),
        (b"a: *b\n", 1, "this is not YAML: found undefined alias"),
        (b"a: 1\n---\nb: 2\n", 2, "this is not YAML: but found another document"),
        (b"a: \xc3\xa4\nb: \0\n", 2, "this is not YAML: control characters are not allowed"),
        (b"a: 1\nb: \xff\n", 2, "this is not UTF-8"),
        (b"a:\n  c: 2\n  c: 3\n", 3, "the key 'c' stands twice"),
        (b"a:\n  200: {}\n", 2, "the key 200 is not text: quote it"),
        (b"a:\n  no: 1\n", 2, "the key no is not text: quote it"),
        (b"a:\n  <<: {b: 1}\n", 2, "the key << is not text: write out what it merges"),
        (b"a:\n  ? [b]\n  : 1\n", 2, "the key that begins here is not text: quote it"),
        (b"a:\n  b: .nan\n", 2, ".nan is no JSON value: quote it"),
        (b"a:\n  b: -.inf\n", 2, "-.inf is no JSON value: quote it"),
        (b"a:\n  b: !!timestamp 2026-04-02\n", 2, "2026-04-02 is no JSON value: quote it"),
        (b"a:\n  b: !!int x\n", 2, "'x' is not of its type"),
        (b"a:\n  b: !!bool x\n", 2, "'x' is not of its type"),
        (b"a:\n  b: !thing x\n", 2, "x is no JSON value: quote it"),
        (b"a:\n  b: !!set {c}\n", 2, "the tag 'tag:yaml.org,2002:set' is not of a JSON value"),
        (b"a:\n  b: &b [*b]\n", 2, "this holds itself"),
        (b"a:\n  b: &b\n    c: {d: *b}\n", 2, "this holds itself"),
    ],
)
def test_what_json_cannot_say_is_refused_with_its_line(content: bytes, where: int, problem: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(content, FILE)

    assert str(caught.value) == f"{FILE}:{where}: {problem}"


def test_what_is_nested_beyond_reason_is_refused() -> None:
    with pytest.raises(DocumentError, match="nested too deeply"):
        read(b"[" * 5_000 + b"]" * 5_000, FILE)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        read(content, FILE)
    except DocumentError as error:
        assert error.place.line >= 1  # noqa: PT017 - most bytes are no YAML, and some are
