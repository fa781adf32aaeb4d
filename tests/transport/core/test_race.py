"""Addresses are tried one after the other, each with its head start, and the first that answers wins."""

from __future__ import annotations

import socket
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tensormesh_transport.core.race import HEAD_START_SECONDS, Address, Race, addresses, literal
from tensormesh_transport.errors import ConnectError

FAMILIES = st.lists(st.sampled_from([socket.AF_INET, socket.AF_INET6]), max_size=8)


def found(families: list[socket.AddressFamily]) -> list[Any]:
    """What `getaddrinfo` finds, each address told apart by its port."""
    return [(family, socket.SOCK_STREAM, 6, "", ("::", port)) for port, family in enumerate(families)]


def ports(places: list[Address]) -> list[int]:
    return [place[3][1] for place in places]


@given(FAMILIES)
def test_every_address_is_tried_once_and_the_families_take_turns(families: list[socket.AddressFamily]) -> None:
    places = addresses(found(families))

    assert sorted(ports(places)) == list(range(len(families)))
    assert places[:1] == [found(families)[0][:3] + found(families)[0][4:]] if families else places == []
    for family in {*families}:
        own = [place[3][1] for place in places if place[0] == family]
        assert own == sorted(own), "within a family, the order stays"
    pairs = min(families.count(socket.AF_INET), families.count(socket.AF_INET6))
    assert all(one[0] != after[0] for one, after in pairwise(places[: 2 * pairs]))


@given(FAMILIES, st.lists(st.sampled_from(["start", "wait", "wait a bit", "lose"]), max_size=40))
def test_the_next_address_is_tried_when_its_turn_has_come(families: list[Any], steps: list[str]) -> None:
    """Its turn comes when all others have lost, when one has just lost, or when the last has had its head start."""
    now, race = 100.0, Race(addresses(found(families)), 100.0)
    left, running, last, turn = len(families), 0, -1.0, True
    for step in steps:
        if step == "start":
            place = race.start(now)
            due = bool(left) and (not running or turn or now - last >= HEAD_START_SECONDS)
            assert (place is not None) == due
            if due:
                left, running, last, turn = left - 1, running + 1, now, False
        elif step == "lose" and running:
            race.lost(OSError(111, f"refused {running}"))
            running, turn = running - 1, True
        elif step != "lose":
            now += HEAD_START_SECONDS / (1 if step == "wait" else 4)
        assert race.waits == bool(left)
        assert (race.error is not None) == (not left and not running)
        if left and running and not turn:
            assert race.next == last + HEAD_START_SECONDS


@given(st.lists(st.sampled_from(["refused", "unreachable", "  no\n route "]), max_size=6))
def test_what_is_said_is_each_reason_once(reasons: list[str]) -> None:
    race = Race(addresses(found([socket.AF_INET] * len(reasons))), 0.0)
    for reason in reasons:
        assert race.error is None
        assert race.start(0.0) is not None
        race.lost(OSError(reason))

    assert isinstance(race.error, ConnectError)
    assert not race.error.sent
    said = dict.fromkeys(" ".join(reason.split()) for reason in reasons)
    assert str(race.error) == ("; ".join(said) or "the name has no address")


@given(st.ip_addresses().map(str), st.integers(1, 65535))
def test_an_address_is_not_looked_up(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    assert literal(host, port) == [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, (host, port))]


@given(st.sampled_from(["", "localhost", "1.2.3", "1.2.3.4.", "01.2.3.4", "::1%lo", "[::1]", "a.example"]))
def test_a_name_is_looked_up(host: str) -> None:
    assert literal(host, 80) == []
