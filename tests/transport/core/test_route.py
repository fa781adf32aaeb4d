"""What goes out is what was given, or nothing at all: no value can say more than one thing."""

from __future__ import annotations

from typing import Any

import pytest
from httptools import HttpParserError, HttpRequestParser
from hypothesis import example, given
from hypothesis import strategies as st

from tensormesh_transport.core.route import PIECE_BYTES, Route, outgoing, tunnel
from tensormesh_transport.errors import UsageError
from tensormesh_transport.messages import Request, Timeouts
from tensormesh_transport.origin import origin
from tensormesh_transport.proxies import Proxy
from tests.cases import cases

TIMEOUTS = Timeouts(1, 1, 1, None)
SIGNS = st.text(st.sampled_from("\r\n\t \0\x0b\x0c\x7f\x85\u2028\udcff") | st.characters(codec=None), max_size=12)
"""Letters, and whatever might end a line or a word."""

NAMES = st.text("abcXYZ019-_.!#$%&'*+^`|~", min_size=1, max_size=8).filter(
    lambda name: name not in ("host", "content-length")
)
HEADERS = st.dictionaries(NAMES.map(str.lower) | SIGNS.filter(lambda name: ":" not in name), SIGNS, max_size=3)
PROXIES = st.none() | st.builds(Proxy, st.just("http://p.test:3128"), st.none() | st.just("Basic dTpw"))


class Read:
    """A request as a host reads it."""

    def __init__(self, raw: bytes) -> None:
        self.target, self.headers, self.content, self.ends = b"", [], b"", 0
        self.parser = HttpRequestParser(self)
        self.parser.feed_data(raw)

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode(), value.decode().strip(" \t")))

    def on_body(self, body: bytes) -> None:
        self.content += body

    def on_message_complete(self) -> None:
        self.ends += 1


def route_to(url: str, proxy: Proxy | None = None) -> Route:
    there = origin(url)
    return Route(there, there if proxy is None else origin(proxy.address), proxy)


def request(method: str, path: str, headers: dict[str, str], content: bytes | None) -> Request:
    return Request(method, "", path, headers, content, TIMEOUTS)


def sent(route: Route, asked: Request) -> bytes:
    return b"".join(outgoing(route, asked))


@given(
    # What follows the head of a CONNECT is no content.
    method=st.sampled_from(["GET", "POST", "DELETE"]) | SIGNS.filter(lambda method: method != "CONNECT"),
    path=SIGNS.map(lambda rest: "/" + rest) | st.just(""),
    headers=HEADERS,
    content=st.none() | st.binary(max_size=40),
    base=st.sampled_from(["http://h.test", "https://h.test:8443/v1", "http://[::1]/a", "http://10.0.0.1:80"]),
    proxy=PROXIES,
)
@example("GET", "/", {"x": "1\r\nhost: evil.test"}, None, "http://h.test", None)
@example("GET", "/", {"x\r\nhost": "evil.test"}, None, "http://h.test", None)
@example("GET", "/ HTTP/1.1\r\nhost: evil.test\r\n\r\nGET /", {}, None, "http://h.test", None)
@example("GET / HTTP/1.1\r\n\r\nGET", "/", {}, None, "http://h.test", None)
@example("GET", "/", {"x": "\n"}, None, "http://h.test", None)
@example("POST", "/", {"x": "1"}, b"", "http://h.test", None)
def test_a_host_reads_what_was_given_or_nothing_is_sent(
    method: str, path: str, headers: dict[str, str], content: bytes | None, base: str, proxy: Proxy | None
) -> None:
    route = route_to(base, proxy)
    try:
        raw = sent(route, request(method, path, headers, content))
    except UsageError:
        return
    try:
        read = Read(raw)
    except HttpParserError:
        return  # refused by the host: it is one request or none

    told = [("host", route.origin.authority)]
    if proxy is not None and proxy.authorization and not route.secure:
        told.append(("proxy-authorization", proxy.authorization))
    told += [(name, value.strip(" \t")) for name, value in headers.items()]
    if content is not None:
        told.append(("content-length", str(len(content))))
    begin = f"http://{route.origin.authority}" if proxy is not None and not route.secure else ""
    assert read.parser.get_method().decode() == method
    assert read.target.decode() == begin + (route.origin.path + path or "/")
    assert (read.headers, read.content, read.ends) == (told, content or b"", 1)


@given(
    st.sampled_from(["GET", "POST"]),
    st.text("abc/?&=%20~-._", max_size=20).map(lambda rest: "/" + rest),
    st.dictionaries(NAMES.map(str.lower), st.text(st.characters(min_codepoint=32, max_codepoint=126)), max_size=3),
    PROXIES,
)
def test_what_is_well_formed_is_sent_and_read(
    method: str, path: str, headers: dict[str, str], proxy: Proxy | None
) -> None:
    read = Read(sent(route_to("http://h.test", proxy), request(method, path, headers, b"content")))

    assert (read.content, read.ends) == (b"content", 1)
    assert dict(read.headers).items() >= {name: value.strip(" ") for name, value in headers.items()}.items()


@cases(
    ("method", "path", "headers"),
    [
        ("GET", "/a b", {}),
        ("GET", "/ HTTP/1.1", {}),
        ("GET ", "/", {}),
        ("GET", "/\r", {}),
        ("GET", "/\u00e4", {}),
        ("GET", "/", {"x": "a\nb"}),
        ("GET", "/", {"x": "a\rb"}),
        ("GET", "/", {"x": "a\r\n b"}),
        ("GET", "/", {"x": "\r\n"}),
        ("GET", "/", {"x\r\ny": "a"}),
        ("GET", "/", {"x": "\u00e4"}),
        ("GET", "/", {"x": "\udc80"}),
    ],
)
def test_what_would_be_more_than_a_line_or_no_ascii_is_not_sent(
    method: str, path: str, headers: dict[str, str]
) -> None:
    with pytest.raises(UsageError):
        outgoing(route_to("http://h.test"), request(method, path, headers, None))


@given(st.integers(0, 3 * PIECE_BYTES + 1) | st.sampled_from([PIECE_BYTES, PIECE_BYTES + 1]))
def test_a_large_body_goes_out_in_pieces_that_add_up(size: int) -> None:
    content = bytes(size)
    pieces = outgoing(route_to("http://h.test"), request("POST", "/", {}, content))

    assert Read(b"".join(pieces)).content == content
    assert all(len(piece) <= PIECE_BYTES + 1000 for piece in pieces)
    assert len(pieces) == (1 if size <= PIECE_BYTES else 1 + -(-size // PIECE_BYTES))


def test_a_host_of_ones_own_is_named_once() -> None:
    read = Read(sent(route_to("http://h.test"), request("GET", "/", {"host": "other.test"}, None)))

    assert read.headers == [("host", "other.test")]


@cases(
    ("url", "place"),
    [
        ("https://h.test", "h.test:443"),
        ("https://h.test.:8443/v1", "h.test:8443"),
        ("https://[2001:db8::1]", "[2001:db8::1]:443"),
        ("https://10.0.0.1", "10.0.0.1:443"),
        ("https://h\u00e4.test", "xn--h-0fa.test:443"),
    ],
)
@cases("authorization", [None, "Basic dTpw"])
def test_a_proxy_is_asked_for_the_host_and_nothing_else(url: str, place: str, authorization: str | None) -> None:
    raw = tunnel(route_to(url, Proxy("http://p.test", authorization)))

    expected: list[Any] = [b"CONNECT %s HTTP/1.1" % place.encode(), b"host: %s" % place.encode()]
    if authorization:
        expected.append(b"proxy-authorization: Basic dTpw")
    assert raw.split(b"\r\n") == [*expected, b"", b""]
