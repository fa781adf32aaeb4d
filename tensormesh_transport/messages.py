"""What goes out and what comes back, as values, and what carries them, as protocols."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Hashable, Iterator, Mapping
from typing import NamedTuple, Protocol


class Timeouts(NamedTuple):
    """
    Seconds that the parts of one exchange may take.

    Attributes:
        connect: until there is a connection: a free place, the name, TCP, the proxy, TLS.
        first_byte: from then on until the headers of the answer are there. While a large request is being sent, it
            limits the silence between two pieces that the host takes.
        idle: silence between two pieces of the body.
        total: all of it together, or None.
    """

    connect: float
    first_byte: float
    idle: float
    total: float | None


MAX_BYTES = 256 * 1024 * 1024
"""How long the content of a whole answer may be, decompressed, where nothing else is said."""

BEGINNING_BYTES = 1024 * 1024
"""How much is kept of one that is longer."""


class Request(NamedTuple):
    """
    One request as it goes out. Its `repr` shows no header, so it shows no key.

    Attributes:
        method: such as GET, in capitals.
        base_url: `http://` or `https://`, a host, perhaps a port and a path that all paths begin with.
        path: the rest of the URL, percent-encoded, with its query.
        headers: in lower case, without those that are worked out here: host, content-length.
        content: the body, or None for a request without one.
        max_bytes: how long the content of the answer may be, decompressed, where it is read as a whole.
    """

    method: str
    base_url: str
    path: str
    headers: Mapping[str, str]
    content: bytes | None
    timeouts: Timeouts
    max_bytes: int = MAX_BYTES

    def __repr__(self) -> str:
        return f"Request({self.place})"

    @property
    def url(self) -> str:
        return self.base_url + self.path

    @property
    def place(self) -> str:
        """What is called, for messages: without the query, where a key may travel."""
        return f"{self.method} {self.base_url}{self.path.partition('?')[0]}"


class Response(NamedTuple):
    """One whole answer as it came in, its content decompressed; header names in lower case."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def resent(self) -> bool:
        """Whether the request was sent a second time, over a new connection."""
        return False

    def __repr__(self) -> str:
        return f"Response({self.status_code})"


class ResentResponse(Response):
    """The answer to a request that was sent a second time."""

    __slots__ = ()

    @property
    def resent(self) -> bool:
        return True


class Body(Protocol):
    """
    An answer whose body is still arriving. Whoever leaves it before its end closes it.

    Iterating gives its pieces, decompressed, as they come: all that arrived is handed out before an error is raised.
    """

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def resent(self) -> bool:
        """Whether the request was sent a second time, over a new connection."""
        ...

    def __iter__(self) -> Iterator[bytes]: ...
    def finish(self) -> None:
        """The rest is not wanted: keep the connection where the end of the body comes within a moment."""
        ...

    def close(self) -> None:
        """Let go of the connection. Another thread that reads from it finds the end of the body."""
        ...


class AsyncBody(Protocol):
    """The asynchronous version of `Body`."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def resent(self) -> bool: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def finish(self) -> None: ...
    async def close(self) -> None: ...


class Transport(Protocol):
    """Carries requests. `send`, `open` and the reading of a body raise `TransportError`s and nothing else."""

    def prepare(self, base_url: str) -> None:
        """Load what a request to one place needs, so that the first is as quick as any."""
        ...

    def send(self, request: Request) -> Response: ...
    def open(self, request: Request) -> Body: ...
    def close(self) -> None: ...


class AsyncTransport(Protocol):
    """The asynchronous version of `Transport`."""

    async def prepare(self, base_url: str) -> None: ...
    async def send(self, request: Request) -> Response: ...
    async def open(self, request: Request) -> AsyncBody: ...
    async def close(self) -> None: ...
    async def sleep(self, seconds: float) -> None:
        """Wait, in the event loop that this transport runs in."""
        ...

    async def aside[T](self, key: Hashable, work: Callable[[], T]) -> T:
        """
        Do work that takes its time, out of the way of the event loop.

        Args:
            key: what is the same for the same work: all who wait for it at the same time share it.
        """
        ...
