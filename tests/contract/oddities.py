"""
What hosts and the proxies before them do beside drifting: odd JSON, odd streams, other answers than the one asked for.

Rows as in `drifts`, and those that are right although few hosts do so: of these nothing may be found.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

from tensormesh_contract.evaluation.findings import Kind
from tests.contract.conftest import Sent
from tests.contract.drifts import CHAT, RESPONSES, SCHEMAS, Change, Drift, body, events, everywhere, header, stream

PAGE = b"<html><title>Sign in</title><body>Please.</body></html>"
SECRET = "sk-abcdefghijklmnop"


def whole(change: Callable[[bytes], bytes], path: str = CHAT) -> Change:
    """Change the bytes of whole answers."""

    def drift(sent: Sent) -> None:
        if sent.path.endswith(path) and sent.status == 200 and sent.is_json:
            sent.body = change(sent.body)

    return drift


def _number(name: str, text: bytes) -> Change:
    """Write another number under a name."""
    return whole(lambda said: re.sub(rb'("%s": ?)\d+' % name.encode(), rb"\g<1>" + text, said))


def _deep(said: bytes) -> bytes:
    return said[:-1] + b', "more": ' + b"[" * 150 + b"]" * 150 + b"}"


def elsewhere(status: int, to: str, path: str = "/version") -> Change:
    def drift(sent: Sent) -> None:
        if sent.path.endswith(path):
            sent.status, sent.body = status, b""
            sent.headers["location"] = to

    return drift


def page(status: int, path: str = "", only: int | None = None) -> Change:
    def drift(sent: Sent) -> None:
        if sent.path.endswith(path) and only in (None, sent.status):
            sent.status, sent.body = status, PAGE
            sent.headers["content-type"] = "text/html; charset=utf-8"

    return drift


def _error_as_success(sent: Sent) -> None:
    if sent.path.endswith((CHAT, RESPONSES)) and sent.is_json and sent.status != 200:
        sent.status, sent.json = 200, {"error": {"message": "no", "type": "x", "code": 429}}


def _enveloped(sent: Sent) -> None:
    if sent.status == 200 and sent.is_json:
        sent.json = {"code": 0, "msg": "ok", "data": sent.json}


def _choices(**fields: Any) -> Callable[[Any], None]:
    return lambda value: [one.update(fields) for one in value.get("choices", ())] and None


def _one_choice(value: Any) -> None:
    value["choices"] = value["choices"][:1]


def _from_1(value: Any) -> None:
    for number, one in enumerate(value["choices"], start=1):
        one["index"] = number


def _arguments(value: Any) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "a", "arguments": {"b": 1}}}
    for one in value["choices"]:
        one["message"]["tool_calls"] = [call]


def _models(value: Any) -> None:
    value["data"] = [{**value["data"][0], "id": f"m{number}"} for number in range(10_000)]


def _longer(value: Any) -> None:
    value["usage"].update(completion_tokens=900, total_tokens=value["usage"]["prompt_tokens"] + 900)


def _limits(sent: Sent) -> None:
    for name in ("limit-requests", "remaining-requests", "reset-tokens"):
        sent.headers[f"x-ratelimit-{name}"] = "1"


def _errors(value: object) -> Change:
    def drift(sent: Sent) -> None:
        if sent.status >= 400:
            sent.json = value

    return drift


def _detail(sent: Sent) -> None:
    if sent.path.endswith(CHAT) and sent.status == 200 and sent.is_json:
        sent.json = {"detail": "Internal failure"}


def _compressed(sent: Sent) -> None:
    if sent.is_json and sent.body:
        sent.body = gzip.compress(sent.body, mtime=0)


def _piece_after_the_end(said: bytes) -> bytes:
    pieces = said.split(b"\n\n")
    last = next((n for n, one in enumerate(pieces) if b'"finish_reason":"' in one), None)
    return said if last is None else b"\n\n".join([*pieces[: last + 1], pieces[1], *pieces[last + 1 :]])


def _told_secret(value: Any) -> None:
    value["debug"] = {"note": f"asked with {SECRET}", "session": f"Bearer {SECRET}"}


_END = "x-tensormesh/stream/end"
_ANSWER = "responses/200"
_CHOICE = f"{SCHEMAS}ChatCompletionResponseChoice"

ODDITIES = (
    # JSON that is none, or not everybody's
    Drift("nan", _number("created", b"NaN"), Kind.BODY, "has NaN, which is no number", _ANSWER, cure=False),
    Drift("infinity", _number("created", b"1e400"), Kind.BODY, "has 1e400, which is no number", _ANSWER, cure=False),
    Drift(
        "endless-number", _number("created", b"9" * 5_000),
        Kind.BODY, "has a number of thousands of digits", _ANSWER, cure=False,
    ),
    Drift(
        "field-twice", whole(lambda said: b'{"id": "a", ' + said[1:]),
        Kind.BODY, "has the field `id` twice", _ANSWER, cure=False,
    ),
    Drift("bom", whole(lambda said: b"\xef\xbb\xbf" + said), Kind.BODY, "byte order mark", _ANSWER, cure=False),
    Drift("utf-16", whole(lambda said: said.decode().encode("utf-16")), Kind.BODY, "is no UTF-8", _ANSWER, cure=False),
    Drift("garbage-after", whole(lambda said: said + b"}"), Kind.BODY, "goes on after the end", _ANSWER, cure=False),
    Drift("two-values", whole(lambda said: said + b"\n{}"), Kind.BODY, "goes on after the end", _ANSWER, cure=False),
    Drift("deep", whole(_deep), Kind.BODY, "is nested more than 100 deep", _ANSWER, cure=False),
    Drift(
        "not-a-byte", whole(lambda said: said.replace(b'"', b'"\xff', 1)),
        Kind.BODY, "no UTF-8", _ANSWER, cure=False,
    ),
    # Another value in place of the answer
    Drift("null-body", whole(lambda _: b"null"), Kind.TYPE, "is null, documented as object", "/type", cure=False),
    Drift(
        "null-everywhere", whole(lambda _: b"null", ""),
        Kind.TYPE, "is null, documented as object", "/type", cure=False, operations=8,
    ),
    Drift("list-for-answer", whole(lambda said: b"[" + said + b"]"), Kind.TYPE, "is an array", "/type", cure=False),
    Drift(
        "errors-as-lists", _errors([{"error": "x"}]),
        Kind.TYPE, "is an array, documented as object", "", operations=5,
    ),
    Drift(
        "envelope", _enveloped, Kind.ENVELOPE, "`200 data` holds the answer, and the document has it bare", _ANSWER,
        cure=False, operations=8,
    ),
    Drift(
        "envelope-of-the-control-plane", _enveloped, Kind.ENVELOPE, "`200 data` holds the answer", _ANSWER,
        cure=False, surface="control-plane", operations=64,
    ),
    Drift(
        "error-as-success", _error_as_success, Kind.ERROR_AS_SUCCESS, "`200` is an error, and its status says success",
        _ANSWER, cure=False, operations=2,
    ),
    Drift(
        "detail-as-success", _detail, Kind.ERROR_AS_SUCCESS, "`200` is an error, and its status says success",
        _ANSWER, cure=False,
    ),
    Drift(
        "compressed-unsaid", _compressed, Kind.BODY, "is compressed by gzip, and no content-encoding says so",
        _ANSWER, cure=False, operations=8,
    ),
    # Somewhere else
    Drift("login", elsewhere(302, "https://me:pw@login.example/in?state=abc#x"), Kind.STATUS,
          "`302` is a redirect to https://login.example/in, and redirects are not followed", "/responses", cure=False),
    Drift("moved", elsewhere(308, "/v2/version"), Kind.STATUS, "`308` is a redirect to /v2/version", "/responses",
          cure=False),
    Drift("moved-nowhere", elsewhere(307, "http://[bad/"), Kind.STATUS, "to an address that is none", "/responses",
          cure=False),
    Drift("page-as-success", page(200, CHAT), Kind.MEDIA_TYPE, "`200` is text/html", _ANSWER, cure=False),
    Drift("page-as-failure", page(502, CHAT), Kind.SERVER_ERROR, "`502` fails", "/responses", cure=False),
    Drift(
        "page-everywhere", page(200), Kind.MEDIA_TYPE, "is text/html, documented as application/json", _ANSWER,
        cure=False, operations=8,
    ),
    Drift("page-for-refusals", page(404, only=404), Kind.MEDIA_TYPE, "`404` is text/html", "", cure=False),
    # Streams
    Drift("nearly-done", stream(CHAT, lambda said: said.replace(b"[DONE]", b'"[DONE]"')), Kind.STREAM_END,
          "ends with '\"[DONE]\"', and not with [DONE]", _END, cure=False),
    Drift("done-twice", stream(CHAT, lambda said: said + b"data: [DONE]\n\n"), Kind.STREAM_END,
          "goes on after [DONE]", _END, cure=False),
    Drift("nothing-but-done", stream(CHAT, lambda _: b"data: [DONE]\n\n"), Kind.STREAM_END,
          "has no event but [DONE]", _END, cure=False),
    Drift("no-event", stream(CHAT, lambda _: b": hello\n\n"), Kind.BODY, "without an event in it", _ANSWER, cure=False),
    Drift("page-in-a-stream", stream(CHAT, lambda _: PAGE), Kind.BODY, "without an event in it", _ANSWER, cure=False),
    Drift("lines-in-a-stream", stream(CHAT, lambda said: said.replace(b"data: ", b"")), Kind.BODY,
          "without an event in it", _ANSWER, cure=False),
    Drift("broken-characters", stream(CHAT, lambda said: said.replace(b'"content":"', b'"content":"\xe2\x82', 1)),
          Kind.BODY, "is no UTF-8, from byte", _ANSWER, cure=False),
    Drift("nan-in-events", stream(CHAT, lambda said: re.sub(rb'"created":\d+', b'"created":NaN', said)),
          Kind.STREAM_EVENT, "has NaN", "x-tensormesh/stream", cure=False),
    Drift("field-twice-in-events", stream(CHAT, lambda said: said.replace(b'data: {', b'data: {"id":"a",')),
          Kind.STREAM_EVENT, "has the field `id` twice", "x-tensormesh/stream", cure=False),
    Drift("no-choice-in-events", events(CHAT, lambda v: v.update(choices=[])), Kind.NOT_SENT,
          "`200 event choices` is empty", "ChatCompletionChunk/properties/choices", cure=False),
    Drift("no-end-of-choices", events(CHAT, _choices(finish_reason=None)), Kind.NOT_SENT,
          "`200 event choices[] finish_reason` says of no end why", "properties/finish_reason", cure=False),
    Drift("reasoning-elsewhere", events(CHAT, lambda v: [one["delta"].update(thinking="hm") for one in v["choices"]]),
          Kind.UNDOCUMENTED_FIELD, "`200 event choices[].delta thinking` is sent", "/properties"),
    Drift("piece-after-the-end", stream(CHAT, _piece_after_the_end), Kind.STREAM_END,
          "finish_reason` comes, and after it another piece of the same choice", "properties/finish_reason",
          cure=False),
    # Values
    Drift("other-number-of-tokens", body("/tokenize", lambda v: v.update(count=len(v["tokens"]) + 5)),
          Kind.IMPLAUSIBLE, "`200 count` is not the number of tokens", "TokenizeResponse/properties/count",
          cure=False),
    Drift("fraction-of-a-second", body(CHAT, lambda v: v.update(created=v["created"] + 0.5)), Kind.TYPE,
          "`200 created` is a number, documented as integer", "ChatCompletionResponse/properties/created/type"),
    Drift("no-choice", body(CHAT, lambda v: v.update(choices=[])), Kind.NOT_SENT,
          "is empty, so that there is no answer", "ChatCompletionResponse/properties/choices", cure=False),
    Drift("numbered-from-1", body(CHAT, _from_1), Kind.IMPLAUSIBLE,
          "does not number the choices from 0 on", f"{_CHOICE}/properties/index", cure=False),
    Drift("no-reason", body(CHAT, _choices(finish_reason=None)), Kind.NOT_SENT, "says of no end why",
          f"{_CHOICE}/properties/finish_reason", cure=False),
    Drift("reason-of-another-vendor", body(CHAT, _choices(finish_reason="end_turn")), Kind.UNKNOWN_VALUE,
          "finish_reason` has a value that is not", f"{_CHOICE}/properties/finish_reason"),
    Drift("arguments-as-an-object", body(CHAT, _arguments), Kind.TYPE,
          "arguments` is an object, documented as string", "arguments/type"),
    Drift("usage-doubled", body(CHAT, lambda v: v["usage"].update(total_tokens=2 * v["usage"]["total_tokens"])),
          Kind.IMPLAUSIBLE, "is not the sum of prompt_tokens and completion_tokens",
          "UsageInfo/properties/total_tokens", cure=False),
    Drift("longer-than-allowed", body(CHAT, _longer), Kind.NOT_HEEDED, "`request max_tokens` allows 16 tokens, and 900",
          "ChatCompletionRequest/properties/max_tokens", cure=False),
    Drift("one-choice-of-two", body(CHAT, _one_choice), Kind.NOT_HEEDED, "`request n` asks for 2, and 1 came",
          "ChatCompletionRequest/properties/n", cure=False, trials=True),
    Drift("secret-within", body(CHAT, _told_secret), Kind.UNDOCUMENTED_FIELD, "`200 debug` is sent", "/properties"),
    # Headers
    Drift("limits-of-others", everywhere(_limits), Kind.UNDOCUMENTED_HEADER,
          "undocumented header (3): `x-ratelimit-limit-requests`", "/headers", operations=8),
    Drift("vendor-type", everywhere(header("content-type", "application/vnd.api+json"), path="/version"),
          Kind.MEDIA_TYPE, "is application/vnd.api+json", _ANSWER),
)  # fmt: skip

RIGHT: dict[str, Change] = {
    "crlf": stream(CHAT, lambda said: said.replace(b"\n", b"\r\n")),
    "cr": stream(CHAT, lambda said: said.replace(b"\n", b"\r")),
    "comments and ids": stream(
        CHAT, lambda said: b": hi\n\nretry: 10\n\n" + said.replace(b"data: {", b"id: 7\n: on\ndata: {")
    ),
    "no blank after the colon": stream(CHAT, lambda said: said.replace(b"data: ", b"data:")),
    "data of several lines": stream(CHAT, lambda said: said.replace(b"data: {", b"data: {\ndata: ")),
    "line after the value": whole(lambda said: said + b"\r\n\n"),
    "whole number with a point": _number("created", b"1796062171.0"),
    "content type in capitals": everywhere(header("content-type", "Application/JSON"), path="/version"),
    "content type with a charset": everywhere(
        header("content-type", "application/json; charset=utf-8"), path="/version"
    ),
    "cookie": everywhere(header("set-cookie", "session=verysecretcookie")),
    "ten thousand models": body("/v1/models", _models),
}
"""What is unusual, and as documented."""
