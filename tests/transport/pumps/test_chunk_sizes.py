"""
A chunk longer than can be counted is an error as soon as it is said.

The host neither goes on nor closes here, so that whoever waited for more would wait until a limit.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tensormesh_transport.errors import RemoteProtocolError
from tests.transport.pumps.readers import PUMPS, Plan
from tests.transport.pumps.tellings import outcome_of
from tests.transport.pumps.world import Event

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
DIGITS = 17
"""With so many, either of the sizes below is beyond 64 bits."""

pytestmark = [
    pytest.mark.parametrize("pump", PUMPS),
    pytest.mark.parametrize("whole", [True, False], ids=["whole", "stream"]),
    pytest.mark.parametrize("size", [b"f" * 18, b"1" + b"0" * 17], ids=bytes.decode),
]


def packet_of_the_error(pump: str, whole: bool, packets: Sequence[bytes]) -> float:
    """With which packet it is over, counted from 0; all come within the shortest of the limits."""
    events = [Event(number / 64, "say", packet) for number, packet in enumerate(packets)]

    outcome = outcome_of(pump, Plan(whole=whole), events)

    assert isinstance(outcome.error, RemoteProtocolError)
    assert outcome.error.sent
    assert not outcome.kept
    return outcome.at * 64


def test_in_the_packet_behind_the_headers(pump: str, whole: bool, size: bytes) -> None:
    assert packet_of_the_error(pump, whole, [HEAD, size + b"\r\n"]) == 1


def test_wherever_the_packets_are_cut(pump: str, whole: bool, size: bytes) -> None:
    raw, told = HEAD + size + b"\r\n", len(HEAD) + DIGITS

    for place in range(1, len(raw)):
        assert packet_of_the_error(pump, whole, [raw[:place], raw[place:]]) == (0 if place >= told else 1)


def test_in_a_packet_for_each_byte(pump: str, whole: bool, size: bytes) -> None:
    packets = [bytes([byte]) for byte in HEAD + size + b"\r\n"]

    assert packet_of_the_error(pump, whole, packets) == len(HEAD) + DIGITS - 1
