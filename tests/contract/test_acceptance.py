"""Findings that somebody accepts, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tensormesh_contract.evaluation.acceptance import LOCAL_HOST, AcceptanceError, accept, read_accepted
from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_documents.library import Library
from tensormesh_documents.places import Place
from tensormesh_documents.pointers import parse

FILES = {"openapi/x.yaml"}
ENTRY = """
- kind: unknown value
  at: openapi/x.yaml#/a/b
  values: [one, two]
  why: >-
    It is
    known.
"""


def entries(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "accepted.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def finding(*examples: str, kind: Kind = Kind.UNKNOWN_VALUE, pointer: str = "/a/b", name: str = "") -> Finding:
    return Finding(kind, "serverless", "GET /x", "", name, "", Place("openapi/x.yaml", parse(pointer), 3), examples)


def test_an_accepted_finding_says_why_and_does_not_fail(tmp_path: Path) -> None:
    (found,), stale = accept([finding("one")], read_accepted(entries(tmp_path, ENTRY)), FILES)

    assert (found.accepted, found.fails, stale) == ("It is known.", False, [])


@pytest.mark.parametrize(
    "other",
    [finding("one", "three"), finding("one", kind=Kind.TYPE), finding("one", pointer="/a")],
)
def test_another_finding_is_not_accepted(tmp_path: Path, other: Finding) -> None:
    (found,), stale = accept([other], read_accepted(entries(tmp_path, ENTRY)), FILES)

    assert (found.accepted, found.fails, len(stale)) == ("", True, 1)


def test_a_name_narrows_an_entry(tmp_path: Path) -> None:
    text = "- {kind: undocumented field, at: 'openapi/x.yaml#/a/b', name: more, why: known}"
    kind = Kind.UNDOCUMENTED_FIELD
    found, _ = accept(
        [finding(kind=kind, name=name) for name in ("more", "less")], read_accepted(entries(tmp_path, text)), FILES
    )

    assert [one.accepted for one in found] == ["known", ""]


def test_an_entry_about_a_document_that_nobody_looked_at_is_not_out_of_date(tmp_path: Path) -> None:
    assert accept([], read_accepted(entries(tmp_path, ENTRY)), {"openapi/y.yaml"}) == ([], [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: b", "must be a list"),
        ("- {kind: type}", "entry 1: an entry has kind, at and why"),
        ("- {kind: nonsense, at: x, why: y}", "there is no kind 'nonsense'"),
        ("- {kind: other type, at: x, why: y, how: z}", "entry 1"),
        ("[", "Cannot read"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(AcceptanceError, match=words):
        read_accepted(entries(tmp_path, text))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AcceptanceError, match="Cannot read"):
        read_accepted(tmp_path / "none.yaml")


def test_what_is_accepted_of_the_local_host_is_in_the_documents() -> None:
    library = Library()
    accepted = read_accepted(LOCAL_HOST)

    assert accepted
    for entry in accepted:
        file, _, pointer = entry.at.partition("#")
        known = library.document(Path(file).stem).at(parse(pointer)).value
        assert isinstance(known, dict)
        assert not set(entry.values or ()) & set(known["x-known-values"])  # type: ignore[arg-type]
