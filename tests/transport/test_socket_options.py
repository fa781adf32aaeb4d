"""How the system is asked to treat a connection."""

from __future__ import annotations

import socket

import pytest

from tests.transport.hosts import Host, Line, request
from tests.transport.pump import Pump


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_what_is_sent_leaves_at_once_and_silence_is_probed(pump: Pump, made: list[socket.socket], address: str) -> None:
    def play(line: Line) -> None:
        while line.head():
            line.answer(b"good")

    with Host(play, address=address) as host:
        transport = pump.transport()
        pump.run(transport.send, request(host.url))
        (sock,) = made

        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        for name, value in {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}.items():
            if hasattr(socket, name):
                assert sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) == value, name
        assert sock.gettimeout() == 0.0
        assert not sock.get_inheritable()

        pump.run(transport.close)
