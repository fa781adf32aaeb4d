"""
Counting what an answer uses, off the answer itself.

Knows where each dialect writes its usage, and what a piece of a stream carries;
refuses to know prices. An answer is counted in the moment before its end is
sent, so that whoever has read it sees it charged; one that is broken off is
counted as far as it was sent.
"""

import json
import re
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tensormesh_local.accounts import Tokens
from tensormesh_local.wire import Json, JsonObject

type Pay = Callable[[Tokens], None]

_END_OF_EVENT = re.compile(rb"\r?\n\r?\n")
_DATA = re.compile(rb"^data: ?(.*)$", re.MULTILINE)
_SHOWN = ("content", "reasoning", "reasoning_content", "tool_calls", "text")


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _whole(value: Json) -> int:
    return value if isinstance(value, int) else 0


def _tokens(usage: JsonObject) -> Tokens:
    """Read a usage object of either dialect."""
    details = _object(usage.get("prompt_tokens_details") or usage.get("input_tokens_details"))
    return Tokens(
        _whole(usage.get("prompt_tokens") or usage.get("input_tokens")),
        _whole(details.get("cached_tokens")),
        _whole(usage.get("completion_tokens") or usage.get("output_tokens")),
    )


def _read(text: bytes) -> JsonObject:
    try:
        return _object(json.loads(text))
    except (ValueError, RecursionError):
        return {}


class WholeCount:
    """Counts an answer that comes in one piece."""

    def __init__(self) -> None:
        self._body = b""

    def feed(self, data: bytes) -> bool:
        """Take bytes; never the end."""
        self._body += data
        return False

    def tokens(self) -> Tokens | None:
        """Give the usage; None for an answer that has none, such as that of tokenize."""
        usage = _object(_read(self._body).get("usage"))
        return _tokens(usage) if usage else None


class StreamCount:
    """
    Counts a streamed answer.

    Args:
        known: what the whole stream uses, for an engine that knows; a stream broken off is counted piece by
            piece, as one whose engine tells no usage is.
    """

    def __init__(self, known: Tokens | None = None) -> None:
        self._known = known
        self._told: Tokens | None = None
        self._pieces = 0
        self._over = False
        self._rest = b""

    def feed(self, data: bytes) -> bool:
        """Take bytes, and tell whether the end of the answer is among them."""
        *events, self._rest = _END_OF_EVENT.split(self._rest + data)
        for event in events:
            self._take(b"\n".join(_DATA.findall(event)).strip())
        return self._over

    def _take(self, data: bytes) -> None:
        if data == b"[DONE]":
            self._over = True
            return
        event = _read(data)
        kind = str(event.get("type", ""))
        usage = _object(event.get("usage") or _object(event.get("response")).get("usage"))
        if usage:
            self._told = _tokens(usage)
        if kind in ("response.completed", "response.incomplete", "response.failed"):
            self._over = True
        self._pieces += int(kind.endswith(".delta") or _carries(event))

    def tokens(self) -> Tokens | None:
        """Give the usage so far."""
        if self._known is None:
            return self._told or Tokens(0, 0, self._pieces)
        if self._over:
            return self._known
        sent = self._pieces if self._told is None else self._told.completion
        return Tokens(self._known.prompt, self._known.cached, min(sent, self._known.completion))


def _carries(event: JsonObject) -> bool:
    choices = event.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        shown = {**_object(choice), **_object(_object(choice).get("delta"))}
        if any(shown.get(name) for name in _SHOWN):
            return True
    return False


class Metered:
    """
    An answer on its way out, counted.

    Args:
        answer: the answer.
        known: what it uses as a whole, where that is known beforehand.
        pay: takes what was used; called once, and not at all for a refusal or an answer without usage.
    """

    def __init__(self, answer: ASGIApp, known: Tokens | None, pay: Pay) -> None:
        self._answer = answer
        self._known = known
        self._pay = pay
        self._count: WholeCount | StreamCount | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                kind = dict(message["headers"]).get(b"content-type", b"")
                streamed = kind.startswith(b"text/event-stream")
                self._count = StreamCount(self._known) if streamed else WholeCount()
            elif message["type"] == "http.response.body" and self._count is not None:
                over = self._count.feed(bytes(message.get("body", b"")))
                if over or not message.get("more_body", False):
                    self._settle()
            await send(message)

        try:
            await self._answer(scope, receive, counted)
        finally:
            self._settle()

    def _settle(self) -> None:
        if self._count is None:
            return
        tokens = self._count.tokens()
        self._count = None
        if tokens is not None:
            self._pay(tokens)
