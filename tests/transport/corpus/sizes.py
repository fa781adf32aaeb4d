"""More than one needs to say."""

from __future__ import annotations

from tests.transport.corpus.dubious import (
    BAD,
    HELLO,
    KEPT,
    LENGTH,
    NO,
    OK,
    Dubious,
)

# fmt: off
SIZES = [
    Dubious("a header of 60 KB", OK + b"X: " + b"a" * 60000 + b"\r\n" + LENGTH + HELLO,
            KEPT, KEPT, BAD),
    Dubious("a header of 130 KB", OK + b"X: " + b"a" * 130000 + b"\r\n" + LENGTH + HELLO,
            KEPT, KEPT, BAD),
    Dubious("a header of 500 KB", OK + b"X: " + b"a" * 500000 + b"\r\n" + LENGTH + HELLO,
            NO, NO, BAD),
    Dubious("a name of 60 KB", OK + b"a" * 60000 + b": b\r\n" + LENGTH + HELLO,
            KEPT, KEPT, BAD),
    Dubious("100 headers of one name", OK + b"X: a\r\n" * 100 + LENGTH + HELLO,
            KEPT, KEPT, KEPT),
    Dubious("1,000 headers", OK + b"".join(b"X-%d: a\r\n" % n for n in range(1000)) + LENGTH + HELLO,
            KEPT, KEPT, BAD),
    Dubious("10,000 headers", OK + b"".join(b"X-%d: a\r\n" % n for n in range(10000)) + LENGTH + HELLO,
            KEPT, KEPT, BAD),
    Dubious("a reason of 60 KB", b"HTTP/1.1 200 " + b"a" * 60000 + b"\r\n" + LENGTH + HELLO,
            KEPT, KEPT, BAD),
    Dubious("a reason of 500 KB", b"HTTP/1.1 200 " + b"a" * 500000 + b"\r\n" + LENGTH + HELLO,
            NO, NO, BAD),
]
