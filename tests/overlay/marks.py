"""A step of a scripted answer that says that it was reached."""

from __future__ import annotations

import threading

from tests.overlay.scripted_host import PATIENCE_SECONDS


class Mark(threading.Event):
    """Set when the host comes to it, which means that all before it was sent."""

    def wait(self, timeout: float | None = None) -> bool:
        """What the host does with an event: it does not wait for this one."""
        self.set()
        return True

    def reached(self) -> bool:
        """Waits until the host is there, while nothing else runs in this thread."""
        return super().wait(PATIENCE_SECONDS)
