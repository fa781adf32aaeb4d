"""What a process holds at one moment."""

from __future__ import annotations

import gc
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

DESCRIPTORS = Path("/proc/self/fd")
SOCKETS = Path("/proc/net/tcp")
MEMORY = Path("/proc/self/statm")
OPEN_STATES = frozenset({"01", "08"})
"""Established, and closed by the other side alone: what a host still holds."""


class Sample(NamedTuple):
    """
    Attributes:
        objects: what the garbage collector knows, after it has run.
        blocks: pieces of memory that Python's allocator has handed out.
        kilobytes: memory of the process, as the system counts it.
        sockets: open here.
        connections: open at the host.
        threads: alive here.
        tasks: not finished here, in the event loop.
    """

    objects: int
    blocks: int
    kilobytes: int
    sockets: int
    connections: int
    threads: int
    tasks: int


def sample(port: int, tasks: int) -> Sample:
    """
    Count everything.

    Args:
        port: where the host listens.
        tasks: how many tasks the event loop has, which only it can tell.
    """
    gc.collect()
    objects, blocks = len(gc.get_objects()), sys.getallocatedblocks()
    kilobytes = int(MEMORY.read_text(encoding="ascii").split()[1]) * (os.sysconf("SC_PAGE_SIZE") // 1024)
    return Sample(objects, blocks, kilobytes, sockets(), connections(port), threading.active_count(), tasks)


def sockets() -> int:
    """How many this process has open."""
    found = 0
    for descriptor in os.listdir(DESCRIPTORS):
        with suppress(FileNotFoundError):  # of the listing itself
            found += os.readlink(DESCRIPTORS / descriptor).startswith("socket:")
    return found


def connections(port: int) -> int:
    """
    How many connections the host at a port of this machine has.

    Where others open and close theirs meanwhile, the table may list one twice.
    """
    table = (line.split() for line in SOCKETS.read_text(encoding="ascii").splitlines()[1:])
    found = {(local, remote) for _, local, remote, state, *_ in table if state in OPEN_STATES}
    return sum(int(local.partition(":")[2], 16) == port for local, _ in found)
