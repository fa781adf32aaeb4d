"""
What a host sends in place of the answer that its document shows: a redirect, an error, a wrapped answer.

Knows each by its looks, so that it is told as the one thing that it is, and not field by field.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from tensormesh_contract.documents.operations import Operation
from tensormesh_contract.documents.shapes import Shape
from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.evaluation.values import Deviation
from tensormesh_contract.exchanges.exchange import Answer
from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_documents.library import Node

NOT_MODIFIED = 304
_OF_ERRORS = frozenset({"code", "detail", "details", "error", "errors", "message", "msg", "reason", "status", "type"})
_SAYING = frozenset({"detail", "error", "errors", "message", "msg"})
"""What errors have, and what an answer says with that has nothing else."""


def redirect(answer: Answer, operation: Operation) -> Deviation | None:
    """Tell whether an answer leads elsewhere, and where; what stands there is not asked."""
    if not 300 <= answer.status < 400 or answer.status == NOT_MODIFIED:
        return None
    to = leads_to(answer)
    detail = f"is a redirect{f' to {to}' if to else ''}, and redirects are not followed"
    return Deviation(Kind.STATUS, operation.node["responses"], "", str(answer.status), detail, answer.status)


def leads_to(answer: Answer) -> str:
    """Say where a redirect leads, without what may be secret in it."""
    try:
        parts = urlsplit(answer.header("location") or "")
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:
        return "an address that is none"
    return f"{parts.scheme}://{host}{parts.path}" if host else parts.path


def substitute(answer: Answer, shape: Shape, response: Node, where: str, shown: Callable[[], Json]) -> Deviation | None:
    """
    Tell whether the JSON of a success is an error, or has the answer somewhere within.

    Args:
        answer: the answer.
        shape: what its JSON should be.
        response: where the document says so.
        where: its status.
        shown: gives what to show of it.
    """
    value = answer.json
    if not answer.succeeded or not isinstance(value, dict) or not (shape.properties or "array" in shape.types):
        return None  # or any object may be meant
    known = value.keys() & shape.properties.keys()
    says_no_more = bool(shape.required) and not known and value.keys() <= _OF_ERRORS and bool(value.keys() & _SAYING)
    if (value.get("error") and known <= {"error"}) or says_no_more:
        detail = "is an error, and its status says success"
        return Deviation(Kind.ERROR_AS_SUCCESS, response, where, "", detail, shown())
    name = _within(value, shape)
    if name is None:
        return None
    inner = value[name]
    # An answer may have a field of the name that holds it: then more of it has to be within than without.
    if known and not (isinstance(inner, dict) and len(inner.keys() & shape.properties.keys()) > len(known)):
        return None
    return Deviation(Kind.ENVELOPE, response, where, name, "holds the answer, and the document has it bare", shown())


def _within(value: JsonObject, shape: Shape) -> str | None:
    """Name the one field that looks like what its object should be."""
    names = [name for name, inner in value.items() if _looks_like(inner, shape)]
    return names[0] if len(names) == 1 else None


def _looks_like(value: Json, shape: Shape) -> bool:
    if isinstance(value, list):
        return "array" in shape.types
    if not isinstance(value, dict) or "object" not in shape.types:
        return False
    return bool(value.keys() & shape.properties.keys()) and value.keys() >= {*shape.required}
