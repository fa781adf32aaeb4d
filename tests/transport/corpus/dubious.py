"""An answer of which more than one thing can be made, or nothing."""

from __future__ import annotations

import gzip
import zlib
from typing import NamedTuple

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: 5\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
HELLO = b"\r\nhello"
CHUNKS = b"\r\n5\r\nhello\r\n0\r\n\r\n"

# What a reader makes of an answer.
KEPT = "read"
"""The answer is 200 with the content `hello`, and the connection is used again."""
SHUT = "read, connection closed"
LAST = "read once the host closes the connection"
NO = "RemoteProtocolError"
"""Ours, and the error of httpx of the same name."""
NO_CONTENT = "DecodingError"
"""The same, of httpx, for compressed content."""
BAD = "ClientResponseError"
"""The same, of aiohttp, for what it cannot read."""
BAD_CONTENT = "ClientPayloadError"
"""The same, of aiohttp, for a body that breaks off, or whose compression is wrong."""
NEXT_FAILS = "read, but the next call fails"


class Dubious(NamedTuple):
    """
    What a host sends in answer to one request.

    Attributes:
        what: words for the table.
        raw: the bytes, in one packet or many.
        ours: what both pumps of ours make of them. It is one of the words above, or begins with status or content
            where they are others than 200 and `hello`.
        httpx: what httpx makes of them.
        aiohttp: what aiohttp makes of them.
        method: of the request.
    """

    what: str
    raw: bytes
    ours: str
    httpx: str
    aiohttp: str
    method: str = "GET"


def zipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def raw(content: bytes) -> bytes:
    """`deflate` without its header."""
    pack = zlib.compressobj(wbits=-15)
    return pack.compress(content) + pack.flush()


def coded(coding: bytes, body: bytes) -> bytes:
    """An answer whose body is said to be compressed."""
    return OK + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (coding, len(body)) + body


ZIP = zipped(b"hello")
