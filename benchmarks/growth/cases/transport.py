"""From bytes to an answer, and who waits for a connection."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from benchmarks.growth.measurement import Case, Work
from tensormesh_transport.core.exchange import MAX_HEAD_BYTES, Exchange
from tensormesh_transport.core.places import Places
from tensormesh_transport.core.pool import IDLE_SECONDS, Pool
from tensormesh_transport.core.race import Race, addresses
from tensormesh_transport.errors import TransportError, UsageError
from tensormesh_transport.exemptions import is_exempt
from tensormesh_transport.origin import origin

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
LONGEST_HEAD = MAX_HEAD_BYTES // 4


def _zipped(data: bytes, wbits: int = 31) -> bytes:
    pack = zlib.compressobj(wbits=wbits)
    return pack.compress(data) + pack.flush()


def _read(pieces: Iterable[bytes], *, whole: bool) -> None:
    """An answer as a whole, or in pieces as they come."""
    exchange = Exchange("GET", 1 << 40)
    for piece in pieces:
        exchange.feed(piece)
        while not whole and exchange.status and exchange.take():
            pass
    exchange.end()
    if whole and exchange.status:
        try:
            exchange.content()
        except TransportError as error:
            str(error)


def _answer(name: str, pieces: list[bytes], unit: bytes, *, whole: bool, **limits: int) -> Case:
    """The reading of an answer that repeats a packet."""

    def prepare(size: int) -> Work:
        packets = [*pieces, *[unit] * size]
        return lambda: _read(packets, whole=whole)

    return Case(f"transport: {name}, {'whole' if whole else 'in pieces'}", prepare, **limits)


def _packet(name: str, begin: bytes, unit: bytes, **limits: int) -> Case:
    """The reading of an answer that repeats something in one packet."""

    def prepare(size: int) -> Work:
        packet = begin + unit * size
        return lambda: _read([packet], whole=True)

    return Case(f"transport: {name}", prepare, **limits)


def _zip(name: str, unit: bytes, *, whole: bool, cut: int = 0) -> Case:
    """The reading of compressed content, in packets of the usual length."""

    def prepare(size: int) -> Work:
        coded = unit * size if cut == 0 else _zipped(unit * size)[:-cut]
        length = b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(coded)
        packets = [HEAD + length, *(coded[at : at + 65_536] for at in range(0, len(coded), 65_536))]
        return lambda: _read(packets, whole=whole)

    return Case(f"transport: {name}, {'whole' if whole else 'in pieces'}", prepare)


@dataclass(eq=False)
class _Connection:
    key: int
    number: int
    free_since: float = 0.0

    def close(self) -> None: ...


def _waiting(size: int) -> Work:
    def work() -> None:
        places = Places(1)
        for number in range(size):
            if not places.take(number):
                places.wait(number, lambda: None)
        for number in range(size):
            places.leave(number)

    return work


def _gone(size: int) -> Work:
    """Whoever waits gives up, the last one first."""

    def work() -> None:
        places = Places(1)
        for number in range(size):
            if not places.take(number):
                places.wait(number, lambda: None)
        for number in reversed(range(size)):
            places.leave(number)

    return work


def _idle(size: int, *, hosts: int) -> Work:
    connections = [_Connection(number % hosts, number) for number in range(size)]

    def work() -> None:
        pool: Pool[_Connection] = Pool(size)
        for connection in connections:
            pool.add(connection)
            pool.release(connection, 0.0)
        for connection in connections:
            pool.take(connection.key, IDLE_SECONDS + 1)

    return work


def _full(size: int, *, hosts: int) -> Work:
    connections = [_Connection(number % hosts, number) for number in range(2 * size)]

    def work() -> None:
        pool: Pool[_Connection] = Pool(size)
        for number, connection in enumerate(connections):
            pool.add(connection)
            pool.release(connection, number)

    return work


def _race(size: int) -> Work:
    def work() -> None:
        race = Race(addresses([(2 + number % 2, 1, 6, "", ("a", number)) for number in range(size)]), 0.0)
        while race.start(0.0) is not None:
            race.lost(OSError("refused"))
        str(race.error)

    return work


def _address(url: str) -> Work:
    def work() -> None:
        try:
            origin(url)
        except UsageError as error:
            str(error)

    return work


ANSWERS = [
    _answer("pieces of a body", [HEAD + b"\r\n"], b"x" * 99, whole=True),
    _answer("pieces of a body", [HEAD + b"\r\n"], b"x" * 99, whole=False),
    _answer("chunks of a byte", [CHUNKED], b"1\r\nx\r\n", whole=True),
    _answer("chunks of a byte", [CHUNKED], b"1\r\nx\r\n", whole=False),
    _answer("a header, byte by byte", [HEAD + b"x: "], b"x", whole=True, largest=LONGEST_HEAD),
    _answer("headers, one by one", [HEAD], b"x: y\r\n", whole=True, largest=LONGEST_HEAD // 6),
    _answer("interim answers", [], b"HTTP/1.1 100 \r\n\r\n", whole=True, largest=LONGEST_HEAD // 17),
    _packet("headers of one name", HEAD, b"x: y\r\n", largest=LONGEST_HEAD // 6),
    _packet("blank lines before an answer", b"", b"\r\n", largest=LONGEST_HEAD // 2),
    _packet("chunks of a byte in one packet", CHUNKED, b"1\r\nx\r\n"),
    _packet("an extension of a chunk", CHUNKED + b"1;", b"x", largest=LONGEST_HEAD),
    _packet("digits of a chunk", CHUNKED, b"0", largest=LONGEST_HEAD),
    _packet("trailers", CHUNKED + b"0\r\n", b"x: y\r\n", largest=LONGEST_HEAD // 6),
    _zip("gzip", _zipped(b"x" * 99), whole=True),
    _zip("members of gzip that hold nothing", _zipped(b""), whole=True),
    _zip("members of gzip that hold nothing", _zipped(b""), whole=False),
    _zip("gzip without its end", b"0123456789" * 99, whole=True, cut=9),
    _zip("a bomb", bytes(1000), whole=True, cut=1),
]

CONNECTIONS = [
    Case("transport: whoever waits, one after another", _waiting),
    Case("transport: whoever waits gives up", _gone),
    Case("transport: connections that were idle for long", lambda n: _idle(n, hosts=1)),
    Case("transport: connections of many hosts that were idle for long", lambda n: _idle(n, hosts=n)),
    Case("transport: connections that make room", lambda n: _full(n, hosts=1)),
    Case("transport: connections of many hosts that make room", lambda n: _full(n, hosts=n)),
    Case("transport: addresses of a name", _race),
    Case("transport: dots of an address", lambda n: _address("http://" + "a." * n)),
    Case("transport: brackets of an address", lambda n: _address("http://" + "[" * n)),
    Case("transport: signs of an address", lambda n: _address("http://" + "@" * n + ":" * n)),
    Case("transport: stars of an exemption", lambda n: partial(is_exempt, "a" * n, 80, "*a" * (n // 2) + "*b")),
    Case("transport: letters of an address", lambda n: _address("http://" + "ä" * n)),
]

CASES = [*ANSWERS, *CONNECTIONS]
