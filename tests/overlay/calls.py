"""The calls that the tests make, and what a host answers to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import ScriptedHost, answer

COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1795222801,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
}
BODY = json.dumps(COMPLETION).encode()
GOOD = answer(200, COMPLETION)
MESSAGES = [{"role": "user", "content": "Say hello."}]
PLACE = r"POST http://127\.0\.0\.1:\d+/v1/chat/completions"
"""What an error says of a call, as a pattern."""


def ask(client: Any, **options: Any) -> Any:
    """A chat completion, whole."""
    return client.inference.serverless.chat.completions.create(model="m", messages=MESSAGES, **options)


def ask_for_stream(client: Any, **options: Any) -> Any:
    """A chat completion, streamed."""
    return client.inference.serverless.chat.completions.create(model="m", messages=MESSAGES, stream=True, **options)


def piece(text: str | None, finish_reason: str | None = None, **delta: Any) -> dict[str, Any]:
    """One event of a streamed chat completion."""
    said = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": {**said, **delta}, "finish_reason": finish_reason}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def fails(runner: Runner, call: Callable[[], Any], kind: type[Exception], match: str) -> Any:
    """The error of a call, which is of exactly this kind and says so."""
    with pytest.raises(kind, match=match) as caught:
        runner.run(call())
    assert caught.type is kind
    return caught.value


def works_again(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """The client let go of every connection, sent every call once, and serves the next one."""
    runner.wait_until(lambda: host.open == 0)
    serves_the_next_call(runner, client, host)


def serves_the_next_call(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """The client sent every call once, and serves the next one."""
    before = len(host.asked)
    host.plays(answer(200, COMPLETION))

    assert runner.run(ask(client)).choices[0].message.content == "Hello."
    assert len(host.asked) == before + 1
