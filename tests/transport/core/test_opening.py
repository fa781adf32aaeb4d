"""A connection becomes ready in whatever packets the other side speaks, or the call is refused and nothing was sent."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from itertools import chain, cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensormesh_transport.core.exchange import Exchange
from tensormesh_transport.core.opening import Layers, encrypted, is_stray, opening, receive
from tensormesh_transport.core.route import Route, tunnel
from tensormesh_transport.errors import CertificateError, ConnectError, ProxyError, TLSError
from tensormesh_transport.origin import origin
from tensormesh_transport.proxies import Proxy
from tests.cases import cases
from tests.transport.core.conftest import Trust
from tests.transport.core.other_side import OtherSide

REQUEST = b"GET / HTTP/1.1\r\nhost: host.test\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
CONSENT = b"HTTP/1.1 200 Connection established\r\n\r\n"
SIZES = st.lists(st.integers(1, 700), min_size=1, max_size=6) | st.just([1])
"""How long the packets are, in turn."""

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
WAYS = {
    "TLS": (None, "https://host.test"),
    "through a proxy": ("http://proxy.test:3128", "https://host.test"),
    "through a proxy with TLS": ("https://proxy.test", "https://host.test"),
    "to a proxy with TLS that does the rest": ("https://proxy.test", "http://host.test"),
}


class Packets:
    """What the other side says, in packets of given sizes, up to a place where it closes the connection."""

    def __init__(self, side: OtherSide, sizes: Sequence[int], close_after: int | None = None) -> None:
        self.side, self.came = side, 0
        self._sizes, self._close_after = cycle(sizes), close_after
        self._waiting = b""

    def next(self, sent: memoryview) -> bytes:
        """What comes next; nothing where the connection is closed."""
        if sent:
            self._waiting += self.side.receive(bytes(sent))
        size = next(self._sizes)
        if self._close_after is not None:
            size = min(size, self._close_after - self.came)
        piece, self._waiting = self._waiting[:size], self._waiting[size:]
        assert piece or self.came == self._close_after, "both sides wait for the other"
        self.came += len(piece)
        return piece

    def rest(self) -> Iterator[bytes]:
        """What was said, and not taken."""
        while self._waiting:
            yield self.next(memoryview(b""))


def route(way: str, host: str = "") -> Route:
    through, url = WAYS[way]
    there = origin(host or url)
    return Route(there, origin(through) if through else there, Proxy(through) if through else None)


def other_side(way: str, trust: Trust, consent: bytes = CONSENT, answer: bytes = ANSWER, **names: str) -> OtherSide:
    """Who answers on that way, with certificates for their names or for others."""
    through, url = WAYS[way]
    return OtherSide(
        proxy=trust.server(names.get("proxy", "proxy.test")) if through and through.startswith("https") else None,
        consent=consent if through and url.startswith("https") else None,
        host=trust.server(names.get("host", "host.test")) if url.startswith("https") else None,
        answer=answer,
    )


def opened(way: Route, context: ssl.SSLContext, packets: Packets) -> Layers:
    """The layers of a connection that is ready."""
    steps = opening(way, context)
    try:
        said = next(steps)
        while True:
            said = steps.send(packets.next(said))
    except StopIteration as end:
        return tuple(end.value)


def answered(layers: Layers, packets: Packets) -> Exchange:
    """A request over layers that are ready, and its answer."""
    exchange = Exchange("GET")
    receive(layers, exchange, packets.next(encrypted(layers, memoryview(REQUEST))))
    for piece in packets.rest():
        receive(layers, exchange, piece)
    return exchange


def asked(way: str, trust: Trust) -> tuple[OtherSide, Layers, Exchange]:
    """A request has arrived, and the other side may say what it likes."""
    side, exchange = other_side(way, trust, answer=b""), Exchange("GET")
    layers = opened(route(way), trust.client(), Packets(side, [5000]))
    for server_words in filter(None, [side.receive(bytes(encrypted(layers, memoryview(REQUEST))))]):
        receive(layers, exchange, server_words)
    assert side.request == REQUEST
    return side, layers, exchange


@pytest.mark.parametrize("newest", VERSIONS)
@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=25)
@given(sizes=SIZES)
def test_a_request_arrives_and_its_answer_comes_back_in_whatever_packets(
    trust: Trust, way: str, newest: ssl.TLSVersion, sizes: list[int]
) -> None:
    side = other_side(way, trust)
    packets = Packets(side, sizes)

    layers = opened(route(way), trust.client(newest), packets)
    exchange = answered(layers, packets)

    assert len(layers) == len(side.servers)
    assert (exchange.status, exchange.content(), exchange.done, exchange.reusable) == (200, b"hello", True, True)
    assert side.request == REQUEST
    assert side.asked == (tunnel(route(way)) if "through" in way else b"")
    assert [server.error for server in side.servers] == [None] * len(layers)


@cases("newest", VERSIONS)
@cases("way", WAYS)
def test_a_connection_that_is_closed_before_it_is_ready_was_asked_nothing(
    trust: Trust, way: str, newest: ssl.TLSVersion
) -> None:
    """Wherever it is closed: after each of the first bytes, and here and there further on."""
    whole = Packets(other_side(way, trust), [1])
    opened(route(way), trust.client(newest), whole)

    for place in chain(range(8), range(8, whole.came, 97), range(whole.came - 8, whole.came)):
        side = other_side(way, trust)
        with pytest.raises(ConnectError) as caught:
            opened(route(way), trust.client(newest), Packets(side, [10_000], close_after=place))

        assert str(caught.value)
        assert not caught.value.sent
        assert side.request == b""


@cases("newest", VERSIONS)
@cases(
    ("way", "wrong", "kind"),
    [
        ("TLS", {"host": "other.test"}, CertificateError),
        ("through a proxy", {"host": "other.test"}, CertificateError),
        ("through a proxy", {"host": "proxy.test"}, CertificateError),
        ("through a proxy with TLS", {"host": "proxy.test"}, CertificateError),
        ("through a proxy with TLS", {"proxy": "host.test"}, ProxyError),
        ("to a proxy with TLS that does the rest", {"proxy": "host.test"}, ProxyError),
    ],
)
def test_a_certificate_for_another_name_is_not_accepted(
    trust: Trust, way: str, wrong: dict[str, str], kind: type[ConnectError], newest: ssl.TLSVersion
) -> None:
    side = other_side(way, trust, **wrong)

    with pytest.raises(kind, match="certificate") as caught:
        opened(route(way), trust.client(newest), Packets(side, [100]))

    assert caught.type is kind
    assert not caught.value.sent
    assert side.request == b""


@pytest.mark.parametrize("url", ["https://host.test", "https://HOST.test.", "https://127.0.0.1:8443"])
def test_a_certificate_is_for_all_its_names_however_they_are_written(trust: Trust, url: str) -> None:
    packets = Packets(other_side("TLS", trust), [1000])

    assert answered(opened(route("TLS", url), trust.client(), packets), packets).content() == b"hello"


@cases(
    ("consent", "said"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 2\r\n\r\nno", "HTTP 407"),
        (b"HTTP/1.1 403 Forbidden\r\ntransfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", "HTTP 403"),
        (b"HTTP/1.1 302 Found\r\nlocation: https://evil.test\r\ncontent-length: 0\r\n\r\n", "HTTP 302"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP 101"),
        (b"HTTP/1.1 199 X\r\n\r\nHTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n", "HTTP 500"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "this is not HTTP"),
        (b"\x16\x03\x01\x02\x00", "this is not HTTP"),
        (b"HTTP/1.1 099 X\r\n\r\n", "no status"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000, "without any of the content"),
    ],
)
@cases("way", ["through a proxy", "through a proxy with TLS"])
@cases("size", [1, 10_000])
def test_a_proxy_that_does_not_consent_is_named_and_the_host_is_asked_nothing(
    trust: Trust, way: str, consent: bytes, said: str, size: int
) -> None:
    side = other_side(way, trust, consent=consent)

    with pytest.raises(ProxyError, match=rf"the proxy https?://proxy.test\S* cannot be used \(.*{said}") as caught:
        opened(route(way), trust.client(), Packets(side, [size if len(consent) < 1000 else 10_000]))

    assert not caught.value.sent
    assert side.request == b""


@cases(
    "consent",
    [
        CONSENT,
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 204 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + CONSENT,
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        # Neither means anything in an answer to CONNECT.
        b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n",
    ],
)
@cases("way", ["through a proxy", "through a proxy with TLS"])
@cases("size", [1, 10_000])
def test_a_proxy_may_consent_in_more_than_one_way(trust: Trust, way: str, consent: bytes, size: int) -> None:
    packets = Packets(other_side(way, trust, consent=consent), [size])

    assert answered(opened(route(way), trust.client(), packets), packets).content() == b"hello"


@pytest.mark.parametrize("size", [1, 10_000])
def test_what_a_proxy_says_behind_its_consent_reaches_no_exchange(trust: Trust, size: int) -> None:
    packets = Packets(other_side("through a proxy", trust, consent=CONSENT + ANSWER), [size])

    try:
        layers = opened(route("through a proxy"), trust.client(), packets)
    except TLSError:
        return
    exchange = answered(layers, packets)
    assert (exchange.content(), exchange.reusable) == (b"hello", True)


@pytest.mark.parametrize("way", ["TLS", "to a proxy with TLS that does the rest"])
def test_whoever_does_not_speak_tls_is_found_out(trust: Trust, way: str) -> None:
    steps = opening(route(way), trust.client())
    next(steps)

    with pytest.raises(ProxyError if "proxy" in way else TLSError) as caught:
        steps.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert not caught.value.sent


def test_no_version_of_tls_that_both_speak(trust: Trust) -> None:
    side = OtherSide(host=trust.server("host.test", oldest=ssl.TLSVersion.TLSv1_3))
    with pytest.raises(TLSError):
        opened(route("TLS"), trust.client(ssl.TLSVersion.TLSv1_2), Packets(side, [1000]))


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=20)
@given(sizes=SIZES, missing=st.integers(1, 60))
def test_an_answer_that_is_cut_off_is_cut_off_through_all_layers(
    trust: Trust, way: str, sizes: list[int], missing: int
) -> None:
    side, layers, exchange = asked(way, trust)
    raw = side.says(ANSWER)
    for piece in pieces_of(raw[: max(len(raw) - missing, 0)], sizes):
        receive(layers, exchange, piece)
    receive(layers, exchange, b"")

    assert not exchange.done
    assert exchange.error is not None
    assert exchange.error.sent


@cases("farewell", ["TLS says so", "TCP says so"])
@cases("way", WAYS)
@cases("size", [1, 10_000])
def test_an_answer_may_end_with_the_connection_and_its_last_words_are_heard(
    trust: Trust, way: str, farewell: str, size: int
) -> None:
    side, layers, exchange = asked(way, trust)

    for piece in pieces_of(side.says(b"HTTP/1.1 200 OK\r\n\r\nhello", goodbye=farewell == "TLS says so"), [size]):
        receive(layers, exchange, piece)
    if farewell == "TCP says so":
        receive(layers, exchange, b"")

    assert (exchange.done, exchange.content(), exchange.reusable) == (True, b"hello", False)


def test_what_tls_says_while_nothing_is_asked_is_no_reason_to_leave(trust: Trust) -> None:
    side = other_side("TLS", trust, answer=b"")
    layers = opened(route("TLS"), trust.client(), Packets(side, [5000]))
    tickets = side.receive(bytes(encrypted(layers, memoryview(REQUEST))))

    assert tickets
    assert not is_stray(layers, tickets)
    assert is_stray(layers, side.says(b"HTTP/1.1 200 OK\r\n\r\n"))


@cases("way", WAYS)
def test_the_end_while_nothing_is_asked_is_a_reason_to_leave(trust: Trust, way: str) -> None:
    side, layers, _ = asked(way, trust)

    assert is_stray(layers, b"")
    assert is_stray(layers, side.says(b"", goodbye=True))


@cases("way", WAYS)
def test_a_fault_in_a_layer_comes_behind_what_came(trust: Trust, way: str) -> None:
    side, layers, exchange = asked(way, trust)
    spoilt = bytearray(side.says(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhell") + side.says(b"o all"))
    spoilt[-1] ^= 1

    receive(layers, exchange, bytes(spoilt))

    assert exchange.take() == b"hell"
    assert exchange.error is not None
    assert "SSL" in str(exchange.error)
    assert not exchange.done


def pieces_of(raw: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    for size in cycle(sizes):
        if not raw:
            return
        yield raw[:size]
        raw = raw[size:]
