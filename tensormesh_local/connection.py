"""
The TCP connection below a request.

Knows how to reset it, which HTTP servers keep from their applications,
but not why anybody would.
"""

import asyncio
import socket
import struct

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_TRANSPORT = "tensormesh_local.transport"
_LINGER_NOT = struct.pack("ii", 1, 0)


class Connection(H11Protocol):
    """An HTTP connection whose requests know its transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, as uvicorn does, with an application that is told of the transport."""
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: Scope, receive: object, send: object) -> None:
            scope[_TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = with_transport


def reset_connection(scope: Scope) -> None:
    """Drop the connection of a request at once; where the system can, the peer is told so with a reset."""
    transport: asyncio.Transport = scope[_TRANSPORT]
    found = transport.get_extra_info("socket")
    if found is not None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()
