"""Exchanges in a file, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.exchanges.about import About, Asked, Trouble
from tensormesh_contract.exchanges.behaviour import Behaviour
from tensormesh_contract.exchanges.exchange import Answer, Exchange, Promise, Request
from tensormesh_contract.exchanges.record import RecordError, Seen, to_line
from tensormesh_contract.exchanges.record import from_lines as read_lines
from tests.contract.conftest import Surfaces, exchange

RECORDED = """
{"surface": "on-demand", "source": "walk", "example": true, "problem": "", "request": {"method": "POST", "path": "/x",
"query": "a=b", "headers": {"x-a": "1"}, "body": "base64:/w=="}, "answer": {"status": 200, "headers": [["x-b", "2"]],
"body": "{}"}}
""".replace("\n", "")


def from_lines(lines: list[str]) -> Iterator[Seen | About]:
    return read_lines(lines, {})


@given(body=st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")), path=st.text())
@example(body=b"base64:eA==", path="/x")
def test_an_exchange_comes_back_from_its_line_as_it_was(body: bytes, path: str) -> None:
    one = exchange(path, body, method="POST", sent={"a": "ä"}, headers={"x-a": "1"})

    assert [*from_lines([to_line(one), "\n"])] == [one]


def test_a_line_in_another_order_is_the_same_exchange() -> None:
    """As it was written before."""
    request, answer = Request("POST", "/x", "a=b", {"x-a": "1"}, b"\xff"), Answer(200, (("x-b", "2"),), b"{}")

    assert [*from_lines([RECORDED])] == [Exchange(SurfaceName.ON_DEMAND, request, answer, "", "walk", True)]


@pytest.mark.parametrize(
    "line",
    [
        *("{", "{}", '{"surface": "nope"}', "[]"),
        RECORDED.replace('"query": "a=b", ', ""),
        RECORDED.replace("200", '"OK"'),
        RECORDED.replace('"{}"', "{}"),
    ],
)
def test_a_line_that_is_no_exchange_is_named(line: str) -> None:
    with pytest.raises(RecordError, match="Line 1"):
        list(from_lines([line]))


def test_all_that_a_run_has_seen_comes_back(surfaces: Surfaces) -> None:
    operation = surfaces[SurfaceName.SERVERLESS].by_id("get_version")
    asked = (Asked(SurfaceName.SERVERLESS, "https://host", own=False),)
    seen: list[Seen | About] = [
        About("2026-01-01T00:00:00+00:00", "1", {"serverless": "1"}, 7, ("examples",), False, asked),
        replace(exchange("/version"), promise=Promise.TAKES, about="top_k"),
        Behaviour(operation, "still there", "why", (Request("GET", "/a", body=b"\xff"),)),
        Trouble("stopped", "by Ctrl-C"),
    ]

    assert [*read_lines([f"{to_line(one)}\n" for one in seen], surfaces)] == seen


def test_only_a_last_line_may_be_cut_off(surfaces: Surfaces) -> None:
    whole, told = to_line(exchange("/version")) + "\n", list[str]()

    assert len([*read_lines([whole, whole[:-9]], surfaces, told.append)]) == 1
    assert told == ["Line 2, the last, is cut off and was left out."]
    with pytest.raises(RecordError, match="Line 1"):
        list(read_lines([whole[:-9] + "\n", whole], surfaces))
