"""Any status, any headers, any body, to any call: the caller gets an answer or an error of ours, whole or streamed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from tensormesh import AsyncTensormesh, Tensormesh
from tensormesh.errors import TensormeshError
from tensormesh_runtime.json_model import JsonModel
from tests.fuzz.spoiling import any_json, is_ours, names, scribbled, spoilt
from tests.generated.typed_reading import broken_promises
from tests.overlay.recordings import RECORDINGS

SETTINGS: dict[str, Any] = {
    "env": {},
    "inference_api_key": "ak-x",
    "control_plane_token": "cp-x",
    "serverless_base_url": "http://host.test",
    "control_plane_base_url": "http://host.test",
}
CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
CALLS: tuple[Callable[[Any], Any], ...] = (
    lambda client: client.inference.serverless.chat.completions.create(**CHAT),
    lambda client: client.inference.serverless.chat.completions.create(**CHAT, stream=True),
    lambda client: client.inference.serverless.completions.create(model="m", prompt="p"),
    lambda client: client.inference.serverless.completions.create(model="m", prompt="p", stream=True),
    lambda client: client.inference.serverless.responses.create(model="m", input="i"),
    lambda client: client.inference.serverless.responses.create(model="m", input="i", stream=True),
    lambda client: client.inference.serverless.models.list(),
    lambda client: client.inference.serverless.tokenize.create(model="m", prompt="p"),
    lambda client: client.inference.serverless.health.get(),
    lambda client: client.inference.serverless.request("GET", "/v1/x"),
    lambda client: client.inference.serverless.stream_request("POST", "/v1/x"),
    lambda client: client.control_plane.products.list(),
    lambda client: client.control_plane.support.tickets.auto_paging_iter(),
    lambda client: client.control_plane.billing.transactions.auto_paging_iter(),
)
WHOLE = [json.loads(one.content) for one in RECORDINGS if not one.asked.get("stream")]
STREAMED = [one.content for one in RECORDINGS if one.asked.get("stream")]
WORDS = ("error", "message", "detail", "code", "type", "data", "choices", "tickets", "transactions", "nextPageToken")
HEADERS = ("retry-after", "x-request-id", "content-type", "location", "x-other")
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20) | st.sampled_from(
    ("application/json", "text/event-stream", "text/html", "Wed, 21 Oct 2026 07:28:00 GMT", "1e400", "-1", "nan")
)
BODIES = (
    st.binary(max_size=60)
    | any_json(WORDS).map(lambda value: json.dumps(value).encode())
    | st.sampled_from(WHOLE)
    .flatmap(lambda value: spoilt(value, any_json(sorted(names(value)), leaves=4)))
    .map(lambda value: json.dumps(value).encode())
    | st.sampled_from(STREAMED).flatmap(lambda content: scribbled(content, (b"\n\n", b"data: ", b"{")))
)
ANSWERS = st.tuples(
    st.sampled_from((200, 200, 204, 301, 400, 401, 404, 418, 429, 500, 529)) | st.integers(200, 599),
    st.dictionaries(st.sampled_from(HEADERS), VALUES, max_size=3),
    BODIES,
)
PAGES_READ = 5
"""A host may go on for ever; a caller need not."""


def carried_by(answer: tuple[int, dict[str, str], bytes]) -> httpx.MockTransport:
    status, headers, body = answer
    return httpx.MockTransport(lambda _: httpx.Response(status, headers=headers, content=body))


@given(st.sampled_from(CALLS), ANSWERS)
def test_any_answer_to_any_call(call: Callable[[Any], Any], answer: tuple[int, dict[str, str], bytes]) -> None:
    with Tensormesh(**SETTINGS, transport=carried_by(answer)) as client:
        try:
            got = call(client)
            if isinstance(got, JsonModel):
                assert list(broken_promises(got)) == []
                assert repr(got)
            if hasattr(got, "__next__"):
                for _ in zip(got, range(1000 * PAGES_READ), strict=False):
                    pass
            if hasattr(got, "get_final"):
                got.snapshot()
                assert list(broken_promises(got.get_final())) == []
        except TensormeshError as error:
            is_ours(error)


@given(st.sampled_from(CALLS), ANSWERS)
def test_any_answer_to_any_call_that_is_awaited(
    call: Callable[[Any], Any], answer: tuple[int, dict[str, str], bytes]
) -> None:
    async def ask() -> None:
        async with AsyncTensormesh(**SETTINGS, transport=carried_by(answer)) as client:
            got = call(client)
            if not hasattr(got, "__anext__"):
                got = await got
            if hasattr(got, "__anext__"):
                left = 1000 * PAGES_READ
                async for _ in got:
                    if not (left := left - 1):
                        break
            if hasattr(got, "get_final"):
                got.snapshot()
                await got.get_final()

    try:
        asyncio.run(ask())
    except TensormeshError as error:
        is_ours(error)
