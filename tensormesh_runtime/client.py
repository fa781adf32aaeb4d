"""What the operations ask of a client: to send a request and give its answer. Any object that can, is one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

from tensormesh_runtime.types import Request, Response, StreamRequest

T = TypeVar("T")
E_co = TypeVar("E_co", covariant=True)
F_co = TypeVar("F_co", covariant=True)


class Arriving(Protocol[F_co]):
    """
    What is known of a stream while it arrives, whoever reads it.

    Attributes:
        status_code: the HTTP status.
        headers: by name, in any case.
    """

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def request_id(self) -> str | None:
        """The host's name for this call: what support asks for first."""
        ...

    @property
    def usage(self) -> Any:
        """Tokens used, once the host has said so."""
        ...

    def snapshot(self) -> F_co | None:
        """What has arrived so far, as an answer that was not streamed; None before the first event."""
        ...


@runtime_checkable
class EventStream(Arriving[F_co], Protocol[E_co, F_co]):
    """
    Events as they arrive, and what they add up to. Read it to its end or close it: either gives the connection back.
    """

    def __iter__(self) -> Iterator[E_co]: ...
    def __next__(self) -> E_co: ...
    def text_deltas(self) -> Iterator[str]:
        """The pieces of visible text, in place of the events."""
        ...

    def reasoning_deltas(self) -> Iterator[str]:
        """The pieces of reasoning, in place of the events."""
        ...

    def iter_bytes(self) -> Iterator[bytes]:
        """The body as it comes, in place of the events."""
        ...

    def iter_lines(self) -> Iterator[str]:
        """The lines of the body as they came, in place of the events."""
        ...

    def get_final(self) -> F_co:
        """Read to the end; what the events add up to, as if it had not been streamed."""
        ...

    def close(self) -> None:
        """Stop, and give the connection back."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


@runtime_checkable
class AsyncEventStream(Arriving[F_co], Protocol[E_co, F_co]):
    """The asynchronous version of `EventStream`."""

    def __aiter__(self) -> AsyncIterator[E_co]: ...
    async def __anext__(self) -> E_co: ...
    def text_deltas(self) -> AsyncIterator[str]:
        """The pieces of visible text, in place of the events."""
        ...

    def reasoning_deltas(self) -> AsyncIterator[str]:
        """The pieces of reasoning, in place of the events."""
        ...

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """The body as it comes, in place of the events."""
        ...

    def iter_lines(self) -> AsyncIterator[str]:
        """The lines of the body as they came, in place of the events."""
        ...

    async def get_final(self) -> F_co:
        """Read to the end; what the events add up to, as if it had not been streamed."""
        ...

    async def close(self) -> None:
        """Stop, and give the connection back."""
        ...

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class Client(Protocol):
    """Sends requests and waits."""

    def send(self, request: Request[T], /) -> Response[T]:
        """Send `request`; raises a `TensormeshError` for anything but success."""
        ...

    def stream(self, request: StreamRequest[E_co, F_co], /) -> EventStream[E_co, F_co]:
        """Send `request` and hand out its events as they arrive."""
        ...


class AsyncClient(Protocol):
    """Sends requests and awaits."""

    async def send(self, request: Request[T], /) -> Response[T]:
        """Send `request`; raises a `TensormeshError` for anything but success."""
        ...

    async def stream(self, request: StreamRequest[E_co, F_co], /) -> AsyncEventStream[E_co, F_co]:
        """Send `request` and hand out its events as they arrive."""
        ...
