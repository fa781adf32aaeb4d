"""One line of an output: the answer to a row, as OpenAI writes it, its beginning of a form that is read at once."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NamedTuple

from tensormesh_batch.money.price import PER_USD, Tokens, dollars
from tensormesh_overlay.json_values import from_json

_HEAD = re.compile(
    rb'\{"id":"batch_req_([0-9a-f]{16})","tokens":(?:\[(\d+),(\d+),(\d+)\]|null),"cost_usd":(?:"([0-9.]+)"|null),'
)


class Head(NamedTuple):
    """
    What the beginning of a line says.

    Attributes:
        key: of the row.
        tokens: what the host counted, None where it did not.
        cost: in millionths of a millionth of a dollar, None where it is not known.
    """

    key: int
    tokens: Tokens | None
    cost: int | None


def answer_line(
    key: int, custom_id: str, status: int, request_id: str | None, body: bytes, tokens: Tokens | None, cost: int | None
) -> bytes:
    """
    The line of an answer.

    Args:
        body: as the host sent it; what is no single line of UTF-8 is made one.
    """
    if not _is_line(body):
        body = _text(from_json(body))
    return b'%s"custom_id":%s,"response":{"status_code":%d,"request_id":%s,"body":%s},"error":null}\n' % (
        _head(key, tokens, cost),
        _text(custom_id),
        status,
        _text(request_id),
        body,
    )


def error_line(
    key: int,
    custom_id: str,
    error: dict[str, Any],
    *,
    status: int | None,
    request_id: str | None,
    body: Any,
    cost: int | None,
) -> bytes:
    """The line of a row that failed: what the host said, if it said anything, and what it means."""
    response = None if status is None else {"status_code": status, "request_id": request_id, "body": body}
    return b'%s"custom_id":%s,"response":%s,"error":%s}\n' % (
        _head(key, None, cost),
        _text(custom_id),
        _text(response),
        _text(error),
    )


def head(line: bytes) -> Head | None:
    """What the beginning of a line says, also where somebody wrote it anew; None where it is no line of ours."""
    found = _HEAD.match(line) or _HEAD.match(_as_ours(line))
    if found is None:
        return None
    key, prompt, cached, completion, cost = found.groups()
    tokens = None if prompt is None else Tokens(int(prompt), int(cached), int(completion))
    return Head(int(key, 16), tokens, None if cost is None else int(Decimal(cost.decode()) * PER_USD))


def _as_ours(line: bytes) -> bytes:
    """The beginning of a line that was written anew: with other spaces, or its keys in another order."""
    if b"batch_req_" not in line:
        return b""
    try:
        value = from_json(line)
    except (ValueError, RecursionError):
        return b""
    if not isinstance(value, dict):
        return b""
    names = ("id", "tokens", "cost_usd")
    return _text({name: value.get(name) for name in names}).removesuffix(b"}") + b","


def whole_head(line: bytes) -> Head | None:
    """The same of a line that is not torn; the last one of a file may lack its end, and nothing else."""
    if not line.endswith(b"\n"):
        try:
            from_json(line)
        except (ValueError, RecursionError):
            return None
    return head(line)


def _is_line(body: bytes) -> bool:
    if not body.startswith(b"{") or b"\n" in body or b"\r" in body or b"\0" in body:
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _head(key: int, tokens: Tokens | None, cost: int | None) -> bytes:
    counted = b"null" if tokens is None else b"[%d,%d,%d]" % tokens
    paid = b"null" if cost is None else b'"%s"' % f"{dollars(cost):f}".encode()
    return b'{"id":"batch_req_%016x","tokens":%s,"cost_usd":%s,' % (key, counted, paid)


def _text(value: Any) -> bytes:
    # Half a character has no UTF-8; its escape is JSON.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
