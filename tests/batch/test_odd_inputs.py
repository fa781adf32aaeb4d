"""Inputs as people have them: packed, piped, half written, of another program; and options that make no sense."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tensormesh_batch.batch import run
from tensormesh_batch.errors import BudgetError, InputError
from tensormesh_batch.estimate import estimate
from tensormesh_batch.mapping import map_rows
from tensormesh_batch.money.price import Price
from tensormesh_batch.rows.table import Table
from tests.batch.host import BatchHost
from tests.batch.rows import MODEL, answers, row, written

LINES = "".join(f"{json.dumps(row(name))}\n" for name in "ab").encode()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("packed.jsonl", gzip.compress(LINES)),
        ("packed.jsonl.GZ", gzip.compress(LINES)),
        ("plain.jsonl.gz", LINES),
        ("two.jsonl", b"\xef\xbb\xbf" + LINES.replace(b"\n", b"\r\n\xef\xbb\xbf", 1)),
    ],
    ids=["packed by another name", "packed in capitals", "plain by another name", "two files, each with a mark"],
)
def test_an_input_is_read_by_what_it_is_and_not_by_its_name(
    host: BatchHost, tmp_path: Path, out: Path, name: str, content: bytes
) -> None:
    assert run(saved(tmp_path / name, content), out).done == 2


def test_a_pipe_is_an_input(host: BatchHost, tmp_path: Path, out: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(LINES,))
    writer.start()
    assert run(pipe, out).done == 2
    writer.join()


def _broken(content: bytes) -> bytes:
    return content[:30] + bytes([content[30] ^ 0xFF]) + content[31:]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (gzip.compress(LINES)[:-9], "cannot be read: Compressed file ended"),
        (_broken(gzip.compress(LINES * 50)), "cannot be read: "),
    ],
    ids=["torn", "damaged"],
)
def test_a_damaged_archive_is_named(host: BatchHost, tmp_path: Path, out: Path, content: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why):
        run(saved(tmp_path / "in.jsonl.gz", content), out)
    assert host.asked == []


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: "):
        list(Table(saved(tmp_path / "in.csv.gz", _broken(gzip.compress(b"id,text\na,Hello\n" * 50))), "{text}"))


def test_a_folder_and_a_name_that_no_file_has_are_named(host: BatchHost, tmp_path: Path, out: Path) -> None:
    with pytest.raises(InputError, match="is a folder, and no file of lines"):
        run(tmp_path, out)
    with pytest.raises(InputError, match="there is no file 'no/such'"):
        run("no/such", out)
    with pytest.raises(InputError, match="File name too long"):
        run("x" * 300, out)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"url": []}, "url must be"),
        ({"url": {"a": 1}}, "url must be"),
        ({"body": {**row("a")["body"], "temperature": float("nan")}}, "NaN is no number of JSON"),
        ({"body": {**row("a")["body"], "temperature": float("-inf")}}, "-Infinity is no number of JSON"),
    ],
)
def test_a_line_that_cannot_be_sent_is_refused_before_anything_is(
    host: BatchHost, tmp_path: Path, out: Path, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(InputError, match=why):
        run(written(tmp_path / "in.jsonl", [row("b"), row("a") | changes]), out)
    assert host.asked == []


def test_a_number_beyond_all_numbers_is_refused(host: BatchHost, tmp_path: Path, out: Path) -> None:
    line = json.dumps(row("a")).replace('"max_tokens": 5', '"max_tokens": 1e400')
    with pytest.raises(InputError, match="1e400 is no number of JSON"):
        run(written(tmp_path / "in.jsonl", [line]), out)


@pytest.mark.parametrize("of_a_program", [True, False], ids=["of a program", "of a file"])
def test_half_a_character_stays_what_it_is(host: BatchHost, tmp_path: Path, out: Path, of_a_program: bool) -> None:
    rows = [row("a\ud83d", "one \ud83d"), row("a\ud83e", "two \ud83e")]
    assert run(rows if of_a_program else written(tmp_path / "in.jsonl", rows), out).done == 2
    assert sorted(host.asked) == ["one \ud83d", "two \ud83e"]
    assert sorted(answers(out)) == ["a\ud83d", "a\ud83e"]


@pytest.mark.parametrize(
    ("value", "why"),
    [(b"bytes", "a bytes cannot be sent as JSON"), ({("a", 1)}, "a set cannot be sent as JSON")],
    ids=["bytes", "set"],
)
def test_what_has_no_json_is_named(host: BatchHost, out: Path, value: object, why: str) -> None:
    with pytest.raises(InputError, match=f"row 2 cannot be written as JSON: .*{why}"):
        run([row("a"), row("b", extra=value)], out)


def test_a_limit_of_the_run_goes_by_the_name_that_the_operation_knows(tmp_path: Path) -> None:
    """Else a budget would trust in a field that the host does not obey."""
    answer = {"custom_id": "a", "body": {"model": MODEL, "input": "Hello"}}
    limited = {"custom_id": "b", "body": {"model": MODEL, "input": "Hello", "max_output_tokens": 900}}
    chat = row("c", max_completion_tokens=800)
    del chat["body"]["max_tokens"]
    found = estimate([answer, limited, chat], max_tokens=7, price=Price.of("1,1"))
    assert found.most_completion_tokens == 7 + 900 + 800


@pytest.mark.parametrize(
    "more",
    [{"max_tokens": 10**30}, {"n": 10**30}, {"max_tokens": 10**11, "n": 10**11}],
    ids=["limit", "choices", "both"],
)
def test_a_limit_that_is_none_holds_no_budget(host: BatchHost, out: Path, more: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="a budget needs a limit for row 'a'"):
        run([row("a", **more)], out, price=Price.of("1,1"), budget=1)


@pytest.mark.parametrize(
    "more",
    [
        {"previous_response_id": "resp_1"},
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
        {"max_tokens": 5, "max_output_tokens": None},
    ],
    ids=["earlier answer", "earlier item", "another operation's limit"],
)
def test_what_lies_with_the_host_has_no_known_cost(host: BatchHost, out: Path, more: dict[str, Any]) -> None:
    body = {"model": MODEL, "input": "Hello", "max_output_tokens": 5, **more}
    with pytest.raises(InputError, match="a budget needs a limit for row 'a'"):
        run([{"custom_id": "a", "body": body}], out, price=Price.of("1,1"), budget=1)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"requests_per_minute": "5"}, "requests_per_minute must be more than 0, not '5'"),
        ({"tokens_per_minute": True}, "tokens_per_minute must be more than 0, not True"),
        ({"timeout": None}, "timeout must be more than 0, not None"),
        ({"timeout": float("nan")}, "timeout must be more than 0, not nan"),
        ({"max_in_flight": True}, "max_in_flight must be a whole number"),
        ({"max_tokens": 0}, "max_tokens must be a whole number of at least 1"),
        ({"model": ""}, "model must be a name"),
        ({"stop_after_errors": 1.5}, "stop_after_errors must be a whole number"),
        ({"price": "0.1,0.2"}, r"price must be a Price, such as Price\.of"),
        ({"price": {"m": (1, 2)}}, "price must be a Price"),
        ({"order": "random"}, "order must be 'auto', 'prefix' or 'input'"),
        ({"client_options": "x"}, "client_options must be a mapping"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_before_the_folder_is_made(
    out: Path, options: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        run([row("a")], out, **options)
    assert not out.exists()


def test_an_option_that_there_is_not_is_named_with_those_that_there_are(out: Path) -> None:
    with pytest.raises(TypeError, match=r"a batch has no option 'rpm'; those of sending are .*requests_per_minute"):
        run([row("a")], out, rpm=5)  # type: ignore[typeddict-item]


def test_in_a_notebook_it_says_what_to_do(out: Path) -> None:
    async def cell() -> None:
        run([row("a")], out)

    with pytest.raises(RuntimeError, match=r"use `await batch\.arun\(\.\.\.\)`"):
        asyncio.run(cell())
    assert not out.exists()


def test_no_more_rows_are_under_way_than_there_may_be_connections(host: BatchHost, out: Path) -> None:
    """One that waits for a connection would use up its time, and then its tries."""
    rows = [row(f"r{number}") for number in range(200)]
    options = {"max_connections": 3}
    seen: list[int] = []
    run(rows, out, client_options=options, max_in_flight=100, progress=lambda so_far: seen.append(so_far.limit))
    assert max(seen) <= 3
    assert host.most <= 3


def test_to_leave_early_does_not_wait_for_what_is_under_way(host: BatchHost) -> None:
    asked = threading.Event()

    def hears(count: int) -> None:
        if count == 2:  # the second is not answered for as long as this test lasts
            host.wait.clear()
            asked.set()

    def rows() -> Iterator[dict[str, int]]:
        for number in range(100):
            yield {"n": number}

    host.hears = hears
    began = time.monotonic()
    found = map_rows("{n}", rows(), model=MODEL, max_in_flight=1)
    next(found)
    assert asked.wait(10)
    found.close()
    assert time.monotonic() - began < 5.0  # the host holds it for ten seconds


def test_a_template_that_looks_into_a_text_is_refused(host: BatchHost) -> None:
    with pytest.raises(InputError, match="row 0: the template does not fit the row: string indices"):
        list(map_rows("{n[x]}", [{"n": "a"}], model=MODEL))


def test_rows_that_cannot_be_measured_have_a_result_that_says_so(host: BatchHost) -> None:
    body = {"messages": [{"role": "user", "content": "Hello"}], "temperature": float("nan")}
    (found,) = map_rows(lambda row: body, [1], model=MODEL, tokens_per_minute=10_000)
    assert "temperature: this cannot be sent as JSON" in str(found.error)


@pytest.mark.parametrize("delimiter", ["\t", "|", ";"])
def test_columns_are_parted_by_what_stands_in_the_heading(tmp_path: Path, delimiter: str) -> None:
    content = f'id{delimiter}"te,xt"\na{delimiter}Hello\n'.encode()
    (made,) = Table(saved(tmp_path / "in.csv", content), "{te,xt}")
    assert made["custom_id"] == "a"
    assert made["body"]["messages"][-1]["content"] == "Hello"


def test_a_budget_of_nothing_sends_nothing(host: BatchHost, out: Path) -> None:
    with pytest.raises(BudgetError, match="more than is left of the budget"):
        run([row("a")], out, price=Price.of("1,1"), budget=0)
    assert host.asked == []
