"""What a stream knows of itself, be it read by a thread or by a task. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.errors import StreamError
from tensormesh_overlay.sent_secrets import SentSecrets, no_secrets
from tensormesh_overlay.streaming.assemblies import assembly
from tensormesh_overlay.streaming.course import Course
from tensormesh_overlay.streaming.event_decoder import EventDecoder
from tensormesh_overlay.streaming.sse import MAX_EVENT_BYTES
from tensormesh_runtime.headers import Headers
from tensormesh_runtime.json_model import JsonModel, note_request_id
from tensormesh_runtime.types import StreamRequest

if TYPE_CHECKING:
    from tensormesh_overlay.streaming.watch import Watch


class Reading[E, F]:
    """What both runners of stream know, and neither has to wait for."""

    def __init__(
        self,
        request: StreamRequest[E, F],
        think: ThinkPolicy,
        status_code: int,
        headers: Mapping[str, str],
        place: str,
        max_bytes: int,
        secrets: Callable[[], SentSecrets] = no_secrets,
        watch: Watch | None = None,
    ) -> None:
        self._request = request
        self._place = place
        self._max_bytes = max_bytes
        stream = request.operation.stream
        self._assembly = assembly(stream.adds if stream else "", think, stream)
        longest = min(MAX_EVENT_BYTES, max_bytes)
        decoder = EventDecoder if watch is None else watch.decoder
        end = stream.end if stream else ""
        self._decoder = decoder(self._assembly, request.event, longest, max_bytes, end, secrets)
        self._assembly.secrets = secrets
        # What does not fit is told apart by the decoder, so that the rest can be made without looking at it again.
        self._parse: Callable[[Any], E] = request.event.decode or request.parse_event
        self.status_code = status_code
        """The HTTP status."""
        self.headers = Headers(headers)
        """The answer's headers, by name in any case."""
        self._course = Course(self.request_id)
        self._decoder.request_id = self.request_id

    @property
    def request_id(self) -> str | None:
        """The host's name for this call: what support asks for first."""
        found: str | None = self.headers.get("x-request-id")
        return found

    def snapshot(self) -> F | None:
        """
        What has arrived so far, as an answer that was not streamed; None before the first event. Each costs as much as
        has arrived.

        Raises:
            StreamError: that is more than may be kept.
        """
        self._check_kept()
        data = self._assembly.result()
        if data is None:
            return None
        parsed = self._request.parse(data)
        if isinstance(parsed, JsonModel) and (request_id := self.request_id):
            note_request_id(parsed, request_id)
        return parsed

    @property
    def usage(self) -> Any:
        """Tokens used, once the host has said so (`stream_options={"include_usage": True}`)."""
        counts = self._assembly.usage()
        return None if counts is None else getattr(self._request.parse({"usage": counts}), "usage", None)

    def _check_kept(self) -> None:
        if self._assembly.lost:
            raise StreamError(
                f"the stream is longer than {self._max_bytes} bytes, the limit that max_response_bytes= sets: what it "
                "adds up to was not kept, and its events can be read as they come"
            )

    def _final(self) -> F:
        final = self.snapshot()
        if not (self._course.ended or self._assembly.complete):
            raise self._course.named(StreamError("the stream was closed before its end; snapshot() gives what came"))
        if final is None:
            raise self._course.named(StreamError("the stream ended, and there was nothing in it"))
        return final

    if not TYPE_CHECKING:  # a checker that sees it takes any attribute for granted

        def __getattr__(self, name: str) -> Any:
            """`get_final_...`, by what the documents call the whole."""
            request = vars(self).get("_request")
            whole = f"get_final_{request.operation.stream.whole}" if request and request.operation.stream else ""
            if name == whole:
                return self.get_final
            hint = f": this stream has {whole}" if whole and name.startswith("get_final_") else ""
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{hint}", name=name, obj=self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._request.operation.id}, HTTP {self.status_code}>"
