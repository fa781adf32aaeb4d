"""What the friendly calls refuse before anything is sent, and what they leave to the client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh_generated.namespaces.inference import AsyncInference, Inference
from tensormesh_runtime.errors import ValidationError
from tensormesh_runtime.types import NO_OPTIONS
from tests.generated.conftest import AsyncRecorder, Recorder

CALLS = {
    "chat.completions": {"model": "m", "messages": []},
    "completions": {"model": "m", "prompt": "p"},
    "responses": {"model": "m", "input": "i"},
}

Call = Callable[..., Any]


@pytest.fixture(params=CALLS)
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest, place: str, client: Recorder, async_client: AsyncRecorder) -> Call:
    """A friendly call with what it needs: `call("with_raw_response", stream=True)`, or `call()` for the plain one."""
    tree: Any = Inference(client) if request.param == "sync" else AsyncInference(async_client)

    def made(*path: str, **fields: Any) -> Any:
        node = tree
        for name in (*place.split("."), *path):
            node = getattr(node, name)
        answer = node.create(**CALLS[place], **fields)
        return answer if request.param == "sync" else asyncio.run(answer)

    return made


@pytest.fixture
def requests(client: Recorder, async_client: AsyncRecorder) -> Callable[[], list[Any]]:
    """What was sent (sync or async)."""
    return lambda: [*client.sent, *async_client.sent]


@pytest.mark.parametrize("value", [True, False, None])
@pytest.mark.parametrize("form", ["with_raw_response", "with_streaming_response"])
def test_a_call_that_says_by_its_name_whether_it_streams_is_not_told(
    call: Call, place: str, requests: Callable[[], list[Any]], form: str, value: Any
) -> None:
    """The error names the call, and both of its kinds."""
    with pytest.raises(
        TypeError, match=rf"^{place}\.{form}\.create\(\) takes no argument 'stream': with_raw_response "
    ):
        call(form, stream=value)

    assert requests() == []


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("asked", [True, False])
def test_a_stream_is_asked_for_by_argument(
    call: Call, place: str, requests: Callable[[], list[Any]], asked: bool, value: bool
) -> None:
    """In `extra_body` it would give a stream to who reads a whole answer, or the other way round."""
    with pytest.raises(
        ValidationError, match=rf"^{place}\.create\(\) streams where it is given stream=True: extra_body="
    ):
        call(stream=asked, extra_body={"stream": value})

    assert requests() == []


def test_an_option_of_none_is_none(call: Call, requests: Callable[[], list[Any]]) -> None:
    """It leaves to the client what it would decide without it."""
    call(timeout=None, extra_headers=None, extra_query=None, extra_body=None, user_id=None, stream_idle_timeout=None)

    assert [request.options for request in requests()] == [NO_OPTIONS]
