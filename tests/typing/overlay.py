"""What type checkers see of the clients, the friendly calls and streams. Never run: `make check` reads it."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, assert_type

import httpx

from tensormesh import (
    ENV_INFERENCE_API_KEY,
    AsyncStream,
    AsyncTensormesh,
    Attempt,
    ClientConfig,
    Response,
    RetryPolicy,
    Stream,
    Tensormesh,
    Timeout,
)
from tensormesh.types import (
    BillingTransaction,
    ChatCompletionChunk,
    ChatCompletionRequest,
    ChatCompletionResponse,
    ChatMessage,
    HealthResponse,
    InferenceModelList,
    Product,
    ResponseCreateResponse,
    ResponseStreamEvent,
    TextCompletionResponse,
    Ticket,
    TokenizeResponse,
)
from tensormesh_generated import api
from tensormesh_generated.client import (
    AsyncCompletionStream,
    AsyncResponseStream,
    CompletionStream,
    ResponseStream,
)

MESSAGES: list[ChatMessage | Mapping[str, Any]] = [{"role": "user", "content": "Hello"}]


def a_client_takes_what_document_002_says() -> None:
    """And what stands beside it there; nothing else."""
    client = Tensormesh(
        control_plane_token="t",
        inference_api_key="k",
        on_demand_base_url="https://od.example.test",
        on_demand_user_id="00000000-0000-0000-0000-000000000000",
        timeout=30,
        max_retries=2,
    )
    Tensormesh(timeout=Timeout(connect=1, idle=60), retry=RetryPolicy(posts=True, observe=watch), think="keep")
    Tensormesh(http_client=httpx.Client(), env={ENV_INFERENCE_API_KEY: "k"})
    AsyncTensormesh(transport=httpx.MockTransport(lambda request: httpx.Response(200)))
    Tensormesh(api_key="k")  # type: ignore[call-arg]
    Tensormesh("k")  # type: ignore[call-arg]
    Tensormesh(think="sometimes")  # type: ignore[arg-type]
    Tensormesh(timeout="30")  # type: ignore[arg-type]

    assert_type(client.config, ClientConfig)
    assert_type(client.with_options(timeout=3), Tensormesh)
    assert_type(client.close(), None)


def watch(attempt: Attempt) -> None:
    assert_type(attempt.wait_seconds, float | None)


def chat_is_whole_or_streamed(client: Tensormesh, *, either: bool) -> None:
    """As `stream` says, where it says so in the code."""
    create = client.inference.serverless.chat.completions.create

    assert_type(create(model="m", messages=MESSAGES), ChatCompletionResponse)
    assert_type(create(model="m", messages=MESSAGES, stream=False), ChatCompletionResponse)
    stream = create(model="m", messages=MESSAGES, stream=True)
    assert_type(stream, CompletionStream[ChatCompletionChunk, ChatCompletionResponse])
    assert_type(
        create(model="m", messages=MESSAGES, stream=either),
        ChatCompletionResponse | CompletionStream[ChatCompletionChunk, ChatCompletionResponse],
    )
    assert_type(stream.text_deltas(), Iterator[str])
    assert_type(stream.reasoning_deltas(), Iterator[str])
    assert_type(stream.iter_lines(), Iterator[str])
    assert_type(stream.get_final_completion(), ChatCompletionResponse)
    assert_type(stream.request_id, str | None)
    assert_type(next(stream), ChatCompletionChunk)
    with stream as events:
        for event in events:
            assert_type(event, ChatCompletionChunk)


async def awaited_chat_is_whole_or_streamed(client: AsyncTensormesh, *, either: bool) -> None:
    """The two colours differ by `await` only."""
    create = client.inference.on_demand.chat.completions.create

    assert_type(await create(model="m", messages=MESSAGES), ChatCompletionResponse)
    assert_type(await create(model="m", messages=MESSAGES, stream=False), ChatCompletionResponse)
    stream = await create(model="m", messages=MESSAGES, stream=True)
    assert_type(stream, AsyncCompletionStream[ChatCompletionChunk, ChatCompletionResponse])
    assert_type(
        await create(model="m", messages=MESSAGES, stream=either),
        ChatCompletionResponse | AsyncCompletionStream[ChatCompletionChunk, ChatCompletionResponse],
    )
    assert_type(stream.text_deltas(), AsyncIterator[str])
    assert_type(await stream.get_final_completion(), ChatCompletionResponse)
    assert_type(await anext(stream), ChatCompletionChunk)
    async with stream as events:
        async for event in events:
            assert_type(event, ChatCompletionChunk)


def the_other_generating_calls_are_like_it(client: Tensormesh) -> None:
    """Each with its own events and its own end."""
    surface = client.inference.serverless

    assert_type(surface.completions.create(model="m", prompt="p"), TextCompletionResponse)
    texts = surface.completions.create(model="m", prompt="p", stream=True)
    assert_type(texts, CompletionStream[TextCompletionResponse, TextCompletionResponse])
    assert_type(surface.responses.create(model="m", input="i"), ResponseCreateResponse)
    events = surface.responses.create(model="m", input="i", stream=True)
    assert_type(events, ResponseStream[ResponseStreamEvent, ResponseCreateResponse])
    assert_type(events.get_final_response(), ResponseCreateResponse)


async def and_so_are_their_twins(client: AsyncTensormesh) -> None:
    """In the other colour."""
    surface = client.inference.serverless

    assert_type(await surface.completions.create(model="m", prompt="p"), TextCompletionResponse)
    events = await surface.responses.create(model="m", input="i", stream=True)
    assert_type(events, AsyncResponseStream[ResponseStreamEvent, ResponseCreateResponse])
    assert_type(await events.get_final_response(), ResponseCreateResponse)


def the_small_calls_give_their_models(client: Tensormesh) -> None:
    """On both surfaces."""
    for surface in (client.inference.serverless, client.inference.on_demand):
        assert_type(surface.models.list(), InferenceModelList)
        assert_type(surface.tokenize.create(model="m", prompt="p"), TokenizeResponse)
        assert_type(surface.health.get(), HealthResponse)


def a_request_stands_for_the_fields(client: Tensormesh, request: ChatCompletionRequest) -> None:
    """As a model or a mapping, and never beside them."""
    create = client.inference.serverless.chat.completions.create

    assert_type(create(request=request), ChatCompletionResponse)
    assert_type(create(request={"model": "m", "messages": []}, timeout=3), ChatCompletionResponse)
    assert_type(create(request=request, stream=True), CompletionStream[ChatCompletionChunk, ChatCompletionResponse])
    create(request=request, temperature=1)  # type: ignore[call-overload]
    create(request="Hello")  # type: ignore[call-overload]


def options_go_with_every_call(client: Tensormesh) -> None:
    """Their types are seen, and so are arguments that there are not."""
    create = client.inference.on_demand.chat.completions.create

    create(model="m", messages=MESSAGES, extra_headers={"a": "b"}, extra_query={"a": 1}, extra_body={"b": None})
    create(model="m", messages=MESSAGES, timeout=Timeout(total=9), user_id="u", stream_idle_timeout=60)
    create(model="m", messages=MESSAGES, temprature=1)  # type: ignore[call-overload]
    create(model="m", messages=MESSAGES, temperature="hot")  # type: ignore[call-overload]
    create(model="m", messages=MESSAGES, extra_headers="a: b")  # type: ignore[call-overload]


def raw_calls_give_whole_responses(client: Tensormesh) -> None:
    """Around what the call itself gives."""
    raw = client.inference.serverless.chat.completions.with_raw_response
    response = raw.create(model="m", messages=MESSAGES)

    assert_type(response, Response[ChatCompletionResponse])
    assert_type(response.parsed, ChatCompletionResponse)
    assert_type(client.inference.serverless.models.with_raw_response.list(), Response[InferenceModelList])
    assert_type(client.control_plane.products.with_raw_response.list(), Response[list[Product]])
    raw.create(model="m", messages=MESSAGES, stream=True)  # type: ignore[call-overload]


async def awaited_raw_calls_do_too(client: AsyncTensormesh) -> None:
    """In the other colour."""
    raw = client.inference.serverless.chat.completions.with_raw_response

    assert_type(await raw.create(model="m", messages=MESSAGES), Response[ChatCompletionResponse])
    assert_type(await client.control_plane.products.with_raw_response.list(), Response[list[Product]])


def streaming_calls_give_streams(client: Tensormesh) -> None:
    """Whatever `stream` would say; it cannot say anything."""
    streaming = client.inference.serverless.completions.with_streaming_response

    assert_type(
        streaming.create(model="m", prompt="p"), CompletionStream[TextCompletionResponse, TextCompletionResponse]
    )
    streaming.create(model="m", prompt="p", stream=False)  # type: ignore[call-overload]


async def awaited_streaming_calls_do_too(client: AsyncTensormesh) -> None:
    """In the other colour."""
    streaming = client.inference.serverless.responses.with_streaming_response
    stream = await streaming.create(model="m", input="i")

    assert_type(stream, AsyncResponseStream[ResponseStreamEvent, ResponseCreateResponse])


def pages_are_walked_through_as_items(client: Tensormesh) -> None:
    """Of their own types."""
    assert_type(client.control_plane.support.tickets.auto_paging_iter(size=5), Iterator[Ticket])
    assert_type(client.control_plane.billing.transactions.auto_paging_iter(), Iterator[BillingTransaction])


def and_so_they_are_by_the_twin(client: AsyncTensormesh) -> None:
    """Without an `await` before the walk."""
    assert_type(client.control_plane.support.tickets.auto_paging_iter(), AsyncIterator[Ticket])


async def surfaces_are_clients_of_the_plain_functions(client: Tensormesh, twin: AsyncTensormesh) -> None:
    """Each of its own colour."""
    chat = api.chat.create_chat_completion

    assert_type(chat.sync(client=client.inference.serverless, body={}), ChatCompletionResponse)
    assert_type(await chat.asyncio(client=twin.inference.on_demand, body={}), ChatCompletionResponse)
    assert_type(client.control_plane.send(api.products.list_products.build_request()).status_code, int)
    chat.sync(client=twin.inference.serverless, body={})  # type: ignore[arg-type]
    chat.sync(client=client, body={})  # type: ignore[arg-type]


async def unlisted_routes_give_plain_json(client: Tensormesh, twin: AsyncTensormesh) -> None:
    """In both colours."""
    assert_type(client.inference.serverless.request("GET", "/v1/x", params={"a": 1}, timeout=3), Response[Any])
    assert_type(client.inference.serverless.stream_request("POST", "/v1/x"), Stream[dict[str, Any], Any])
    assert_type(await twin.control_plane.request("GET", "/v1/x"), Response[Any])
    assert_type(await twin.inference.on_demand.stream_request("POST", "/v1/x"), AsyncStream[dict[str, Any], Any])


def blocks_give_their_own_type(client: Tensormesh) -> None:
    """A subclass stays one."""
    with client as same:
        assert_type(same, Tensormesh)
