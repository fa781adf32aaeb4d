"""Headers that many requests have in common."""

import pytest

from tensormesh_transport.core.request_head import RequestHeaders, header_lines
from tensormesh_transport.errors import UsageError
from tensormesh_transport.secret import Secret


def test_they_read_as_the_mapping_they_were_made_of() -> None:
    given = {"accept": "*/*", "authorization": Secret("Bearer k")}
    headers = RequestHeaders(given)

    given["later"] = "x"

    assert dict(headers) == {"accept": "*/*", "authorization": "Bearer k"}
    assert len(headers) == 2
    assert "later" not in headers


def test_their_bytes_are_those_of_any_headers_every_time() -> None:
    given = {"accept": "*/*", "x": "1"}
    headers = RequestHeaders(given)

    assert bytes(headers) == bytes(headers) == header_lines(given) == b"accept: */*\r\nx: 1\r\n"


def test_no_repr_shows_what_is_in_them() -> None:
    headers = RequestHeaders({"authorization": "Bearer k"})

    assert "Bearer" not in repr(headers)
    assert "Bearer" not in repr(bytes(headers))


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\r\nb: c", "\0", "\u00e4"])
def test_what_would_be_another_line_is_refused_each_time(value: str) -> None:
    headers = RequestHeaders({"x": value})

    for _ in range(2):
        with pytest.raises(UsageError):
            bytes(headers)


def test_more_headers_stand_beside_those_that_are_shared() -> None:
    shared = RequestHeaders({"accept": "text/plain", "x-one": "1"})

    more = shared.beside({"x-two": "2"})

    assert dict(more) == {"accept": "text/plain", "x-one": "1", "x-two": "2"}
    assert bytes(more) == bytes(shared) + b"x-two: 2\r\n"
    assert "x-two" not in shared


def test_one_of_the_same_name_takes_its_place() -> None:
    more = RequestHeaders({"accept": "text/plain", "x-one": "1"}).beside({"accept": "application/json"})

    assert bytes(more) == b"accept: application/json\r\nx-one: 1\r\n"
