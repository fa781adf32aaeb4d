"""What type checkers see of the clients, the friendly calls and streams. Never run: `make check` reads it."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, assert_type

import httpx
import httpx2

from tensormesh import (
    ENV_INFERENCE_API_KEY,
    AsyncChatCompletionStream,
    AsyncStream,
    AsyncStreamResponse,
    AsyncTensormesh,
    Attempt,
    ChatCompletionStream,
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
    ChatMessageLike,
    HealthResponse,
    InferenceModelList,
    Product,
    ResponseCreateResponse,
    ResponseStreamEvent,
    TextCompletionResponse,
    Ticket,
    TokenizeResponse,
    UsageInfo,
)
from tensormesh_generated import api
from tensormesh_generated.client import (
    AsyncCompletionStream,
    AsyncResponseStream,
    CompletionStream,
    ResponseStream,
)

MESSAGES: list[ChatMessageLike] = [{"role": "user", "content": "Hello"}]


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
    client.with_options(
        control_plane_token="t",
        control_plane_base_url="https://cp.example.test",
        inference_api_key="k",
        serverless_base_url="https://sl.example.test",
        on_demand_base_url="https://od.example.test",
        on_demand_user_id="00000000-0000-0000-0000-000000000000",
        timeout=Timeout(connect=1),
        max_retries=2,
        default_headers={"x-trace": "t"},
        think="keep",
        retry=RetryPolicy(posts=True),
        allow_undescribed_tools=True,
        allow_json_schema=True,
    )
    client.with_options(tiemout=3)  # type: ignore[call-arg]
    client.with_options(timeout="3")  # type: ignore[arg-type]
    client.with_options(ca_bundle="ca.pem")  # type: ignore[call-arg]
    client.with_options(http_client=httpx.Client())  # type: ignore[call-arg]
    assert_type(client.close(), None)


def a_client_takes_a_client_or_a_transport_of_its_own_kind() -> None:
    """Of httpx or of httpx2, which has the same by other names."""
    Tensormesh(http_client=httpx.Client())
    Tensormesh(http_client=httpx2.Client())
    Tensormesh(transport=httpx.HTTPTransport(retries=1))
    Tensormesh(transport=httpx2.MockTransport(lambda request: httpx2.Response(200)))
    AsyncTensormesh(http_client=httpx.AsyncClient())
    AsyncTensormesh(http_client=httpx2.AsyncClient())
    AsyncTensormesh(transport=httpx.AsyncHTTPTransport())
    AsyncTensormesh(transport=httpx2.AsyncHTTPTransport())
    Tensormesh(http_client=None, transport=None)

    Tensormesh(http_client=3)  # type: ignore[arg-type]
    Tensormesh(http_client=httpx.Client)  # type: ignore[arg-type]
    Tensormesh(http_client=httpx.AsyncClient())  # type: ignore[arg-type]
    Tensormesh(http_client=httpx2.AsyncClient())  # type: ignore[arg-type]
    Tensormesh(http_client=httpx.HTTPTransport())  # type: ignore[arg-type]
    Tensormesh(transport=httpx.Client())  # type: ignore[arg-type]
    Tensormesh(transport=httpx.AsyncHTTPTransport())  # type: ignore[arg-type]
    AsyncTensormesh(http_client=httpx.Client())  # type: ignore[arg-type]
    AsyncTensormesh(http_client=httpx2.Client())  # type: ignore[arg-type]
    AsyncTensormesh(transport=httpx.HTTPTransport())  # type: ignore[arg-type]


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
    """Sync and async differ by `await` only."""
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


def a_stream_shows_all_that_it_can(client: Tensormesh) -> None:
    """Whatever the class behind it offers."""
    stream = client.inference.serverless.chat.completions.create(model="m", messages=MESSAGES, stream=True)

    assert_type(stream.snapshot(), ChatCompletionResponse | None)
    assert_type(stream.iter_bytes(), Iterator[bytes])
    assert_type(stream.get_final(), ChatCompletionResponse)
    assert_type(stream.status_code, int)
    assert_type(stream.headers, Mapping[str, str])
    assert_type(stream.close(), None)
    assert_type(stream.usage, UsageInfo | None)
    _ = stream.get_final_response()  # type: ignore[attr-defined]


async def and_so_does_the_async_client(client: AsyncTensormesh) -> None:
    """The same, async."""
    stream = await client.inference.serverless.chat.completions.create(model="m", messages=MESSAGES, stream=True)

    assert_type(stream.snapshot(), ChatCompletionResponse | None)
    assert_type(stream.iter_bytes(), AsyncIterator[bytes])
    assert_type(stream.iter_lines(), AsyncIterator[str])
    assert_type(stream.reasoning_deltas(), AsyncIterator[str])
    assert_type(await stream.close(), None)
    assert_type(stream.usage, UsageInfo | None)


def what_the_calls_give_has_public_names(client: Tensormesh, *, either: bool) -> None:
    """A function that takes a stream can say so."""
    create = client.inference.serverless.chat.completions.create
    chat: ChatCompletionStream[ChatCompletionChunk, ChatCompletionResponse] = create(
        model="m", messages=MESSAGES, stream=True
    )
    stream: Stream[ChatCompletionChunk, ChatCompletionResponse] = chat
    events: Stream[ResponseStreamEvent, ResponseCreateResponse] = client.inference.serverless.responses.create(
        model="m", input="i", stream=True
    )
    assert_type(chat.get_final_completion(), ChatCompletionResponse)
    del stream, events

    answer = create(model="m", messages=MESSAGES, stream=either)
    if isinstance(answer, ChatCompletionResponse):
        assert_type(answer, ChatCompletionResponse)
    else:
        assert_type(answer, CompletionStream[ChatCompletionChunk, ChatCompletionResponse])
    if isinstance(answer, Stream):
        for event in answer:
            assert_type(event, ChatCompletionChunk)


async def and_so_has_what_async_calls_give(client: AsyncTensormesh) -> None:
    """The same, async."""
    chat: AsyncChatCompletionStream[
        ChatCompletionChunk, ChatCompletionResponse
    ] = await client.inference.serverless.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    stream: AsyncStream[ChatCompletionChunk, ChatCompletionResponse] = chat
    other: AsyncStreamResponse[ChatCompletionChunk, ChatCompletionResponse] = chat
    del stream, other


def an_answer_is_sent_back_as_it_came(client: Tensormesh) -> None:
    """With dictionaries and models around it, or in a list of its own kind."""
    surface = client.inference.serverless
    answer = surface.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello"}])
    message = answer.choices[0].message

    surface.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "Hello"}, message, {"role": "user", "content": "And then?"}]
    )
    surface.chat.completions.create(model="m", messages=[ChatMessage(role="user", content="Hello"), message])
    surface.chat.completions.create(model="m", messages=[message], stream=True)
    surface.chat.completions.with_raw_response.create(model="m", messages=[*MESSAGES, message])
    surface.tokenize.create(model="m", messages=[message])
    ChatCompletionRequest(model="m", messages=[{"role": "user", "content": "Hello"}, message])
    history = [message]
    surface.chat.completions.create(model="m", messages=history)
    mixed: list[ChatMessageLike] = [message, {"role": "user", "content": "Go on."}]
    surface.chat.completions.create(model="m", messages=mixed)
    surface.chat.completions.create(model="m", messages=[answer])  # type: ignore[list-item]

    response = surface.responses.create(model="m", input="i")
    surface.responses.create(model="m", input=[*response.output, {"role": "user", "content": "And then?"}])


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


async def and_so_are_their_async_versions(client: AsyncTensormesh) -> None:
    """The same, async."""
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
    create(model="m", messages=MESSAGES, allow_json_schema=True, allow_undescribed_tools=False)
    create(model="m", messages=MESSAGES, extra_headers=None, extra_query=None, extra_body=None, timeout=None)
    create(model="m", messages=MESSAGES, user_id=None, stream_idle_timeout=None)
    client.inference.serverless.models.list(timeout=None)
    client.control_plane.users.get("u", timeout=None, extra_headers=None)
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
    """The same, async."""
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
    """The same, async."""
    streaming = client.inference.serverless.responses.with_streaming_response
    stream = await streaming.create(model="m", input="i")

    assert_type(stream, AsyncResponseStream[ResponseStreamEvent, ResponseCreateResponse])


def pages_are_walked_through_as_items(client: Tensormesh) -> None:
    """Of their own types."""
    assert_type(client.control_plane.support.tickets.auto_paging_iter(size=5), Iterator[Ticket])
    assert_type(client.control_plane.billing.transactions.auto_paging_iter(), Iterator[BillingTransaction])


def and_so_they_are_by_the_async_client(client: AsyncTensormesh) -> None:
    """Without an `await` before the walk."""
    assert_type(client.control_plane.support.tickets.auto_paging_iter(), AsyncIterator[Ticket])


async def surfaces_are_clients_of_the_plain_functions(client: Tensormesh, async_client: AsyncTensormesh) -> None:
    """Sync takes sync, async takes async."""
    chat = api.chat.create_chat_completion

    assert_type(chat.sync(client=client.inference.serverless, body={}), ChatCompletionResponse)
    assert_type(await chat.asyncio(client=async_client.inference.on_demand, body={}), ChatCompletionResponse)
    assert_type(client.control_plane.send(api.products.list_products.build_request()).status_code, int)
    chat.sync(client=async_client.inference.serverless, body={})  # type: ignore[arg-type]
    chat.sync(client=client, body={})  # type: ignore[arg-type]


async def unlisted_routes_give_plain_json(client: Tensormesh, async_client: AsyncTensormesh) -> None:
    """Sync and async."""
    assert_type(client.inference.serverless.request("GET", "/v1/x", params={"a": 1}, timeout=3), Response[Any])
    stream: Stream[dict[str, Any], Any] = client.inference.serverless.stream_request("POST", "/v1/x")
    async_stream: AsyncStream[dict[str, Any], Any] = await async_client.inference.on_demand.stream_request(
        "POST", "/v1/x"
    )
    assert_type(next(stream), dict[str, Any])
    assert_type(await anext(async_stream), dict[str, Any])
    assert_type(await async_client.control_plane.request("GET", "/v1/x"), Response[Any])


def blocks_give_their_own_type(client: Tensormesh) -> None:
    """A subclass stays one."""
    with client as same:
        assert_type(same, Tensormesh)
