"""
What every Python imports that is started with this folder on its path: it reaches nothing but this machine.

A connection, a datagram or a look-up that would lead elsewhere fails, and a line in the file that `INTERPLAY_OUTBOUND`
names tells of it, also where the library swallows the failure.
"""

import os
import sys
from typing import Any

_HERE = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - to listen on


def _host(event: str, arguments: tuple[Any, ...]) -> Any:
    if event == "socket.getaddrinfo":
        return arguments[0]
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        return address[0] if isinstance(address, tuple) else None
    return None


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    host = _host(event, arguments)
    name = host.decode("latin-1") if isinstance(host, bytes) else host
    if not name or str(name).startswith(_HERE):
        return
    with open(os.environ["INTERPLAY_OUTBOUND"], "a", encoding="utf-8") as told:
        told.write(f"{event} {name}\n")
    raise OSError(f"{name} is on another machine, and nothing here may ask for one")


sys.addaudithook(_refuse)
