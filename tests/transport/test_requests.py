"""What stands in a request, and what is refused before anything of it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh_transport.errors import UsageError
from tests.cases import cases
from tests.overlay.scripted_host import ScriptedHost, answer, head
from tests.transport.hosts import Host, Line, request
from tests.transport.pump import Pump, outcome

GOOD = answer(200, b"good")


def sent(pump: Pump, base: str = "", **asked: Any) -> list[str]:
    """The lines of a request as the host reads them."""
    heads = []

    def play(line: Line) -> None:
        heads.append(line.head())
        line.answer(b"good")

    with Host(play) as host:
        pump.run(pump.transport().send, request(host.url + base, **asked))
    (one,) = heads
    return one.split("\r\n")


@cases(
    ("base", "path", "target"),
    [
        ("", "/v1/x", "/v1/x"),
        ("", "/v1/x?a=1&b=/", "/v1/x?a=1&b=/"),
        ("", "", "/"),
        ("", "?a=1", "/?a=1"),
        ("/v1", "/x", "/v1/x"),
        ("/v1", "?a=1", "/v1?a=1"),
        ("/v1", "", "/v1"),
        ("/", "", "/"),
    ],
)
def test_the_target_is_the_path_of_the_url(pump: Pump, base: str, path: str, target: str) -> None:
    assert sent(pump, base, path=path)[0] == f"GET {target} HTTP/1.1"


@cases(
    ("base", "path", "target"),
    [
        ("", "?a=1", "/?a=1"),
        ("", "", "/"),
        ("/v1", "?a=1", "/v1?a=1"),
        ("/v1", "/x", "/v1/x"),
    ],
)
def test_a_proxy_is_told_the_same_url(
    pump: Pump, host: ScriptedHost, base: str, path: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", host.url)
    host.plays(GOOD)

    pump.run(pump.transport().send, request(f"http://host.test{base}", path))

    assert host.asked[0].path == f"http://host.test{target}"


@cases(
    ("method", "content", "length"),
    [
        ("GET", None, None),
        ("DELETE", None, None),
        ("DELETE", b"{}", "2"),
        ("POST", b"", "0"),
        ("POST", b"{}", "2"),
        ("PUT", b"", "0"),
        ("POST", None, None),
    ],
)
def test_the_length_of_a_body_is_said_where_there_is_one(
    pump: Pump, method: str, content: bytes | None, length: str | None
) -> None:
    """Also of an empty one: many hosts wait for a body otherwise, or refuse the request."""
    lines = sent(pump, method=method, content=content)

    lengths = [line.partition(": ")[2] for line in lines if line.startswith("content-length:")]
    assert lengths == ([] if length is None else [length])
    assert not any(line.startswith("transfer-encoding") for line in lines)


def test_headers_are_sent_as_they_are_given(pump: Pump) -> None:
    lines = sent(pump, headers={"accept": "*/*", "x-empty": "", "x-tab": "a\tb"})

    assert lines[2:] == ["accept: */*", "x-empty: ", "x-tab: a\tb"]


def test_the_host_may_be_given_another_name(pump: Pump) -> None:
    lines = sent(pump, headers={"host": "other.test"})

    assert [line for line in lines if line.startswith("host:")] == ["host: other.test"]


@cases("fields", [{"content_length": "4"}, {"transfer_encoding": "chunked"}, {"content_encoding": "gzip"}, {}])
def test_the_answer_to_head_has_no_body_whatever_it_says(
    pump: Pump, host: ScriptedHost, fields: dict[str, str]
) -> None:
    transport = pump.transport()
    host.plays((head(200, **fields),), (head(200, **fields),), GOOD)

    answered = pump.run(transport.send, request(host.url, method="HEAD"))
    body = pump.run(transport.open, request(host.url, method="HEAD"))

    assert (answered.status_code, answered.content) == (200, b"")
    assert {name.replace("-", "_"): value for name, value in answered.headers.items()} == fields
    assert pump.rest(body) == (b"", None)
    assert pump.run(transport.send, request(host.url)).content == b"good"
    if "content_length" in fields:
        assert host.connections == 1


BREAKS = ["\r\n", "\n", "\r", "\r\n\r\n"]


@cases(
    "forged",
    [
        *({"headers": {"x-key": f"a{sign}x-more: 1"}} for sign in BREAKS),
        *({"headers": {f"x-key: a{sign}x-more": "1"}} for sign in BREAKS),
        *({"path": f"/a{sign}x-more: 1"} for sign in BREAKS),
        *({"method": f"GET / HTTP/1.1{sign}x-more: 1{sign}"} for sign in BREAKS),
        {"headers": {"x-key": "a\0b"}},
        {"headers": {"x-key": "\u00e9"}},
        {"headers": {"x-key": "\u2028x-more: 1"}},
        {"path": "/a b"},
        {"path": "/a\tb"},
        {"path": "/a\0b"},
        {"path": "/\x7f"},
        {"path": "/\u00e9"},
        {"path": "/a HTTP/1.0"},
        {"method": "GET /other"},
        {"method": "GET\t"},
        {"method": ""},
    ],
    ids=repr,
)
@cases("how", ["send", "open"])
def test_what_would_be_read_as_something_else_is_not_sent(
    pump: Pump, host: ScriptedHost, forged: dict[str, Any], how: str
) -> None:
    transport = pump.transport(max_connections=1)

    error = outcome(pump.begin(getattr(transport, how), request(host.url, **forged)))

    assert type(error) is UsageError
    assert not error.sent
    assert host.connections == 0
    host.plays(GOOD)
    assert pump.run(transport.send, request(host.url, connect=5)).content == b"good"


@cases("url", ["ftp://host.test", "host.test", "http://", "http://a b", "http://host.test:99999", "http://[::1", ""])
def test_what_is_no_address_is_refused(pump: Pump, url: str) -> None:
    error = outcome(pump.begin(pump.transport().send, request(url)))

    assert type(error) is UsageError
    assert not error.sent
