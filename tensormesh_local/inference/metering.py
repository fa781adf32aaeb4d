"""
Counting what an answer uses, off the answer itself.

Knows where each API writes its usage, and what a piece of a stream carries,
but not prices. An answer is counted in the moment before its end is
sent, so that whoever has read it sees it charged; one that is broken off is
counted as far as it was sent.
"""

import json
import re
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.accounts import Tokens

type Pay = Callable[[Tokens], None]

_END_OF_EVENT = re.compile(rb"\r?\n\r?\n")
_END = re.compile(rb"^(data: ?\[DONE\]|event: ?response\.(completed|incomplete|failed))", re.MULTILINE)
_DATA = re.compile(rb"^data: ?(.*)$", re.MULTILINE)
_SHOWN = ("content", "reasoning", "reasoning_content", "tool_calls", "text")


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _whole(value: Json) -> int:
    return value if isinstance(value, int) else 0


def _tokens(usage: JsonObject) -> Tokens:
    """Read a usage object of any API."""
    details = _object(usage.get("prompt_tokens_details") or usage.get("input_tokens_details"))
    return Tokens(
        _whole(usage.get("prompt_tokens") or usage.get("input_tokens")),
        _whole(details.get("cached_tokens")),
        _whole(usage.get("completion_tokens") or usage.get("output_tokens")),
    )


def _object_of(text: bytes) -> JsonObject:
    try:
        return _object(json.loads(text))
    except (ValueError, RecursionError):
        return {}


class WholeCount:
    """Counts an answer that comes in one piece."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, data: bytes) -> bool:
        """Take bytes; never the end."""
        self._parts.append(data)
        return False

    def tokens(self) -> Tokens | None:
        """Give the usage; None for an answer that has none, such as that of tokenize."""
        usage = _object(_object_of(b"".join(self._parts)).get("usage"))
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
        self._parts: list[bytes] = []
        self._ending = False

    def feed(self, data: bytes) -> bool:
        """Take bytes, and tell whether the answer ends with them."""
        # Reading every event would take as long as writing it: most streams end well and need none of it.
        self._parts.append(data)
        self._ending = self._ending or _END.search(data) is not None
        return self._ending and data.endswith((b"\n\n", b"\r\n\r\n"))

    def tokens(self) -> Tokens:
        """Give the usage so far."""
        if self._known is not None and self._ending:
            return self._known
        counts, pieces = self._read()
        if self._known is None:
            return counts or Tokens(0, 0, pieces)
        sent = pieces if counts is None else counts.completion
        return Tokens(self._known.prompt, self._known.cached, min(sent, self._known.completion))

    def _read(self) -> tuple[Tokens | None, int]:
        """Give the usage that was told last, and the number of events that carried a piece of the answer."""
        counts, pieces = None, 0
        for block in _END_OF_EVENT.split(b"".join(self._parts)):
            event = _object_of(b"\n".join(_DATA.findall(block)))
            usage = _object(event.get("usage") or _object(event.get("response")).get("usage"))
            counts = _tokens(usage) if usage else counts
            pieces += int(_carries(event))
        return counts, pieces


def carries_text(data: bytes) -> bool:
    """Tell whether a piece of a streamed answer has a piece of what the model wrote."""
    return any(_carries(_object_of(text)) for text in _DATA.findall(data))


def _carries(event: JsonObject) -> bool:
    if str(event.get("type", "")).endswith(".delta"):
        return True
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
