"""One call, told of from its beginning to its end."""

from __future__ import annotations

from time import perf_counter
from types import TracebackType
from typing import Any, NamedTuple

from opentelemetry import context, propagate
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context

from tensormesh_overlay.telemetry import conventions as names
from tensormesh_overlay.telemetry.answers import answer_attributes
from tensormesh_overlay.telemetry.content import answer_content, request_content
from tensormesh_overlay.telemetry.labels import labels, measured
from tensormesh_overlay.telemetry.listener import Listener, not_told
from tensormesh_overlay.telemetry.requests import settings
from tensormesh_runtime.types import Response, StreamRequest

_NOTHING: dict[str, Any] = {}


class _Failure(NamedTuple):
    """What is told of an error. The error itself holds the frames that it went through, and is not held."""

    type: str
    text: str
    status_code: int | None
    request_id: str | None


class Recording:
    """
    A call that was begun. As a context manager it is what goes on meanwhile, and an error ends it.

    Attributes:
        request: the call, with the headers that lead whoever answers it to its span.
    """

    __slots__ = (
        "_began",
        "_context",
        "_failure",
        "_first_chunk",
        "_labels",
        "_listener",
        "_of",
        "_open",
        "_token",
        "request",
        "request_id",
    )

    def __init__(self, listener: Listener, request: Any, base_url: str | None, within: context.Context) -> None:
        self._began = perf_counter()
        self._listener = listener
        body, more = request.json or _NOTHING, request.options.body
        if more:
            body = {**body, **more}
        model = body.get("model")
        self._of = request.operation.id, model if isinstance(model, str) else None, base_url
        name, asked, self._labels = labels(*self._of, streams=isinstance(request, StreamRequest))
        told = asked | settings(body)  # a copy: samplers of the program see it
        span = listener.tracer.start_span(name, within, SpanKind.CLIENT, told)
        if listener.captures and span.is_recording():
            span.set_attributes(request_content(body))
        self._open: list[Span] = [span]
        self._failure: _Failure | None = None
        self._first_chunk: float | None = None
        self._context = set_span_in_context(span, within)
        self._token: Any = None
        self.request_id: str | None = None
        carrier: dict[str, str] = {}
        propagate.inject(carrier, self._context)
        if carrier:
            told_on = [(key.lower(), value) for key, value in carrier.items()]
            request = request._replace(headers=(*request.headers, *told_on))
        self.request = request

    def __enter__(self) -> None:
        self._token = context.attach(self._context)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        context.detach(self._token)
        if error is not None:
            self.failed(error)
            self._end(None)

    def answered[T](self, response: Response[T]) -> Response[T]:
        """The answer is there, and whole."""
        self.request_id = response.request_id
        self._end(response.parsed)
        return response

    def failed(self, error: BaseException) -> None:
        """Something went wrong, and is what is told of how the call ended, unless something else does."""
        status, request_id = getattr(error, "status_code", None), getattr(error, "request_id", None)
        text = str(error) if self._listener.captures else ""
        self._failure = _Failure(type(error).__qualname__, text, status, request_id)

    def _end(self, answer: Any) -> None:
        try:
            span = self._open.pop()  # once, whichever thread is first
        except IndexError:
            return
        try:
            self._tell(span, answer)
        except Exception:  # whatever those who listen raise, the answer is handed out
            not_told()

    def _tell(self, span: Span, answer: Any) -> None:
        listener, failure, records = self._listener, self._failure, span.is_recording()
        told = answer_attributes(answer) if answer is not None and (records or listener.measures) else {}
        if listener.measures:
            self._measure(told)
        if records:
            if listener.captures and answer is not None:
                told |= answer_content(answer)
            if self._first_chunk is not None:
                told[names.TIME_TO_FIRST_CHUNK] = self._first_chunk
            request_id = self.request_id
            if failure is not None:
                told[names.ERROR_TYPE] = failure.type
                if isinstance(failure.status_code, int):
                    told[names.STATUS_CODE] = failure.status_code
                span.set_status(Status(StatusCode.ERROR, failure.text or None))
                request_id = request_id or failure.request_id
            if request_id is not None:
                told[names.REQUEST_ID] = (request_id,)
            span.set_attributes(told)
        span.end()

    def _measure(self, told: dict[str, Any]) -> None:
        listener, took, failure = self._listener, perf_counter() - self._began, self._failure
        answered = told.get(names.RESPONSE_MODEL)
        attributes, key = measured(*self._of, answered, None)
        listener.tokens.add(told, key)
        if self._first_chunk is not None:
            listener.first_chunk.record(self._first_chunk, attributes, self._context)
        if failure is not None:
            attributes, _ = measured(*self._of, answered, failure.type)
        listener.duration.record(took, attributes, self._context)
