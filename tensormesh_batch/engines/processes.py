"""Workers in processes of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

from tensormesh_batch.engines import process
from tensormesh_batch.engines.messages import Message

_LONGEST_MESSAGE = 256 << 20
_ENDING_SECONDS = 10.0
_PACKAGES = Path(__file__).resolve().parents[2]


class ProcessChannel:
    """
    What leads to a process.

    Args:
        running: it.
    """

    def __init__(self, running: asyncio.subprocess.Process) -> None:
        if running.stdin is None or running.stdout is None:
            raise TypeError("a worker is talked to by its standard input and output")
        self._process = running
        self._stdin, self._stdout = running.stdin, running.stdout

    def send(self, message: Message) -> None:
        if not self._stdin.is_closing():
            self._stdin.write(json.dumps(message).encode() + b"\n")

    async def receive(self) -> Message | None:
        try:
            line = await self._stdout.readline()
        except ConnectionError:
            return None
        if not line.endswith(b"\n"):
            return None
        found: Message = json.loads(line)
        return found

    def give_up(self) -> None:
        self._stdin.close()

    async def close(self) -> str:
        self._stdin.close()
        try:
            async with asyncio.timeout(_ENDING_SECONDS):
                code = await self._process.wait()
        except TimeoutError:
            self._process.kill()
            code = await self._process.wait()
        # Its pipes are closed when their ends have been seen, and not when it has ended.
        await self._stdout.read()
        with contextlib.suppress(ConnectionError):
            await self._stdin.wait_closed()
        return _ending(code)


async def launch() -> ProcessChannel:
    """Start a worker."""
    paths = [str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        process.__name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_MESSAGE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        start_new_session=True,  # Ctrl-C in a terminal is for the run
    )
    return ProcessChannel(running)


def _ending(code: int) -> str:
    if code >= 0:
        return f"the last one ended with exit code {code}; what it said stands above"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    more = "; is there enough memory?" if name == "SIGKILL" else ""
    return f"the last one was ended by {name}{more}"
