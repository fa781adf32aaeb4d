"""Who watches a stream while it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tensormesh_overlay.sent_secrets import SentSecrets
from tensormesh_overlay.streaming.assembly import Assembly
from tensormesh_overlay.streaming.concealment import ConcealingDecoder
from tensormesh_runtime.kinds import Kind
from tensormesh_transport.messages import AsyncBody, Body


class Watch(Protocol):
    """Gives a stream what it is read with, and so sees what comes, and how it ends."""

    def decoder(
        self, assembly: Assembly, kind: Kind, max_event_bytes: int, max_kept_bytes: int, end: str
    ) -> ConcealingDecoder:
        """What decodes its events."""
        ...

    def body(self, body: Body) -> Body:
        """What it reads from, in place of the body."""
        ...

    def async_body(self, body: AsyncBody) -> AsyncBody: ...


class Concealment:
    """
    What a stream is read with (a `Watch`), so that its errors show nothing of what the call sent.

    Args:
        secrets: finds out what that is, once something has failed.
        watch: who else watches it.
    """

    __slots__ = ("_secrets", "_watch")

    def __init__(self, secrets: Callable[[], SentSecrets], watch: Watch | None) -> None:
        self._secrets = secrets
        self._watch = watch

    def decoder(
        self, assembly: Assembly, kind: Kind, max_event_bytes: int, max_kept_bytes: int, end: str
    ) -> ConcealingDecoder:
        """What decodes its events."""
        make = ConcealingDecoder if self._watch is None else self._watch.decoder
        made = make(assembly, kind, max_event_bytes, max_kept_bytes, end)
        made.secrets = assembly.secrets = self._secrets
        return made

    def body(self, body: Body) -> Body:
        """What it reads from."""
        return body if self._watch is None else self._watch.body(body)

    def async_body(self, body: AsyncBody) -> AsyncBody:
        """The asynchronous version of `body`."""
        return body if self._watch is None else self._watch.async_body(body)
