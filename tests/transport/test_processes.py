"""A forked child has its own connections, and neither speaks over those of its parent nor ends them."""

from __future__ import annotations

import gc
import os
import ssl
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tensormesh_transport.blocking.transport import BlockingTransport
from tensormesh_transport.errors import ConnectTimeoutError
from tests.cases import cases
from tests.overlay.scripted_host import chunk, head
from tests.transport.hosts import Host, Line, request
from tests.transport.pump import Pump

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),  # of threads, which the child does not use
]


def in_a_child(work: Callable[[], object]) -> None:
    """Does `work` in a forked child; what is raised there fails the test."""
    child = os.fork()
    if child == 0:
        try:
            work()
            gc.collect()
            os._exit(0)
        except BaseException:  # it is shown, and the status says so
            traceback.print_exc()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


class Counting:
    """A host that answers with the number of the connection, and streams in two halves."""

    def __init__(self) -> None:
        self._connections = 0
        self.go_on = threading.Event()

    def play(self, line: Line) -> None:
        self._connections += 1
        number = self._connections
        while asked := line.head():
            if asked.startswith("GET /stream"):
                line.send(head(200, transfer_encoding="chunked") + chunk(b"half"))
                self.go_on.wait(9)
                line.send(chunk(b"half") + chunk(b""))
            else:
                line.answer(b"%d" % number)


class Parent:
    """A transport, and a body of it that is read in half, if it is busy."""

    def __init__(self, transport: BlockingTransport, url: str, busy: bool) -> None:
        self.transport, self.url = transport, url
        self.body: Any = None
        self.send()
        if busy:
            self.body = transport.open(request(url, "/stream"))
            assert next(iter(self.body)) == b"half"

    def send(self) -> bytes:
        return self.transport.send(request(self.url, connect=5)).content


def sends(parent: Parent) -> None:
    assert [parent.send(), parent.send()] == [b"2", b"2"]


def closes(parent: Parent) -> None:
    parent.transport.close()
    sends(parent)


def forgets_the_transport(parent: Parent) -> None:
    del parent.transport


def forgets_everything(parent: Parent) -> None:
    vars(parent).clear()


def forgets_the_body_first(parent: Parent) -> None:
    parent.body = None
    gc.collect()
    sends(parent)


def closes_the_body(parent: Parent) -> None:
    if parent.body is not None:
        parent.body.close()
    sends(parent)


def closes_the_body_afterwards(parent: Parent) -> None:
    sends(parent)
    if parent.body is not None:
        parent.body.close()
    assert parent.send() == b"2"


def does_nothing(_: Parent) -> None:
    pass


DEEDS = [
    does_nothing,
    sends,
    closes,
    forgets_the_transport,
    forgets_everything,
    forgets_the_body_first,
    closes_the_body,
    closes_the_body_afterwards,
]


@cases("busy", [False, True], ids=["idle", "busy"])
@cases("deed", DEEDS)
def test_whatever_a_child_does_its_parents_connection_goes_on(
    threads: Pump,
    any_tls: ssl.SSLContext | None,
    certificate: Path,
    deed: Callable[[Parent], None],
    busy: bool,
) -> None:
    counting = Counting()
    with Host(counting.play, any_tls) as host:
        parent = Parent(threads.own_transport(ca_bundle=str(certificate)), host.url, busy)

        in_a_child(lambda: deed(parent))

        counting.go_on.set()
        if busy:
            assert list(parent.body) == [b"half"]
        assert parent.send() == b"1"
        parent.transport.close()


def test_a_child_has_places_of_its_own_and_no_more(threads: Pump) -> None:
    """Also where it lets go of what its parent is in the middle of."""
    counting = Counting()
    with Host(counting.play) as host:
        parent = Parent(threads.own_transport(max_connections=1), host.url, busy=True)

        def use_places() -> None:
            assert parent.send() == b"2"
            parent.body.close()
            body = parent.transport.open(request(host.url, "/stream"))
            with pytest.raises(ConnectTimeoutError):
                parent.transport.send(request(host.url, connect=0.05))
            body.close()
            assert parent.send() == b"3"

        in_a_child(use_places)

        counting.go_on.set()
        assert list(parent.body) == [b"half"]
        parent.transport.close()
