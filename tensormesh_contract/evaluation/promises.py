"""
What a host accepts and what it refuses, checked against what the documents promise of a request.

Knows requests that were made to be right or wrong in one thing; of any other, nothing is promised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tensormesh_contract.documents.openness import left_open
from tensormesh_contract.documents.operations import Operation
from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.evaluation.values import Deviation
from tensormesh_contract.exchanges.exchange import Answer, Exchange, Promise
from tensormesh_contract.json_values import type_name, with_article
from tensormesh_documents.json_types import Json

PARAMETER_REFUSALS = frozenset({400, 404, 415, 422, 501})
WHERE = "request"


def promise_deviations(exchange: Exchange, operation: Operation, said: Callable[[], Json]) -> Iterator[Deviation]:
    """
    Check whether a request was accepted or refused as it had to be.

    Args:
        exchange: the request with its answer.
        operation: which it reaches.
        said: gives what the answer begins with.
    """
    answer = exchange.answer
    if answer is None or not _promised(exchange, operation):
        return
    match exchange.promise:
        case Promise.TAKES if answer.status in PARAMETER_REFUSALS:
            detail = f"is documented, and refused with {answer.status} beside a request that succeeds without it"
            yield Deviation(
                Kind.PARAMETER_REFUSED, operation.parameter(exchange.about), WHERE, exchange.about, detail, said()
            )
        case Promise.CHECKS | Promise.REQUIRES | Promise.KNOWS_MODELS if answer.succeeded:
            yield _accepted(exchange, operation, answer)
        case Promise.WANTS_KEY if answer.succeeded:
            detail = "answers without a key, and the document wants one"
            yield Deviation(Kind.OPEN_TO_STRANGERS, operation.node, "", "", detail, None)
        case Promise.KNOWS_KEYS if answer.succeeded:
            detail = "answers to a key that there is not, though not without one"
            yield Deviation(Kind.OPEN_TO_STRANGERS, operation.node, "", "", detail, None)
        case _:
            return


def _promised(exchange: Exchange, operation: Operation) -> bool:
    """Tell whether the document, as it is now, promises anything of a request."""
    name, body = exchange.about, operation.body
    match exchange.promise:
        case Promise.NONE:
            return False
        case Promise.REQUIRES:
            return body is not None and name in body.required
        case Promise.TAKES | Promise.CHECKS:
            return not left_open(operation.parameter(name))
        case _:
            return True


def _accepted(exchange: Exchange, operation: Operation, answer: Answer) -> Deviation:
    name, status = exchange.about, answer.status
    sent = exchange.request.json
    value = sent.get(name) if isinstance(sent, dict) else None
    if exchange.promise is Promise.REQUIRES:
        detail = f"is required, and a request without it is answered with {status}"
        node = operation.body.node if operation.body is not None else operation.node
        return Deviation(Kind.WRONG_ACCEPTED, node, f"{WHERE} without", name, detail, None)
    if exchange.promise is Promise.KNOWS_MODELS:
        detail = f"names a model that there is not, and is answered with {status}"
        return Deviation(Kind.WRONG_ACCEPTED, operation.node, f"{WHERE} for", name, detail, value)
    kind = type_name(value) if value is not None else "text"
    detail = f"is taken as {with_article(kind)}, which the document does not allow"
    return Deviation(Kind.WRONG_ACCEPTED, operation.parameter(name), WHERE, name, detail, value)
