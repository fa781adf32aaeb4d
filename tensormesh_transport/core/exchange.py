"""One request and its answer: bytes in; status, headers, pieces of the body, and the end out. No I/O."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterable
from functools import lru_cache

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpResponseParser

from tensormesh_transport.core.content import CODINGS, Decoder
from tensormesh_transport.core.whole import Whole, beginning
from tensormesh_transport.errors import RemoteProtocolError, TooLongError, TransportError

MAX_HEAD_BYTES = 128 * 1024
"""How much may come without any piece of a body: interim answers, headers, the frames of chunks, trailers."""

SMALL_BYTES, SMALL_PIECES = 256, 1024

_SWITCHING = 101
_NO_CONTENT = frozenset({_SWITCHING, 204, 304})


class Exchange:
    """
    What the host makes of one request, as far as it has come.

    It never raises: a fault stands in `error`, behind the pieces that came before it.

    Args:
        method: of the request; the answer to HEAD, and a success of CONNECT, has no body.
        limit: how long the content may be, where it is read as a whole.
    """

    __slots__ = (
        "_decoder",
        "_fields",
        "_idle",
        "_interim",
        "_limit",
        "_method",
        "_parser",
        "_pieces",
        "_small",
        "_until_close",
        "done",
        "error",
        "headers",
        "held",
        "reusable",
        "status",
    )

    def __init__(self, method: str, limit: int | None = None) -> None:
        self._method = method
        self._limit = limit
        self._fields: list[tuple[bytes, bytes]] = []
        self._pieces: deque[bytes] = deque()
        self._decoder: Decoder | None = None
        self._interim = False
        self._until_close = False
        self._idle = self._small = 0
        self.held = 0
        """How many bytes of the body have come and were not taken."""
        self.status = 0
        """The status of the answer; 0 until all its headers are there."""
        self.headers: dict[str, str] = {}
        self.done = False
        """Whether the whole answer has come."""
        self.error: TransportError | None = None
        self.reusable = True
        """Whether the connection may carry another exchange once this one is done."""
        self._parser = parser = HttpResponseParser(self)
        # Both are common among old hosts, and leave no doubt about where a head, or a chunk, ends.
        parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True)

    @property
    def over(self) -> bool:
        """Whether nothing more can come."""
        return self.done or self.error is not None

    @property
    def untouched(self) -> bool:
        """Whether not a byte of an answer has come."""
        return not (self.status or self._idle)

    def feed(self, data: bytes | memoryview) -> None:
        """Bytes have come."""
        while data:
            if self.over:
                self.reusable = False
                return
            # No more at once than may come: in whatever packets a head arrives, it is refused or it is not.
            room = MAX_HEAD_BYTES - self._idle
            if not room:
                self._fail(f"more than {MAX_HEAD_BYTES} bytes came without any of the content")
                return
            self._parse(data[:room])
            data = data[room:]

    def _parse(self, data: bytes | memoryview) -> None:
        self._idle += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.reusable = False
        except HttpParserCallbackError as error:
            if isinstance(error.__context__, MemoryError):
                self._too_long(self._pieces, "there is no memory for more of the answer")
                return
            # What a handler of signals raises in the middle of the parser's work, which keeps it to itself.
            raise error.__context__ or error from None
        except HttpParserError as error:
            self._fail(f"this is not HTTP: {error}")

    def end(self) -> None:
        """Nothing more will come: the host has closed the connection."""
        self.reusable = False
        if self.over:
            return
        if self._until_close and self.status:
            self._complete()
        elif self.status:
            self._fail("the host closed the connection before the answer was complete")
        else:
            self._fail("the host closed the connection before it had answered")

    def fail(self, error: TransportError) -> None:
        """The connection is of no use any more. What breaks off an exchange may have been seen by the host."""
        self.reusable = False
        if not self.over:
            error.sent = True
            self.error = error

    def check_begun(self) -> None:
        """
        Whether there is an answer, be it broken off later.

        Raises:
            TransportError: why there is none.
        """
        if self.error is not None and not self.status:
            raise self.error

    def take(self) -> bytes:
        """What has come of the content and was not taken, or a part of it; empty where there is nothing."""
        pieces, decoder = self._pieces, self._decoder
        if decoder is None:
            self.held = 0
            if len(pieces) == 1:
                return pieces.popleft()
            data = b"".join(pieces)
            pieces.clear()
            return data
        try:
            while not (made := decoder.read()) and pieces:
                piece = pieces.popleft()
                self.held -= len(piece)
                decoder.feed(piece)
        except zlib.error as error:
            self._undecodable(str(error))
            return b""
        if not made and self.done and not decoder.over:
            self._undecodable("it is cut off")
        return made

    def content(self) -> bytes:
        """
        The content of an answer that is done.

        Raises:
            TransportError: what broke it off.
        """
        pieces = self._pieces
        if self._decoder is None and self.error is None and len(pieces) < 2:
            return self.take()
        try:
            with Whole(self.status, self.headers, self._limit) as whole:
                while self._decoder is None and pieces:
                    whole.add(pieces.popleft())
                while piece := self.take():
                    whole.add(piece)
                if self.error is not None:
                    raise self.error
                return whole.content()
        except TooLongError as error:
            self._give_up(error)
            raise

    # What the parser finds.

    def on_message_begin(self) -> None:
        if self.done:
            self.reusable = False  # more than one answer

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.status:  # or it is a trailer
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        if self.over:
            return
        status = self._parser.get_status_code()
        fields, self._fields = self._fields, []
        self._interim = 100 <= status < 200 and status != _SWITCHING
        if self._interim:
            return
        if status < 100:
            self._fail(f"{status} is no status")
            return
        self.status, self.headers = status, _joined(fields)
        if not self._parser.should_keep_alive():
            self.reusable = False
        if self._method == "HEAD" or (self._method == "CONNECT" and 200 <= status < 300):
            if "transfer-encoding" in self.headers:
                self.reusable = False  # the beginning of a chunk may follow, and the parser would not tell
            self._complete()
        elif status not in _NO_CONTENT:
            self._expect_content(fields)

    def _expect_content(self, fields: list[tuple[bytes, bytes]]) -> None:
        transfer = self.headers.get("transfer-encoding")
        if transfer is not None:
            # Between chunks a missing CR would make good for a size that is wrong by one.
            self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=False)
            if not _are_chunks(fields):
                self._fail(f"a body of the transfer-encoding {transfer!r} cannot be read")
        coding = self.headers.get("content-encoding", "").lower()
        if coding in CODINGS:
            self._decoder = Decoder(coding)
        self._until_close = transfer is None and "content-length" not in self.headers

    def on_body(self, body: bytes) -> None:
        if self.over:
            self.reusable = False
            return
        if self._interim:
            self._fail("an interim answer came with a body, which none has")
            return
        self._idle = 0
        self.held += len(body)
        self._pieces.append(body)
        if len(body) < SMALL_BYTES and self._limit is not None:
            self._join_small()
        if self._limit is not None and self.held > self._limit:
            self._too_long(self._pieces if self._decoder is None else [self.take()])

    def _join_small(self) -> None:
        """Small pieces take many times the room of what is in them: of so many of them, one is made."""
        self._small += 1
        if self._small == SMALL_PIECES:
            self._small = 0
            last = [self._pieces.pop() for _ in range(min(SMALL_PIECES, len(self._pieces)))]
            self._pieces.append(b"".join(reversed(last)))

    def on_message_complete(self) -> None:
        if self._interim:
            self._interim = False
        elif not self.over:
            self._complete()

    def _complete(self) -> None:
        self.done = True
        if self.status == _SWITCHING:
            self.reusable = False  # what comes next is no HTTP

    def _fail(self, what: str) -> None:
        self.fail(RemoteProtocolError(what))

    def _too_long(self, pieces: Iterable[bytes], what: str = "") -> TooLongError:
        what = what or f"the answer is longer than {self._limit} bytes"
        error = TooLongError(what, self.status, self.headers, beginning(pieces, self._limit))
        self._give_up(error)
        return error

    def _undecodable(self, why: str) -> None:
        self._give_up(RemoteProtocolError(f"the {self.headers['content-encoding']} content cannot be read: {why}"))

    def _give_up(self, error: RemoteProtocolError) -> None:
        """Nothing of what came and was not taken can be handed out any more."""
        self._pieces.clear()
        self.held = 0
        self.done, self.reusable = False, False
        self.error = error


@lru_cache(maxsize=256)
def _name(raw: bytes) -> str:
    """The name of a header. Hosts send the same few in every answer."""
    return raw.decode("latin-1").lower()


def _joined(fields: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by their names in lower case; those of one name become one, as HTTP allows."""
    headers: dict[str, str] = {}
    several: dict[str, list[str]] = {}
    for raw_name, raw_value in fields:
        name, value = _name(raw_name), raw_value.decode("latin-1").strip(" \t")
        if name in headers:
            several.setdefault(name, [headers[name]]).append(value)
        else:
            headers[name] = value
    return headers | {name: ", ".join(values) for name, values in several.items()}


def _are_chunks(fields: list[tuple[bytes, bytes]]) -> bool:
    """Whether a body comes in chunks, in the eyes of the parser: it takes a tab behind the word for a part of it."""
    codings = [value for name, value in fields if name.lower() == b"transfer-encoding"]
    return [coding.rstrip(b" ").lower() for coding in codings] == [b"chunked"]
