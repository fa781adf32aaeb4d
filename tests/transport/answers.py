"""Valid answers as hosts write them, and what each of their bytes brings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from hypothesis import strategies as st

from tests.overlay.pure.cuts import cut
from tests.transport.codings import CODED, Coded, uncoded

type Fields = list[tuple[str, str]]
"""Headers by name, in the order they are sent."""


@dataclass(frozen=True)
class Told:
    """
    One answer.

    Attributes:
        method: of the request that it answers.
        raw: all its bytes.
        begun_at: after how many of them its status and headers are known.
        arrived: how much of the content can be read after as many bytes.
        until_close: whether the end of the connection is its end.
        whole_at: where the end of the connection leaves it whole.
        kept: whether the connection may be used again.
    """

    method: str
    raw: bytes
    status: int
    headers: dict[str, str]
    content: bytes
    begun_at: int
    arrived: tuple[int, ...]
    until_close: bool
    whole_at: frozenset[int]
    kept: bool


TOKENS = st.text("abcXYZ019-_.!#$%&'*+^`|~", min_size=1, max_size=8)
VALUES = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=12).map(
    lambda text: text.strip(" ")
)
_BLANKS = ["", " ", "\t", "  \t"]
_FRAMING = {"connection", "content-encoding", "content-length", "transfer-encoding", "upgrade", "proxy-connection"}
FIELDS = st.lists(st.tuples(TOKENS.filter(lambda name: name.lower() not in _FRAMING), VALUES), max_size=4)
"""Headers that say nothing about where an answer ends."""

# What belongs together is drawn together, which is most of the time that a property takes.
_STATUSES = [200, 201, 205, 299, 301, 400, 404, 429, 500, 503, 599, 600, 999, *[204, 304] * 6]
_CONNECTIONS = ["", "close", "keep-alive", "Keep-Alive, TE", "x, Close"]
_KINDS = st.sampled_from(
    [
        *product(
            ["GET", "GET", "POST", "HEAD"],
            _STATUSES,
            ["1.1", "1.1", "1.0"],
            ["length", "chunked", "close"],
            _CONNECTIONS,
        )
    ]
)
_LINES = st.sampled_from([*product([" OK", " ", "", " No such thing \xfc"], ["\r\n", "\r\n", "\n"])])
_WRITINGS = st.sampled_from([*product([str, str.upper, str.title], _BLANKS, _BLANKS)])
_EXTENSIONS = [b"", b";a", b";a=b", b';a="b c"', b";a;b=c", b" ", b"\t "]
_SIZES = st.sampled_from([*product(["%x", "%X", "0%x", "0%X", "00%x", "00%X"], _EXTENSIONS)])
_LAST_SIZES = st.sampled_from([*product([b"0", b"000"], _EXTENSIONS)])


@st.composite
def heads(draw: st.DrawFn, status: int, fields: Fields, version: str = "1.1") -> bytes:
    """A status line and headers, the way this or that host writes them."""
    reason, line_end = draw(_LINES)
    lines = [f"HTTP/{version} {status}{reason}"]
    for name, value in fields:
        written, before, behind = draw(_WRITINGS)
        if name == "transfer-encoding":
            behind = behind.strip("\t")  # which many readers take for a part of it, so no host writes it
        lines.append(f"{written(name)}:{before}{value}{behind}")
    return line_end.join([*lines, "", ""]).encode("latin-1")


INTERIM = st.tuples(st.sampled_from([100, 102, 103, 104, 199]), FIELDS).flatmap(lambda parts: heads(*parts))
"""What a host may say before it answers."""


@st.composite
def answers(draw: st.DrawFn) -> Told:
    """Any answer there can be: with a length, in chunks or until the end of the connection, and what may go before."""
    method, status, version, framing, connection = draw(_KINDS)
    body: Coded = draw(st.builds(uncoded, st.binary(max_size=80)) | CODED)
    fields: Fields = draw(FIELDS)
    if body.coding:
        fields.append(("content-encoding", draw(st.sampled_from([body.coding, body.coding.upper()]))))
    if framing == "length":
        fields.append(("content-length", draw(st.sampled_from(["", "00"])) + str(len(body.data))))
    elif framing == "chunked":
        fields.append(("transfer-encoding", draw(st.sampled_from(["chunked", "Chunked"]))))
    if connection:
        fields.append(("connection", connection))
    fields = draw(st.permutations(fields))
    begin = b"".join(draw(st.lists(INTERIM, max_size=2))) + draw(heads(status, fields, version))
    bodiless = method == "HEAD" or status in (204, 304)
    kept = (version == "1.1" and "close" not in connection.lower()) or "keep-alive" in connection.lower()
    if bodiless:
        body, rest, arrived = uncoded(b""), b"", [0]
        if method == "HEAD":
            kept = kept and (framing == "length" or (framing == "close" and status in (204, 304)))
        whole_at: frozenset[int] = frozenset()
    elif framing == "chunked":
        rest, arrived = draw(chunked(body))
        whole_at = frozenset()
    else:
        rest, arrived = body.data, list(body.legible)
        whole_at = frozenset(len(begin) + place for place in body.whole_at) if framing == "close" else frozenset()
        kept = kept and framing != "close"
    return Told(
        method=method,
        raw=begin + rest,
        status=status,
        headers=joined(fields),
        content=body.plain,
        begun_at=len(begin),
        arrived=(*[0] * len(begin), *arrived),
        until_close=framing == "close" and not bodiless,
        whole_at=whole_at,
        kept=kept,
    )


@st.composite
def chunked(draw: st.DrawFn, body: Coded) -> tuple[bytes, list[int]]:
    """A body in chunks, and how much of the content can be read after as many of its bytes."""
    pieces = [piece for piece in cut(body.data, draw(st.lists(st.integers(0, 120), max_size=4))) if piece]
    raw, arrived, position = b"", [0], 0
    for piece in pieces:
        size, extension = draw(_SIZES)
        line = (size % len(piece)).encode() + extension + b"\r\n"
        raw += line + piece + b"\r\n"
        arrived += [body.legible[position]] * len(line)
        arrived += body.legible[position + 1 : position + 1 + len(piece)]
        position += len(piece)
        arrived += [body.legible[position]] * 2
    trailers = draw(FIELDS)
    last = b"".join(draw(_LAST_SIZES)) + b"\r\n"
    last += b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in trailers) + b"\r\n"
    return raw + last, [*arrived, *[len(body.plain)] * len(last)]


def joined(fields: Fields) -> dict[str, str]:
    """Headers as a reader finds them: by name in lower case, without the blanks around, those of one name in a row."""
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name.lower(), []).append(value.strip(" \t"))
    return {name: ", ".join(values) for name, values in found.items()}
