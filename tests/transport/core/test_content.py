"""Compressed content reads the same however it is cut, and is handed out as far as it can be read."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_transport.core.content import CODINGS, MAX_PIECE_BYTES, Decoder
from tests.overlay.pure.cuts import PLACES, cut
from tests.transport.codings import CODED, Coded

HELLO = gzip.compress(b"Hello.")


def drained(decoder: Decoder) -> bytes:
    """All that can be read by now."""
    made = []
    while piece := decoder.read():
        made.append(piece)
    return b"".join(made)


def outcome(coding: str, pieces: list[bytes]) -> tuple[bytes, str]:
    """What is read of the pieces, and the fault, if any, or whether it is cut off."""
    decoder, read = Decoder(coding), b""
    try:
        for piece in pieces:
            decoder.feed(piece)
            while made := decoder.read():
                read += made
    except zlib.error as error:
        return read, str(error)
    return read, "whole" if decoder.over else "cut off"


@given(CODED)
def test_after_each_byte_all_is_handed_out_that_can_be_read(one: Coded) -> None:
    decoder, read = Decoder(one.coding), b""
    for position in range(len(one.data)):
        decoder.feed(one.data[position : position + 1])
        read += drained(decoder)
        assert read == one.plain[: one.legible[position + 1]]
    assert read == one.plain


@given(CODED)
def test_content_that_is_cut_off_never_looks_whole(one: Coded) -> None:
    for size in range(len(one.data) + 1):
        read, end = outcome(one.coding, [one.data[:size]])

        assert (read, end == "whole") == (one.plain[: one.legible[size]], size in one.whole_at)


@given(st.sampled_from(CODINGS), st.binary(max_size=300) | CODED.map(lambda one: one.data), PLACES, st.data())
def test_whatever_comes_reads_the_same_however_it_is_cut(
    coding: str, data: bytes, places: list[int], chance: st.DataObject
) -> None:
    """Faults included: a byte in the middle may be another one."""
    if data and chance.draw(st.booleans()):
        place = chance.draw(st.integers(0, len(data) - 1))
        data = data[:place] + chance.draw(st.binary(max_size=2)) + data[place + 1 :]

    whole = outcome(coding, [data])

    assert outcome(coding, cut(data, places)) == whole
    assert outcome(coding, [data[place : place + 1] for place in range(len(data))]) == whole


def test_a_single_byte_is_no_whole_content() -> None:
    assert outcome("gzip", [b"\x1f"]) == (b"", "cut off")


def test_padding_may_come_in_pieces() -> None:
    assert outcome("gzip", [HELLO + b"\0", b"\0\0", b"\x1f\x8b"]) == (b"Hello.", "whole")


def test_what_stands_before_a_fault_is_read() -> None:
    """The checksum is wrong; zlib alone would say so and nothing else."""
    read, end = outcome("gzip", [HELLO[:-8] + bytes(8)])

    assert read == b"Hello."
    assert "incorrect data check" in end


@pytest.mark.parametrize("kind", ["gzip", "deflate", "raw"])
def test_a_bomb_goes_off_in_small_pieces(kind: str) -> None:
    size = 40 * MAX_PIECE_BYTES
    decoder = Decoder("deflate" if kind == "raw" else kind)
    pack = zlib.compressobj(9, zlib.DEFLATED, {"gzip": 31, "deflate": 15, "raw": -15}[kind])
    decoder.feed(pack.compress(bytes(size)) + pack.flush())

    sizes = []
    while piece := decoder.read():
        sizes.append(len(piece))

    assert sum(sizes) == size
    assert max(sizes) <= MAX_PIECE_BYTES
    assert decoder.over
