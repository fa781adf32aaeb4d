"""Who watches a stream while it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tensormesh_overlay.sent_secrets import SentSecrets
from tensormesh_overlay.streaming.assembly import Assembly
from tensormesh_overlay.streaming.event_decoder import EventDecoder
from tensormesh_runtime.kinds import Kind
from tensormesh_transport.messages import AsyncBody, Body


class Watch(Protocol):
    """Gives a stream what it is read with, and so sees what comes, and how it ends."""

    def decoder(
        self,
        assembly: Assembly,
        kind: Kind,
        max_event_bytes: int,
        max_kept_bytes: int,
        end: str,
        secrets: Callable[[], SentSecrets],
        /,
    ) -> EventDecoder:
        """What decodes its events."""
        ...

    def body(self, body: Body) -> Body:
        """What it reads from, in place of the body."""
        ...

    def async_body(self, body: AsyncBody) -> AsyncBody: ...
