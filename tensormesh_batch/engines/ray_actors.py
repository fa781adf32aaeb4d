"""Workers in actors of Ray, on as many machines as it has."""

from __future__ import annotations

import asyncio
from importlib import import_module
from types import TracebackType
from typing import Any, Self

from tensormesh_batch.engines.member import Member
from tensormesh_batch.engines.messages import Message
from tensormesh_batch.errors import WorkerError

LISTENING_SECONDS = 0.25
"""So long a question to an actor stays open: what it is told meanwhile waits as long."""

SILENCE_SECONDS = 30.0
"""An actor that is not asked for so long has lost its run."""


class Actor:
    """What runs in an actor: a worker, and the messages from and to it."""

    def __init__(self) -> None:
        self._out: list[Message] = []
        self._came = asyncio.Event()
        self._member: Member | None = None
        self._watch: asyncio.TimerHandle | None = None

    async def exchange(self, messages: list[Message]) -> list[Message]:
        """Hear messages, and say what there is to say, if need be after a moment."""
        loop = asyncio.get_running_loop()
        if self._watch is not None:
            self._watch.cancel()
        if self._member is None:
            self._member = Member(self._send)
        self._watch = loop.call_later(SILENCE_SECONDS, self._member.leave)
        for message in messages:
            self._member.hear(message)
        if not self._out:
            self._came.clear()
            try:
                async with asyncio.timeout(LISTENING_SECONDS):
                    await self._came.wait()
            except TimeoutError:
                pass
        said, self._out = self._out, []
        return said

    async def leave(self) -> None:
        """End at once, but for writing down what was answered."""
        if self._member is not None:
            self._member.leave()
            await self._member.ended

    def _send(self, message: Message) -> None:
        self._out.append(message)
        self._came.set()


class ActorChannel:
    """
    What leads to an actor.

    Args:
        ray: the library.
        actor: a handle of it.
    """

    def __init__(self, ray: Any, actor: Any) -> None:
        self._ray = ray
        self._actor = actor
        self._out: list[Message] = []
        self._in: list[Message] = []
        self._given_up = asyncio.Event()
        self._how = ""

    def send(self, message: Message) -> None:
        self._out.append(message)

    async def receive(self) -> Message | None:
        while not self._in:
            out, self._out = self._out, []
            asked = asyncio.ensure_future(_answer(self._actor.exchange.remote(out)))
            gone = asyncio.ensure_future(self._given_up.wait())
            try:
                await asyncio.wait((asked, gone), return_when=asyncio.FIRST_COMPLETED)
                if not asked.done():
                    return None
                self._in = list(asked.result())
            except self._ray.exceptions.RayError as error:
                self._how = f"the last one: {str(error).strip().splitlines()[0]}"
                return None
            finally:
                asked.cancel()
                gone.cancel()
        return self._in.pop(0)

    def give_up(self) -> None:
        self._given_up.set()

    async def close(self) -> str:
        try:
            if not self._how and not self._given_up.is_set():
                async with asyncio.timeout(10):
                    await _answer(self._actor.leave.remote())
        except (self._ray.exceptions.RayError, TimeoutError):
            pass
        self._ray.kill(self._actor)
        return self._how


async def _answer(reference: Any) -> Any:
    return await reference


class RayCluster:
    """
    A cluster, joined: the one of `RAY_ADDRESS` or of this machine, else one of its own.

    Attributes:
        processors: how many it has, which is how many workers it gets if nothing is said.

    Raises:
        WorkerError: Ray is not installed.
    """

    def __init__(self) -> None:
        try:
            ray: Any = import_module("ray")  # a type checker need not have it
        except ImportError as error:
            raise WorkerError("engine='ray' needs Ray on all nodes: pip install ray") from error
        self._ray: Any = ray
        self._ray = ray
        self._own = not ray.is_initialized()
        if self._own:
            ray.init(logging_level="warning")
        self.processors = max(int(ray.cluster_resources().get("CPU", 1)), 1)
        self._actor = ray.remote(num_cpus=1, max_restarts=0, scheduling_strategy="SPREAD")(Actor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own:
            self._ray.shutdown()

    async def launch(self) -> ActorChannel:
        """Start a worker; it begins as soon as there is a processor for it."""
        return ActorChannel(self._ray, self._actor.remote())
