"""Many calls at once, and many one after another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from tests.live.conftest import Host, connections
from tests.overlay.conftest import Runner

CALLS = 64


def at_once(runner: Runner, calls: list[Callable[[], Any]]) -> list[Any]:
    """What the calls come to, all under way at the same time."""
    if runner.is_async:
        return list(runner.run(_gathered([call() for call in calls])))
    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(lambda call: call(), calls))


async def _gathered(answers: list[Awaitable[Any]]) -> list[Any]:
    return await asyncio.gather(*answers)


def test_many_are_answered_at_once(inference: Any, runner: Runner, host: Host) -> None:
    """The engine works on eight at a time; the others wait, and none gets the answer of another."""

    def ask(number: int) -> Any:
        return inference.completions.create(
            model=host.model, prompt=f"Say {number}", echo=True, max_tokens=4, temperature=0.0
        )

    answers = at_once(runner, [partial(ask, number) for number in range(CALLS)])

    assert [answer.choices[0].text.startswith(f"Say {number}") for number, answer in enumerate(answers)] == [True] * 64
    assert len({answer.id for answer in answers}) == CALLS


def test_many_are_streamed_at_once(inference: Any, runner: Runner, host: Host) -> None:
    asked = {"model": host.model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 60}

    def whole() -> Any:
        stream = inference.chat.completions.create(**asked, temperature=0.0, stream=True)
        return stream.get_final_completion()

    async def awaited() -> Any:
        stream = await inference.chat.completions.create(**asked, temperature=0.0, stream=True)
        return await stream.get_final_completion()

    answers = at_once(runner, [awaited if runner.is_async else whole] * CALLS)

    assert len({answer.id for answer in answers}) == CALLS
    assert len({answer.choices[0].message.content for answer in answers}) == 1


def test_one_connection_serves_call_after_call(inference: Any, runner: Runner, host: Host) -> None:
    """Whole answers, streams that were read to their end, and refusals."""
    before = connections(host.port)

    def ask(**fields: Any) -> set[str]:
        asked = {"model": host.model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4}
        answer = runner.run(inference.chat.completions.create(**asked, **fields))
        if fields:
            runner.read(answer)
        return connections(host.port) - before

    first = ask()

    assert len(first) == 1
    assert [ask(), ask(stream=True), ask(stream=True), ask()] == [first] * 4
