"""What is made of dubious answers, by ours and by others, and whether the connection serves the next call."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

from tensormesh_transport.core.exchange import Exchange
from tests.cases import cases
from tests.overlay.scripted_host import CLOSE, ScriptedHost, answer
from tests.transport.corpus.chapters import CHAPTERS
from tests.transport.corpus.dubious import KEPT, LAST, NEXT_FAILS, SHUT, Dubious
from tests.transport.readers import READERS

ENTRIES = [
    pytest.param(entry, id=f"{chapter}: {entry.what}") for chapter, entries in CHAPTERS.items() for entry in entries
]
NEXT = b"the next"
READS_ZSTD = {"aiohttp": sys.version_info >= (3, 14), "httpx": find_spec("zstandard") is not None}
"""Others read it where Python does, or where a library for it is installed: the corpus tells of where they do not."""


@contextmanager
def a_host() -> Iterator[ScriptedHost]:
    host = ScriptedHost().start()
    yield host
    host.stop()
    assert host.faults == []


def made_of(entry: Dubious, name: str, host: ScriptedHost, *, closed: bool) -> str:
    """
    What a reader makes of an answer, in the words of the corpus.

    Args:
        closed: whether the host closes the connection behind it.
    """
    reader = READERS[name]()
    host.plays((entry.raw, CLOSE) if closed else (entry.raw,), answer(200, NEXT))
    try:
        try:
            status, content = reader.ask(entry.method, host.url)
        except Exception as error:  # whatever it is: its name is compared
            return type(error).__name__
        if len(host.asked) == 2:
            return "asked again"
        fate = LAST if closed else after(reader.ask("GET", host.url), host)
    except Exception:  # the corpus says whether it may be
        fate = NEXT_FAILS
    finally:
        reader.close()
    return fate.replace("read", read(entry, status, content), 1)


def after(next_answer: tuple[int, bytes], host: ScriptedHost) -> str:
    if next_answer != (200, NEXT):
        return f"read, and the next call gets `{next_answer[1].decode()}`"
    return KEPT if host.asked[-1].connection == 1 else SHUT


def read(entry: Dubious, status: int, content: bytes) -> str:
    if (status, content) == (200, b"" if entry.method == "HEAD" else b"hello"):
        return "read"
    if len(content) > 1000:
        return f"read: {len(content):,} bytes"
    if content and content in entry.raw and not content.isalpha():
        return "read as it came"
    said = f"`{content.decode()}`" if content else "nothing"
    if status == 200:
        return f"read: {said}"
    return f"read: {status} {said}" if content else f"read: {status}"


@pytest.mark.parametrize("reader", READERS)
@cases("entry", ENTRIES)
def test_what_is_made_of_an_answer(entry: Dubious, reader: str) -> None:
    if "`zstd`" in entry.what and READS_ZSTD.get(reader):
        return
    expected = {"httpx": entry.httpx, "aiohttp": entry.aiohttp}.get(reader, entry.ours)
    closed = expected.endswith(("Error", "again", LAST.removeprefix("read")))

    with a_host() as host:
        assert made_of(entry, reader, host, closed=closed) == expected


@cases("entry", ENTRIES)
def test_the_cut_makes_no_difference_to_ours(entry: Dubious) -> None:
    raw, step = entry.raw, 1 + len(entry.raw) // 4000
    outcomes = set()
    for size in (len(raw), step, 7 * step, 1000 * step):
        exchange = Exchange(entry.method)
        for begin in range(0, len(raw), size):
            exchange.feed(raw[begin : begin + size])
        exchange.end()
        pieces = []
        while piece := exchange.take():
            pieces.append(piece)
        outcomes.add((exchange.status, b"".join(pieces), exchange.done, str(exchange.error)))

    assert len(outcomes) == 1


def test_no_two_answers_go_by_one_name() -> None:
    for entries in CHAPTERS.values():
        names = [entry.what for entry in entries]
        assert len(names) == len({*names})
