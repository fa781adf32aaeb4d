"""Exchanges in a file, and back."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.exchanges.exchange import Answer, Exchange, Request
from tensormesh_contract.exchanges.record import RecordError, from_lines, to_line
from tests.contract.conftest import exchange

RECORDED = """
{"surface": "on-demand", "source": "walk", "example": true, "problem": "", "request": {"method": "POST", "path": "/x",
"query": "a=b", "headers": {"x-a": "1"}, "body": "base64:/w=="}, "answer": {"status": 200, "headers": [["x-b", "2"]],
"body": "{}"}}
""".replace("\n", "")


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
