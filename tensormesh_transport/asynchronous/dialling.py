"""Connects to the first address of a name that answers, within an event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from functools import partial

from tensormesh_transport.core.race import Address, Race, addresses, literal
from tensormesh_transport.errors import ConnectError, words
from tensormesh_transport.resources import shortage, tried
from tensormesh_transport.sockets import new_socket


async def connected(host: str, port: int) -> socket.socket:
    """
    A socket that is connected.

    Raises:
        ConnectError: the name is not found, or nobody answers there.
    """
    loop = asyncio.get_running_loop()
    try:
        places = literal(host, port) or addresses(await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError, RuntimeError) as error:
        raise shortage(error) or tried() or ConnectError(words(error)) from error
    return await _won(places, loop)


async def _won(places: Sequence[Address], loop: asyncio.AbstractEventLoop) -> socket.socket:
    race = Race(places, loop.time())
    tries: dict[asyncio.Task[None], socket.socket] = {}
    try:
        while True:
            while (place := race.start(loop.time())) is not None:
                try:
                    sock = new_socket(*place[:3])
                except OSError as error:
                    if (short := shortage(error)) is not None:
                        raise short from error
                    race.lost(error)  # the system has no such family
                else:
                    tries[loop.create_task(loop.sock_connect(sock, place[3]))] = sock
            if race.error is not None:
                raise race.error
            patience = race.next - loop.time() if race.waits else None
            done, _ = await asyncio.wait(tries, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                sock = tries.pop(task)
                failure = task.exception()
                if failure is None:
                    return sock
                sock.close()
                if not isinstance(failure, OSError):
                    raise failure
                race.lost(failure)
    finally:
        for task, sock in tries.items():
            # Only once the event loop does not look at it any more: its number may be the next socket's.
            task.add_done_callback(partial(_forget, sock))
            task.cancel()


def _forget(sock: socket.socket, task: asyncio.Task[None]) -> None:
    sock.close()
    if not task.cancelled():
        task.exception()  # seen
