"""
One answer checked against its operation: status, headers, content type, body.

Knows what an HTTP answer is made of; does not count or report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import cast

from tensormesh_contract.documents.operations import Operation
from tensormesh_contract.documents.shapes import Shape
from tensormesh_contract.evaluation.changes import FAILS_ON_WRONG
from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.evaluation.promises import promise_deviations
from tensormesh_contract.evaluation.secrets import sounds_secret, without_keys, without_secrets
from tensormesh_contract.evaluation.spelling import respelt, spelling_deviations
from tensormesh_contract.evaluation.streams import stream_deviations
from tensormesh_contract.evaluation.substitutes import redirect, substitute
from tensormesh_contract.evaluation.values import Deviation, Sightings, deviations
from tensormesh_contract.evaluation.wishes import wish_deviations
from tensormesh_contract.exchanges.exchange import BODILESS, Answer, Exchange, Promise
from tensormesh_contract.json_values import in_words
from tensormesh_documents.json_types import Json
from tensormesh_documents.library import Node

JSON = "application/json"
EVENTS = "text/event-stream"
STREAMED = frozenset(
    {EVENTS, "application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-seq"}
)
"""What may be the answer where a stream was asked for."""
BUSY = frozenset({501, 503})
"""Documented ways of a server to say no, and not faults of it."""

_NO_ANSWER_OF_IT = frozenset({Kind.MEDIA_TYPE, Kind.BODY, Kind.ERROR_AS_SUCCESS})

REFUSALS = frozenset({400, 415, 422})
"""What a request gets that is wrong in itself. The ids of an example need not exist, nor may anybody do everything."""

# Names of HTTP itself, and of what stands between a host and its caller.
_PLUMBING = re.compile(
    r"(?x) accept(-.*)? | access-control-.* | age | akamai-.* | allow | alt-svc | cache-control | cdn-.* | cf-.*"
    r" | connection | content-.* | cross-origin-.* | date | etag | expires | fly-.* | keep-alive | last-modified | link"
    r" | location | nel | openai-processing-ms | permissions-policy | pragma | priority | proxy-.* | referrer-policy"
    r" | report-to | reporting-endpoints | request-id | rndr-id | server(-timing)? | set-cookie"
    r" | strict-transport-security | traceparent | tracestate | trailer | transfer-encoding | upgrade | vary | via"
    r" | warning | www-authenticate"
    r" | x-accel-.* | x-amz.* | x-azure-.* | x-b3-.* | x-cache.* | x-cloud-trace-context | x-content-type-options"
    r" | x-correlation-id | x-download-options | x-envoy-.* | x-fastly-.* | x-forwarded-.* | x-frame-options"
    r" | x-goog-.* | x-kong-.*"
    r" | x-ms-.* | x-permitted-.* | x-powered-by | x-process(ing)?-time | x-railway-.* | x-real-ip | x-render-.*"
    r" | x-response-time | x-robots-tag | x-runtime | x-served-by | x-timer | x-ua-compatible | x-varnish | x-vercel-.*"
    r" | x-xss-protection"
)


def answer_deviations(exchange: Exchange, operation: Operation, sightings: Sightings) -> Iterator[Deviation]:
    """Check the answer of an exchange against its operation; where nothing came, say so."""
    answer = exchange.answer
    if answer is None:
        hangs = exchange.problem.startswith("it hangs")
        detail = exchange.problem.removeprefix("it ") if hangs else f"does not answer: {exchange.problem}"
        yield Deviation(Kind.NO_ANSWER, operation.node, "", "", detail, None)
        return
    response, named = operation.response(answer.status)
    responses = operation.node["responses"]
    where = str(answer.status)
    if answer.status >= 500 and answer.status not in BUSY:
        # What form a failure has is not what is wrong with it.
        wrong = exchange.promise in (Promise.CHECKS, Promise.REQUIRES)
        detail = "fails on this request"
        yield Deviation(
            Kind.SERVER_ERROR,
            responses,
            where,
            "",
            detail,
            _start(answer, operation),
            change=FAILS_ON_WRONG if wrong else "",
        )
        return
    if not named and (elsewhere := redirect(answer, operation)) is not None:
        yield elsewhere
        return
    if not named:
        rest = ", only its `default` covers it" if answer.status >= 400 else ""
        detail = f"is a status that the operation does not declare{rest}"
        yield Deviation(Kind.STATUS, responses, "", where, detail, answer.status)
    if exchange.example and answer.status in REFUSALS:
        detail = "is the answer to an example of the document"
        yield Deviation(Kind.EXAMPLE_REFUSED, operation.node, where, "", detail, _start(answer, operation))
    found: list[Deviation] = []
    if response is not None:
        yield from _headers(answer, operation, response, where, sightings)
        found = [*_body(exchange, answer, operation, response, where, sightings)]
        yield from found
    # What is no answer of this operation, such as the page of a proxy, has accepted nothing.
    if not (answer.succeeded and any(one.kind in _NO_ANSWER_OF_IT for one in found)):
        yield from promise_deviations(exchange, operation, lambda: _start(answer, operation))


def _headers(
    answer: Answer, operation: Operation, response: Node, where: str, sightings: Sightings
) -> Iterator[Deviation]:
    documented = operation.headers(response)
    node = response.get("headers") or response
    for name, (shape, required) in documented.items():
        value = answer.header(name)
        sightings.note_header(where, name, shape.node if shape is not None else node, sent=value is not None)
        if value is None and required:
            yield Deviation(Kind.MISSING_HEADER, node, where, name, "is required and was not sent", None)
        elif value is not None and shape is not None:
            for one in deviations(_as(value, shape), shape, "", None):
                yield Deviation(Kind.HEADER_VALUE, one.node, where, name, one.detail, value)
    for name, value in answer.headers:
        if name not in documented and _PLUMBING.fullmatch(name) is None:
            detail = "is sent, and not documented"
            yield Deviation(Kind.UNDOCUMENTED_HEADER, node, where, name, detail, value, sounds_secret(name))


def _as(value: str, shape: Shape) -> Json:
    """Read a header as the type that the document gives it; where it cannot be, leave it a text."""
    if "string" in shape.types or not shape.types:
        return value
    try:
        return cast("Json", json.loads(value))
    except ValueError:
        return value


def _body(
    exchange: Exchange, answer: Answer, operation: Operation, response: Node, where: str, sightings: Sightings
) -> Iterator[Deviation]:
    documented = operation.content(response)
    if exchange.problem:
        breaks = "hangs" if exchange.problem.startswith("it hangs") else "breaks off"
        detail = f"{breaks} after {len(answer.body):,} bytes: {exchange.problem}"
        yield Deviation(Kind.BODY, response, where, "", detail, _start(answer, operation))
    if not answer.body:
        empty = not documented or operation.may_be_empty or answer.status in BUSY | BODILESS
        if not empty and not exchange.problem:
            yield Deviation(Kind.BODY, response, where, "", "has no body, and the document shows one", None)
        return
    kind = answer.media_type
    shape = documented.get(JSON)
    if shape is not None and kind.endswith(("/json", "+json")):
        instead = substitute(answer, shape, response, where, lambda: _start(answer, operation))
        if instead is not None:
            yield instead
            return
    wanted = _wanted(exchange, operation, answer.status, list(documented))
    if kind not in wanted:
        said = f"is {kind or 'of no content type'}, documented as {in_words(wanted)}"
        if kind in documented:
            asked = (
                "a stream was asked for and none came"
                if kind not in STREAMED
                else "a stream came and none was asked for"
            )
            said = f"{said}: {asked}"
        yield Deviation(Kind.MEDIA_TYPE, response, where, kind or "none", said, _start(answer, operation))
        return
    if kind == EVENTS:
        yield from _carrier(exchange, answer, operation, response, where)
        if not answer.events:
            return
        failure, _ = operation.response(500)
        errors = operation.content(failure).get(JSON) if failure is not None else None
        for one in stream_deviations(answer.events, operation, errors, where, sightings, exchange.request.json):
            if not exchange.problem or one.kind is not Kind.STREAM_END:
                yield one
        return
    if exchange.problem:
        return  # what is left of a value is none
    shape = documented[kind]
    if shape is not None:
        if not kind.endswith(("/json", "+json")):
            yield from deviations(answer.body.decode("utf-8", "replace"), shape, f"{where} ", sightings)
            return
        if answer.reading.flaw:
            yield Deviation(Kind.BODY, response, where, "", answer.reading.flaw, _start(answer, operation))
        if not answer.reading.readable:
            return
        value, spelt = respelt(answer.json, shape, "")
        yield from spelling_deviations(spelt, f"{where} ")
        yield from deviations(value, shape, f"{where} ", sightings)
        if answer.succeeded and isinstance(value, dict):
            yield from wish_deviations(exchange.request.json, [value], operation, shape, where)


def _carrier(
    exchange: Exchange, answer: Answer, operation: Operation, response: Node, where: str
) -> Iterator[Deviation]:
    """Check what carries the events of a stream: text, with an event in it."""
    if exchange.problem:
        return  # it may have broken off in the middle of a character
    try:
        answer.body.decode("utf-8")
    except UnicodeDecodeError as exc:
        detail = f"is no UTF-8, from byte {exc.start} on"
        yield Deviation(Kind.BODY, response, where, "", detail, _start(answer, operation))
    if not answer.events:
        detail = "is a stream without an event in it"
        yield Deviation(Kind.BODY, response, where, "", detail, _start(answer, operation))


def _wanted(exchange: Exchange, operation: Operation, status: int, documented: list[str]) -> list[str]:
    """Give the content types an answer may have: where a stream may be asked for, it is one or it is none."""
    if operation.stream is None or status != 200 or EVENTS not in documented:
        return documented
    asked = exchange.request.json
    field = asked.get(operation.stream.field) if isinstance(asked, dict) else None
    if field is not None and not isinstance(field, bool):
        return documented  # engines read "yes" and 1 in their own way
    return [name for name in documented if (name in STREAMED) is (field is True)]


def _start(answer: Answer, operation: Operation) -> str:
    """Show how a body begins; one that is JSON, whatever its content type says, without what sounds like a secret."""
    if answer.json is None:
        return without_keys(answer.body[:1_000].decode("utf-8", "replace"))[:200]
    return json.dumps(without_secrets(answer.json, operation.node.document), ensure_ascii=False)[:200]
