"""Headers that many requests have in common."""

from collections.abc import Callable, Mapping

import pytest

from tensormesh_transport.core.request_head import RequestHeaders
from tensormesh_transport.core.route import Route, Routes, outgoing
from tensormesh_transport.errors import UsageError
from tensormesh_transport.messages import Request, Timeouts
from tensormesh_transport.secret import Secret
from tests.cases import cases


def way(base_url: str) -> Route:
    return Routes(None).find(base_url)[0]


def sent(route: Route, method: str, path: str, headers: Mapping[str, str], content: bytes | None = None) -> bytes:
    """All bytes of a request."""
    return b"".join(outgoing(route, Request(method, "", path, headers, content, Timeouts(1, 1, 1, None))))


def test_they_read_as_the_mapping_they_were_made_of() -> None:
    given = {"accept": "*/*", "authorization": Secret("Bearer k")}
    headers = RequestHeaders(given)

    given["later"] = "x"

    assert dict(headers) == {"accept": "*/*", "authorization": "Bearer k"}
    assert len(headers) == 2
    assert "later" not in headers


@pytest.mark.parametrize("shared", [dict, RequestHeaders])
def test_a_head_is_the_same_however_its_headers_are_held(shared: Callable[[dict[str, str]], Mapping[str, str]]) -> None:
    headers = shared({"accept": "*/*", "x": "1"})
    here, there = way("http://a.test/base"), way("http://b.test")

    for _ in range(2):
        assert (
            sent(here, "GET", "/p", headers) == b"GET /base/p HTTP/1.1\r\nhost: a.test\r\naccept: */*\r\nx: 1\r\n\r\n"
        )
        assert sent(there, "GET", "/p", headers) == b"GET /p HTTP/1.1\r\nhost: b.test\r\naccept: */*\r\nx: 1\r\n\r\n"
        assert sent(there, "PUT", "/p", headers, b"12").endswith(b"\r\nx: 1\r\ncontent-length: 2\r\n\r\n12")
        assert sent(there, "PUT", "/q", headers, b"").startswith(b"PUT /q HTTP/1.1\r\n")
        assert sent(there, "PUT", "/q", headers, b"").endswith(b"\r\nx: 1\r\ncontent-length: 0\r\n\r\n")


def test_no_repr_shows_what_is_in_them() -> None:
    headers = RequestHeaders({"authorization": "Bearer k"})
    sent(way("http://a.test"), "GET", "/p", headers)

    assert "Bearer" not in repr(headers)
    assert "Bearer" not in repr(vars(headers)["head"])


@cases("value", ["a\nb", "a\rb", "a\r\nb: c", "\0", "\u00e4"])
def test_what_would_be_another_line_is_refused_each_time(value: str) -> None:
    headers = RequestHeaders({"x": value})

    for _ in range(2):
        with pytest.raises(UsageError):
            sent(way("http://a.test"), "GET", "/p", headers)


def test_those_of_one_request_stand_beside_those_that_are_shared() -> None:
    shared = RequestHeaders({"accept": "*/*"})
    here, there = way("http://a.test"), way("http://b.test")

    one, other = shared.beside({"x": "1"}), shared.beside({"x": "2"})

    assert dict(one) == {"accept": "*/*", "x": "1"}
    for host, route in (("a.test", here), ("b.test", there)):
        for number, headers in ((1, one), (2, other)):
            expected = f"GET /p HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\nx: {number}\r\n\r\n"
            assert sent(route, "GET", "/p", headers) == expected.encode()
    assert "x" not in shared


@pytest.mark.parametrize(("name", "value"), [("accept", "text/plain"), ("host", "c.test")])
def test_one_of_the_same_name_takes_its_place(name: str, value: str) -> None:
    headers = RequestHeaders({"accept": "*/*"}).beside({name: value})

    head = sent(way("http://a.test"), "GET", "/p", headers)

    assert head.count(f"{name}: ".encode()) == 1
    assert f"\r\n{name}: {value}\r\n".encode() in head


def test_one_of_a_single_request_that_would_be_another_line_is_refused() -> None:
    headers = RequestHeaders({"accept": "*/*"}).beside({"x": "a\r\nb: c"})

    with pytest.raises(UsageError):
        sent(way("http://a.test"), "GET", "/p", headers)
