"""
A request as a row of the list.

Knows what fits on a line, but not who reads it.
"""

from collections.abc import Callable

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.accounts import Price
from tensormesh_local.console.redaction import query_without_secrets, without_keys
from tensormesh_local.inference.metering import carries_text
from tensormesh_local.request_log import Answer, Record

INFERENCE = ("serverless", "on-demand")
SHOWN = 200

type PriceOf = Callable[[str, str], Price | None]


def split(path: str) -> tuple[str, str]:
    """The surface of a path, and what is below it."""
    surface, slash, below = path.removeprefix("/").partition("/")
    return surface, slash + below


def model_of(body: Json) -> str:
    """The model that a body names."""
    name = body.get("model") if isinstance(body, dict) else None
    return name if isinstance(name, str) else ""


def row(record: Record, price_of: PriceOf) -> JsonObject:
    """Write a request as a row."""
    surface, operation = split(record.path)
    model, tokens = model_of(record.body), record.tokens
    price = None if tokens is None else price_of(surface, model)
    return {
        "number": record.number,
        "id": without_keys(record.request_id),
        "started": record.started,
        "seconds": record.seconds,
        "first": first_token(record.answer),
        "method": record.method,
        "surface": surface,
        "operation": without_keys(operation),
        "query": query_without_secrets(record.query),
        "model": model,
        "status": record.status,
        "state": state(record),
        "fault": record.fault,
        "streamed": isinstance(record.body, dict) and record.body.get("stream") is True,
        "prompt": None if tokens is None else tokens.prompt,
        "cached": None if tokens is None else tokens.cached,
        "completion": None if tokens is None else tokens.completion,
        "cost": None if price is None or tokens is None else f"{price.cost(tokens):f}",
        "text": said_last(record.body)[:SHOWN] if surface in INFERENCE else "",
    }


def state(record: Record) -> str:
    """How far a request is, in a word or two."""
    if record.seconds is None:
        return "open"
    if record.completed:
        return "done"
    return "hung up" if record.hung_up else "cut off"


def first_token(answer: Answer | None) -> float | None:
    """After how many seconds a streamed answer had its first text; None where it is not known."""
    if answer is None or not answer.headers.get("content-type", "").startswith("text/event-stream"):
        return None
    return next((piece.at for piece in answer.pieces if carries_text(piece.data)), None)


def said_last(body: Json) -> str:
    """The text of a request that tells it from others: what was said last."""
    if not isinstance(body, dict):
        return ""
    found = next((body[name] for name in ("messages", "input", "prompt") if body.get(name)), None)
    while isinstance(found, list) and found:
        found = found[-1]
        if isinstance(found, dict):
            found = next((found[name] for name in ("content", "text", "output", "arguments") if found.get(name)), None)
    return found if isinstance(found, str) else ""
