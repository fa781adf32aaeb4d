"""asyncio's own loop under the name of uvloop, whose connections are made in C: `sitecustomize` does not see those."""

from asyncio import new_event_loop

__all__ = ["new_event_loop"]
