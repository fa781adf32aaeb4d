"""What a real host once answered is the same answer in whatever packets it comes, and however its end goes missing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tensormesh_transport.core.exchange import Exchange
from tests.cases import cases
from tests.overlay.pure.cuts import cut
from tests.overlay.scripted_host import chunk

FOLDER = Path(__file__).resolve().parents[1] / "transcripts"


@dataclass(frozen=True)
class Recorded:
    """An answer as it stands in a file, and as it came over the connection."""

    name: str
    status: int
    headers: dict[str, str]
    content: bytes
    raw: bytes

    def __str__(self) -> str:
        return self.name


def recorded(file: Path) -> Recorded:
    _, _, answer = file.read_bytes().partition(b"\n")
    head, _, content = answer.partition(b"\n\n")
    line, *fields = head.decode("latin-1").splitlines()
    headers = dict(field.split(": ", 1) for field in fields)
    if "transfer-encoding" in headers:
        events = [event + b"\n\n" for event in content.split(b"\n\n")]
        body = b"".join(map(chunk, [*events, b""]))
        content = b"".join(events)
    else:
        headers["content-length"] = str(len(content))  # an editor has left a line end behind some
        body = content
    lines = [line, *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    raw = "\r\n".join(lines).encode("latin-1") + body
    return Recorded(f"{file.parent.name}/{file.stem}", int(line.split(" ")[1]), headers, content, raw)


RECORDINGS = [recorded(file) for file in sorted(FOLDER.rglob("*.txt"))]


def test_there_are_recordings_of_both_kinds() -> None:
    chunked = [one for one in RECORDINGS if "transfer-encoding" in one.headers]

    assert len(RECORDINGS) > 90
    assert 10 < len(chunked) < len(RECORDINGS) - 10


def check(one: Recorded, pieces: list[bytes]) -> None:
    exchange = Exchange("POST")
    for piece in pieces:
        exchange.feed(piece)

    assert (exchange.status, exchange.headers) == (one.status, one.headers)
    assert exchange.content() == one.content
    assert (exchange.done, exchange.error, exchange.reusable) == (True, None, True)


@cases("one", RECORDINGS, ids=str)
def test_byte_after_byte(one: Recorded) -> None:
    check(one, [one.raw[place : place + 1] for place in range(len(one.raw))])


@given(st.sampled_from(RECORDINGS), st.lists(st.integers(0, 20_000), max_size=16))
def test_in_whatever_packets(one: Recorded, places: list[int]) -> None:
    check(one, cut(one.raw, places))


@given(st.sampled_from(RECORDINGS), st.integers(0, 20_000))
def test_cut_off_anywhere_it_is_not_whole_and_what_came_is_handed_out(one: Recorded, place: int) -> None:
    place %= len(one.raw)
    exchange = Exchange("POST")
    exchange.feed(one.raw[:place])
    exchange.end()

    content = exchange.take()

    assert one.content.startswith(content)
    assert not exchange.done
    assert exchange.error is not None
