"""Tables as inputs."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Any

import pytest

from tensormesh_batch.batch import run
from tensormesh_batch.errors import InputError
from tensormesh_batch.rows.table import Table
from tests.batch.host import BatchHost
from tests.batch.rows import MODEL, answers, errors


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def saved(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def asked(table: Table) -> dict[str, str]:
    """The last message of each request."""
    return {row["custom_id"]: row["body"]["messages"][-1]["content"] for row in table}


def test_a_request_is_made_of_each_row(host: BatchHost, tmp_path: Path, out: Path) -> None:
    source = saved(tmp_path / "in.csv", 'id,text\na,one\nb,"two, and\nthree"\n')
    summary = run(Table(source, "Say {text}", system="Be brief."), out, model=MODEL, max_tokens=5)
    assert (summary.done, summary.left) == (2, 0)
    assert sorted(host.asked) == ["Say one", "Say two, and\nthree"]
    assert sorted(answers(out)) == ["a", "b"]
    host.asked.clear()
    assert run(Table(source, "Say {text}", system="Be brief."), out, model=MODEL, max_tokens=5).done == 2
    assert host.asked == []


def test_a_system_message_stands_before_each(tmp_path: Path) -> None:
    table = Table(saved(tmp_path / "in.csv", "prompt\nHello\n"), system="Be brief.")
    assert [row["body"]["messages"][0] for row in table] == [{"role": "system", "content": "Be brief."}]


@pytest.mark.parametrize(
    ("heading", "name"),
    [("custom_id,id,prompt", "c"), ("id,custom_id,prompt", "i"), ("id,other,prompt", "c"), ("x,y,prompt", "row-1")],
)
def test_a_row_is_called_by_its_column_else_by_its_number(tmp_path: Path, heading: str, name: str) -> None:
    (row,) = Table(saved(tmp_path / "in.csv", f"{heading}\nc,i,Hello\n"))
    assert row["custom_id"] == name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("in.csv", "\ufeffid,text\r\na,x;y\r\n\r\n"),
        ("in.csv", "id;text\na;x;y\n".replace("x;y", '"x;y"')),
        ("in.tsv", "id\ttext\na\tx;y\n"),
        ("IN.CSV", "id,text\na,x;y"),
    ],
)
def test_tables_are_written_in_several_ways(tmp_path: Path, name: str, text: str) -> None:
    assert asked(Table(saved(tmp_path / name, text), "{text}")) == {"a": "x;y"}


def test_a_table_may_be_packed(tmp_path: Path) -> None:
    packed = tmp_path / "in.csv.gz"
    packed.write_bytes(gzip.compress(b"id,text\na,x\n"))
    assert asked(Table(packed, "{text}")) == {"a": "x"}


def test_a_function_makes_bodies_of_rows(tmp_path: Path) -> None:
    table = Table(saved(tmp_path / "in.csv", "a,b\n1,2\n"), lambda row: {"prompt": row["a"] + row["b"]})
    assert list(table) == [{"custom_id": "row-1", "body": {"prompt": "12"}}]


def test_a_cell_may_be_long(tmp_path: Path) -> None:
    long = "x" * 1_000_000
    assert asked(Table(saved(tmp_path / "in.csv", f"text\n{long}\n"), "{text}")) == {"row-1": long}


def test_rows_are_read_as_they_are_wanted(tmp_path: Path) -> None:
    rows = iter(Table(saved(tmp_path / "in.csv", "text\n" + "a\n" * 100_000 + '"'), "{text}"))
    assert next(rows)["custom_id"] == "row-1"  # and nobody has come to the end, which is no CSV


@pytest.mark.parametrize(
    ("name", "text", "template", "why"),
    [
        ("in.csv", "id,text\na,b\n", "Say {txet}", r"names 'txet', and the columns of .* are: id, text"),
        ("in.csv", "id,text\na,b\n", '{"say": {text}}', r"Braces that mean themselves are \{\{ and \}\}"),
        ("in.csv", "id,text\na,b\n", "Say {text", r"braces that mean themselves are \{\{ and \}\}"),
        ("in.csv", "id,text\na,b\n", None, r"no column 'prompt', so say by a template"),
        ("in.csv", "text,text\na,b\n", "{text}", "two columns 'text'"),
        ("in.csv", "", "{text}", "names 'text'"),
        ("in.csv", 'text\n"a\n', "{text}", "is no CSV: line 2"),
        ("in.xlsx", "", "{text}", "is no table: its name ends with none of .csv"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, name: str, text: str, template: str | None, why: str) -> None:
    with pytest.raises(InputError, match=why):
        list(Table(saved(tmp_path / name, text), template))


def test_what_is_not_utf_8_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not UTF-8"):
        list(Table(saved(tmp_path / "in.csv", "text\nGrüße\n", "latin-1"), "{text}"))


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        Table(tmp_path / "in.csv")


def test_a_table_without_a_template_is_no_file_of_lines(host: BatchHost, tmp_path: Path, out: Path) -> None:
    with pytest.raises(InputError, match=r"is a table: table\(path, template\) \(--prompt\)"):
        run(saved(tmp_path / "in.csv", "prompt\nHello\n"), out, model=MODEL)


def test_rows_that_make_no_request_are_refused_or_set_aside(host: BatchHost, tmp_path: Path, out: Path) -> None:
    table = Table(saved(tmp_path / "in.csv", "id,prompt\na,Hello\nb\n,Hello\nc,\nd,Bye\n"))
    with pytest.raises(InputError) as caught:
        run(table, out, model=MODEL)
    assert [why for _, why in caught.value.lines] == [
        "row 2: it has 1 values, and the table 2 columns",
        "row 3: column 'id' has no value",
        "row 4: column 'prompt' is empty",
    ]
    assert host.asked == []
    summary = run(table, out, model=MODEL, skip_bad=True)
    assert (summary.done, summary.bad_lines) == (2, 3)
    assert errors(out)["line-2"]["error"]["message"] == "line 2: row 2: it has 1 values, and the table 2 columns"


def test_parquet_is_read_in_batches_and_by_columns(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    source = tmp_path / "in.parquet"
    columns: dict[str, list[Any]] = {"id": [7, 8, 9], "text": ["one", None, "three"], "other": [b"", b"", b""]}
    parquet.write_table(arrow.table(columns), source)
    rows = list(Table(source, "Say {text}"))
    assert [row.get("custom_id") for row in rows] == ["7", None, "9"]
    assert rows[1] == {"no_request": "row 2: column 'text' has no value"}
    saved(source, "no parquet at all")
    with pytest.raises(InputError, match=r"in\.parquet cannot be read"):
        list(Table(source, "Say {text}"))


def test_without_pyarrow_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InputError, match="needs pyarrow: pip install pyarrow"):
        list(Table(saved(tmp_path / "in.parquet", ""), "{text}"))
