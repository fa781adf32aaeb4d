"""Which connections are worth keeping, for how long, and how one that nobody hears from is found to be dead."""

from __future__ import annotations

import socket

IDLE_SECONDS = 30.0
"""How long an unused connection is kept: gateways forget theirs after a minute or so, and some do not say so."""

DRAIN_SECONDS = 0.25
"""How long the end of a body may take to arrive once a stream has said its last word."""

_PROBES = {"TCP_KEEPIDLE": 60, "TCP_KEEPALIVE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
"""Seconds of silence before the first probe (under one name or the other), between two, and how many go unanswered."""

SOCKET_OPTIONS: list[tuple[int, int, int | bytes]] = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *((socket.IPPROTO_TCP, getattr(socket, name), value) for name, value in _PROBES.items() if hasattr(socket, name)),
]
"""
Send at once, and ask for probes: a long silence neither makes a router forget the connection, nor hides that the host
is gone.
"""
