"""How long a call is waited for where nobody says: as long as what it asks for may take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tensormesh import Timeout
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, piece
from tests.overlay.conftest import KEY, TOKEN, Runner
from tests.overlay.scripted_host import events

ANYTHING = {**COMPLETION, "output": [], "data": [], "products": [], "response": "Hello."}
Call = Callable[..., Any]
Limits = dict[str, float]


@pytest.fixture
def limits() -> list[Limits]:
    """What httpx was told of each request, in order."""
    return []


@pytest.fixture
def client(runner: Runner, limits: list[Limits]) -> Any:
    """A client whose requests go nowhere, and are all answered."""

    def answered(request: httpx.Request) -> httpx.Response:
        limits.append(dict(request.extensions["timeout"]))
        if request.headers["accept"] == "text/event-stream":
            return httpx.Response(
                200, headers={"content-type": "text/event-stream"}, content=events(piece("Hello.", "stop"))
            )
        return httpx.Response(200, json=ANYTHING)

    return runner.client(inference_api_key=KEY, control_plane_token=TOKEN, transport=httpx.MockTransport(answered))


WRITTEN = [
    pytest.param(ask, id="chat"),
    pytest.param(
        lambda client, **options: client.inference.serverless.completions.create(model="m", prompt="p", **options),
        id="completions",
    ),
    pytest.param(
        lambda client, **options: client.inference.serverless.responses.create(model="m", input="i", **options),
        id="responses",
    ),
    pytest.param(
        lambda client, **options: client.control_plane.models.chat("d", body="b", **options), id="a deployment"
    ),
    pytest.param(
        lambda client, **options: client.inference.serverless.request("POST", "/v1/rerank", json_body={}, **options),
        id="a route of ones own",
    ),
]
OTHERS = [
    pytest.param(ask_for_stream, id="a stream"),
    pytest.param(lambda client, **options: client.inference.serverless.models.list(**options), id="a list"),
    pytest.param(lambda client, **options: client.control_plane.products.list(**options), id="the control plane"),
    pytest.param(
        lambda client, **options: client.inference.serverless.request("GET", "/v1/x", **options),
        id="a route of ones own",
    ),
]


@pytest.mark.parametrize("call", WRITTEN)
def test_a_whole_answer_that_a_model_writes_may_take_ten_minutes(
    runner: Runner, client: Any, limits: list[Limits], call: Call
) -> None:
    """And not one to find out that nobody is there."""
    runner.run(call(client))

    assert (limits[0]["connect"], limits[0]["read"]) == (30, 600)


@pytest.mark.parametrize("call", OTHERS)
def test_the_first_word_of_anything_else_may_take_half_a_minute(
    runner: Runner, client: Any, limits: list[Limits], call: Call
) -> None:
    runner.run(call(client))

    assert (limits[0]["connect"], limits[0]["read"]) == (30, 30)


@pytest.mark.parametrize("call", WRITTEN)
@pytest.mark.parametrize(
    ("timeout", "connect", "read"), [(7, 7, 7), (Timeout(first_byte=7), 30, 7), (Timeout(total=7), 7, 7)]
)
def test_what_is_said_holds(
    runner: Runner, client: Any, limits: list[Limits], call: Call, timeout: Any, connect: float, read: float
) -> None:
    runner.run(call(client, timeout=timeout))
    runner.run(call(client.with_options(timeout=timeout)))

    assert [(one["connect"], one["read"]) for one in limits] == [(connect, read)] * 2
