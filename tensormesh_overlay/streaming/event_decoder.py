"""The bytes of a stream in, its events as decoded JSON out. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tensormesh_overlay.error_bodies import is_error, is_list_of_an_error
from tensormesh_overlay.errors import (
    APIConnectionError,
    APITimeoutError,
    StreamError,
    StreamTimeoutError,
    StreamTruncatedError,
)
from tensormesh_overlay.json_values import from_json
from tensormesh_overlay.sent_secrets import SentSecrets, no_secrets
from tensormesh_overlay.status_errors import BODY_SHOWN
from tensormesh_overlay.streaming.assembly import Assembly
from tensormesh_overlay.streaming.concealment import concealed
from tensormesh_overlay.streaming.event_errors import event_error
from tensormesh_overlay.streaming.event_template import EventTemplate
from tensormesh_overlay.streaming.halves import Halves, may_hold_halves
from tensormesh_overlay.streaming.sse import MAX_EVENT_BYTES, Event, SSEDecoder
from tensormesh_runtime.kinds import ANY, Kind
from tensormesh_transport.messages import MAX_BYTES

DONE = b"[DONE]"
HEARTBEATS = frozenset({"ping", "heartbeat", "keepalive", "keep-alive", "keep_alive"})
"""Names of events that only say that the host is there, whatever is in them."""
TEMPLATES = 8
"""How many templates of events are tried, one after the other, before one has to be of use."""
Decoded = tuple[str, bytes, Any]
"""The name of an event, its data, and what that is as JSON."""


class Unlike(dict[str, Any]):
    """An event that is not what the documents say. A model of it is made with care, and not by adoption."""


class EventDecoder:
    """
    Decodes the events of one stream, shows each to its assembly, and knows when nothing more will come.

    Args:
        kind: what an event is. One that is something else is handed out as `Unlike`.
        max_event_bytes: how long an event may be.
        max_kept_bytes: after how much of the stream the assembly has to let go of what it added up to.
        end: what ends the stream, as the documents say it: the data of the last event, or `type:` and its type.
        secrets: finds out what no error may show.
    """

    def __init__(
        self,
        assembly: Assembly,
        kind: Kind = ANY,
        max_event_bytes: int = MAX_EVENT_BYTES,
        max_kept_bytes: int = MAX_BYTES,
        end: str = "",
        secrets: Callable[[], SentSecrets] = no_secrets,
    ) -> None:
        self._assembly = assembly
        self._kind = kind
        self._max_kept = self._room = max_kept_bytes
        self._sse = SSEDecoder(max_event_bytes)
        self._limit = max_event_bytes
        self._end = DONE if not end or end.startswith("type:") else end.encode()
        self._secrets = secrets
        self._halves: Halves | None = None
        self._template: EventTemplate | None = None
        self._templates_left = TEMPLATES
        self._fault: StreamError | None = None
        self._begin: bytes | None = b""
        self.done = False
        """Whether the host said that it is finished: `[DONE]`, or what the documents say in its place."""
        self.over = False
        """Whether reading on is of no use."""
        self.request_id: str | None = None
        """The host's name for the call, for errors."""

    def feed(self, piece: bytes) -> list[dict[str, Any]]:
        """The events that `piece` completes, up to a fault, which `flush` raises once they are handed out."""
        if self.over:
            return []
        objects = self._take(self._sse.feed(piece))
        self._room -= len(piece)
        if self._room < 0 and not self.over:
            self._let_go()
        if self._begin is not None:
            self._begin = None if objects else (self._begin + piece)[:200]
        return objects

    def flush(self, cause: APIConnectionError | None = None) -> Iterator[dict[str, Any]]:
        """
        The events that the end of the stream completes, or the fault of the connection that cut it off.

        Raises:
            StreamEventError: the host reported an error.
            StreamTruncatedError: the host was not finished, or the connection broke.
            StreamTimeoutError: the host was silent for too long.
            StreamError: an event was not a JSON object, or longer than any host should send.
        """
        try:
            yield from self._rest(cause)
        except StreamError as error:
            error.request_id = self.request_id
            raise concealed(error, self._secrets())  # noqa: B904 - it is the same one

    def _rest(self, cause: APIConnectionError | None) -> Iterator[dict[str, Any]]:
        if not self.over:
            yield from self._take([event for event in self._sse.flush() if _is_whole(event, self._end)])
        if self._sse.stray and self._fault is None:
            yield from self._plain(b"\n".join(self._sse.stray))
        if self._halves is not None:
            yield from self._take_decoded(
                [("message", b"", event) for event in self._assembly.add_halves(self._halves)], ends=False
            )
        for event in self._assembly.flush():
            # It has the frame of the last one, whatever that was.
            yield event if self._kind.fits(event) else Unlike(event)
        if self._fault is not None:
            raise self._fault
        if cause is not None:
            raise broken(cause) from cause
        if self._assembly.empty and (self.done or self._assembly.complete):
            raise StreamError("the stream ended, and there was nothing of an answer in it")
        if not (self.done or self._assembly.complete):
            rest = "snapshot() gives what came"
            if self._begin and self._begin.strip():
                rest = f"it held no event and began {_text(self._begin)!r}. Is the base URL that of the API?"
            raise StreamTruncatedError(f"the stream ended before the host said it was finished; {rest}")

    def _let_go(self) -> None:
        self._room = self._max_kept
        self._assembly.let_go()
        if self._halves is not None:
            self._halves.let_go()

    def _take(self, events: list[Event]) -> list[dict[str, Any]]:
        ends = bool(events) and events[-1][1] == self._end
        if ends:
            events = events[:-1]
        if (alike := self._by_template(events)) is not None:
            return self._take_decoded(alike, ends)
        objects = self._take_decoded(self._together(events) or self._one_by_one(events), ends)
        if self._templates_left and len(objects) == len(events) > 0:
            self._templates_left -= 1
            plain = self._assembly.plain(objects[-1])
            self._template = None if plain is None else EventTemplate.of(events[-1][1], plain)
        return objects

    def _take_decoded(self, events: Iterable[Decoded], ends: bool) -> list[dict[str, Any]]:
        objects: list[dict[str, Any]] = []
        take = self._assembly.take
        try:
            for name, content, data in events:
                if type(data) is not dict:
                    if data in (None, []) or name in HEARTBEATS:
                        continue
                    if is_list_of_an_error(data):
                        raise event_error(data)
                    raise _fault(name, content, f"is not a JSON object: {_text(content)}")
                if name == "error" or (
                    self._assembly.is_error(data) if not data.get("choices") else data.get("error") and is_error(data)
                ):
                    raise event_error(data)
                if self._halves is not None:
                    self._assembly.join_halves(data, self._halves)
                if not take(data):
                    failed = data if self._assembly.failed else None
                    if not self._kind.fits(data):
                        self._assembly.forget(data)
                        data = Unlike(data)
                    if failed is not None:
                        if self._assembly.texts(data):
                            objects.append(data)
                        raise event_error(failed)
                objects.append(data)
            self.done = self.done or ends
        except StreamError as error:
            self._fault = error
        except RecursionError:
            self._fault = StreamError("an event of the stream is nested too deep")
        except MemoryError:
            self._fault = StreamError("there is no memory for an event of the stream, or for what they add up to")
        if self._sse.too_long and not (self.done or self._fault):
            sets = "; max_response_bytes= sets that limit" if self._limit < MAX_EVENT_BYTES else ""
            self._fault = StreamError(f"an event of the stream is longer than {self._limit} bytes{sets}")
        self.over = self.done or self._fault is not None
        return objects

    def _plain(self, content: bytes) -> list[dict[str, Any]]:
        """The events of JSON that came without being one: an error in plain words, or a whole answer."""
        try:
            data = from_json(content)
        except (ValueError, RecursionError):
            data = None
        if self.done:
            # The host has said that it is finished, which takes no error back.
            self._fault = event_error(data) if isinstance(data, dict) and is_error(data) else None
        elif not isinstance(data, dict):
            self._fault = StreamTruncatedError(
                f"the stream ended in {_text(content)!r}; snapshot() gives what came before"
            )
        elif not self._assembly.empty or self._assembly.is_error(data):
            self._fault = event_error(data)
        else:
            return self._take_decoded([("message", b"", event) for event in self._assembly.events_of(data)], ends=False)
        return []

    def _by_template(self, events: list[Event]) -> Iterator[Decoded] | None:
        """Events that are like one before them; None where one is not."""
        if self._template is None or not events:
            return None
        names, contents = zip(*events, strict=True)
        if (values := self._template.events(contents)) is None:
            return None
        self._templates_left = TEMPLATES
        return zip(names, contents, values, strict=True)

    def _together(self, events: list[Event]) -> Iterator[Decoded] | None:
        """Events that came in one piece with their JSON, decoded as one array, which costs less; None if that fails."""
        names, contents = zip(*events, strict=True) if len(events) > 1 else ((), ())
        if not contents or self._end in contents or not all(contents):
            return None
        text = b"[%b]" % b",".join(contents)
        self._watch(text)
        try:
            values = from_json(text)
        except (ValueError, RecursionError, MemoryError):
            return None
        return zip(names, contents, values, strict=True) if len(values) == len(contents) else None

    def _watch(self, content: bytes) -> None:
        """Look for halves of characters. Few hosts send any, so until then there is nothing to join."""
        if self._halves is None and may_hold_halves(content):
            self._halves = Halves()

    def _one_by_one(self, events: list[Event]) -> Iterator[Decoded]:
        """The events with their JSON, up to the host's word that it is finished."""
        for name, content in events:
            text = content.strip()
            if text == self._end:
                self.done = True
                return
            if text:  # or it is a heartbeat
                self._watch(text)
                yield name, content, _decoded(name, text)


def _decoded(name: str, content: bytes) -> Any:
    try:
        return from_json(content)
    except (ValueError, RecursionError) as error:
        if name in HEARTBEATS:
            return None
        raise _fault(name, content, f"is not JSON: {_text(content)!r}") from error


def _fault(name: str, content: bytes, what: str) -> StreamError:
    """The error of an event that is no JSON object; a host may report its own in plain words."""
    if name != "error":
        return StreamError(f"an event of the stream {what}")
    return event_error(content[:BODY_SHOWN].decode("utf-8", "replace"))


def _text(content: bytes) -> str:
    return content[:200].decode("utf-8", "replace")


def broken(error: APIConnectionError) -> StreamError:
    """The stream's own error for one of the connection below it."""
    kind = StreamTimeoutError if isinstance(error, APITimeoutError) else StreamTruncatedError
    return kind(f"{error}; snapshot() gives what came before")


def _is_whole(event: Event, end: bytes) -> bool:
    """Whether the last event, which nothing ended, was meant to be one. Half a number is a number, too."""
    try:
        return type(from_json(event[1])) is dict
    except (ValueError, RecursionError):
        return event[1].strip() == end
