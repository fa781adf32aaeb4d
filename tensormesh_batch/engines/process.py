"""`python -m tensormesh_batch.engines.process`: a worker that its run talks to by standard input and output."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading

from tensormesh_batch.engines.member import Member
from tensormesh_batch.engines.messages import Message

_CHUNK = 1 << 16


def main() -> None:
    # Ctrl-C reaches all processes of a terminal; what becomes of it is the run's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.dup(1)
    os.dup2(2, 1)  # whatever else prints does not do so between the messages
    asyncio.run(_work(out))


async def _work(out: int) -> None:
    def send(message: Message) -> None:
        data = memoryview(json.dumps(message).encode() + b"\n")
        try:
            while data:
                data = data[os.write(out, data) :]
        except OSError:
            member.leave()

    member = Member(send)
    threading.Thread(target=_listen, args=(member, asyncio.get_running_loop()), daemon=True).start()
    await member.ended


def _listen(member: Member, loop: asyncio.AbstractEventLoop) -> None:
    rest = b""
    while data := os.read(0, _CHUNK):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            loop.call_soon_threadsafe(member.hear, json.loads(line))
    loop.call_soon_threadsafe(member.leave)


if __name__ == "__main__":
    main()
