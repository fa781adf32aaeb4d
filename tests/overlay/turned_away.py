"""Faults after which a call may be sent again, and the calls that may be."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh import RetryPolicy
from tests.overlay.calls import ask, ask_for_stream
from tests.overlay.conftest import USER_ID, Runner
from tests.overlay.scripted_host import CLOSE, RESET, STALL, Step, answer, head

AT_ONCE = RetryPolicy(first_delay=1e-6)
GOOD = answer(200, {"status": "ok"})
FAULTS = [
    pytest.param(answer(429, b"{}", retry_after="0"), id="429"),
    pytest.param(answer(429, b"{}", retry_after="Wed, 21 Oct 2015 07:28:00 GMT"), id="429 with a date"),
    pytest.param(answer(500, b"{}"), id="500"),
    pytest.param(answer(502, b"<html>"), id="502"),
    pytest.param(answer(503), id="503"),
    pytest.param(answer(504), id="504"),
    pytest.param(answer(408, b"", CLOSE, connection="close"), id="408"),
    pytest.param(answer(520, b"<html>"), id="520"),
    pytest.param(answer(524, b"error code: 524"), id="524"),
    pytest.param(answer(529, {"type": "overloaded_error"}), id="529"),
    pytest.param((RESET,), id="reset"),
    pytest.param((CLOSE,), id="closed"),
    pytest.param((STALL,), id="silence"),
    pytest.param((head(200, content_length="9") + b"{}", CLOSE), id="half a body"),
    pytest.param((b"garbage\r\n\r\n", CLOSE), id="garbage"),
]


def patience(fault: tuple[Step, ...]) -> float:
    """A limit in seconds: short where the host is silent, else long enough for a busy machine."""
    return 0.1 if STALL in fault else 9.0


def health(client: Any, **options: Any) -> Any:
    return client.inference.serverless.health.get(**options)


POSTS = [
    pytest.param(ask, id="chat"),
    pytest.param(ask_for_stream, id="chat stream"),
    pytest.param(
        lambda client, **options: client.inference.serverless.tokenize.create(model="m", prompt="p", **options),
        id="tokenize",
    ),
    pytest.param(
        lambda client, **options: client.inference.on_demand.responses.create(model="m", input="i", **options),
        id="responses",
    ),
    pytest.param(
        lambda client, **options: client.control_plane.users.api_keys.create(user_id=USER_ID, name="n", **options),
        id="an API key",
    ),
]


def whole(runner: Runner, answered: Any) -> Any:
    """An answer, streamed or not."""
    answered = runner.run(answered)
    return runner.run(answered.get_final()) if hasattr(answered, "get_final") else answered
