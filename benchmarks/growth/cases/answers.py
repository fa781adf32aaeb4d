"""Whole answers and errors, and the models of them."""

from __future__ import annotations

from typing import Any

from benchmarks.growth.cases.events import Json
from benchmarks.growth.measurement import Case, Work
from tensormesh_generated.api.chat.create_chat_completion import parse
from tensormesh_generated.models import ChatCompletionChunk
from tensormesh_overlay.error_bodies import message_of, status_of
from tensormesh_overlay.json_values import from_json
from tensormesh_overlay.sent_secrets import SentSecrets
from tensormesh_overlay.status_errors import status_error
from tensormesh_overlay.think_blocks.messages import read_message


def _answer(message: Json) -> Work:
    answer = {"id": "a", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}

    def work() -> None:
        read_message(message, "split")
        parsed = parse(answer)
        parsed.to_dict()
        repr(parsed)

    return work


def _models(size: int) -> Work:
    chunks = [{"id": "c", "choices": [{"index": "0", "delta": {"content": 1, f"k{i}": 1}}]} for i in range(size)]
    return lambda: [ChatCompletionChunk.from_dict(chunk).to_dict() for chunk in chunks]


def _keys(size: int) -> Work:
    made = parse({f"k{number}": number for number in range(size)})

    def work() -> None:
        for key in made.keys():  # noqa: SIM118  (what is measured)
            if key in made:
                made[key] = made[key]
        del made["k0"]

    return work


def _nested_error(size: int) -> Work:
    body: Any = {"code": 429}
    for _ in range(size):
        body = {"error": body}
    return lambda: (message_of(body), status_of(body))


def _json(text: str) -> Work:
    def work() -> None:
        try:
            from_json(text.encode())
        except (ValueError, RecursionError) as error:
            str(error)

    return work


def _concealed(text: str) -> Work:
    secrets = SentSecrets(["ab" * 12 + "c"])

    def work() -> None:
        secrets.text(text)
        secrets.content(text.encode())
        secrets.value({text[:9]: [text]})

    return work


CASES = [
    Case("answer: think blocks", lambda n: _answer({"content": "<think></think>" * n})),
    Case("answer: parts of content", lambda n: _answer({"content": [{"type": "text", "text": "x"}] * n})),
    Case("answer: calls", lambda n: _answer({"tool_calls": [{"function": {"name": "f", "arguments": {}}}] * n})),
    Case("answer: fields nobody knows", lambda n: _answer({"content": "", **{f"k{i}": i for i in range(n)}})),
    Case("answer: pieces that do not fit", _models),
    Case("answer: its keys", _keys),
    Case("answer: digits", lambda n: _json("1" * n)),
    Case("answer: digits behind a point", lambda n: _json("0." + "1" * n)),
    Case("answer: brackets", lambda n: _json("[" * n)),
    Case("answer: no JSON", lambda n: _json("[" + "1," * n)),
    Case("answer: blanks", lambda n: _json(" " * n + "{}" + " " * n)),
    Case("error: nested", _nested_error),
    Case("error: no JSON", lambda n: lambda: str(status_error(500, {}, b"<p>\n" * n, "GET /"))),
    Case("error: events", lambda n: lambda: str(status_error(500, {}, b"data: {\n" * n, "GET /"))),
    Case("error: secrets in it", lambda n: _concealed(f"{'ab' * 12}c " * n)),
    Case("error: what is nearly a secret", lambda n: _concealed("ab" * n)),
    Case("error: what begins like a secret", lambda n: _concealed(f"{'ab' * 11}x" * n)),
    Case("error: a redirect", lambda n: lambda: str(status_error(302, {"location": "//" * n}, b"", "GET /"))),
    Case(
        "error: a list of places", lambda n: lambda: str(status_error(422, {}, b'{"detail":[' + b"1," * n + b"1]}", ""))
    ),
]
