"""What type checkers see of the plain functions. Never run: `make check` reads it."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_type

from tensormesh import UNSET, AsyncTensormesh, Tensormesh
from tensormesh.types import (
    ChatCompletionChunk,
    ChatCompletionRequest,
    ChatCompletionResponse,
    GetUserResponse,
    InferenceModelList,
    ListActivitiesResponse,
    ResponseCreateResponse,
    ResponseStreamEvent,
)
from tensormesh_generated import api
from tensormesh_generated.client import AsyncClient, AsyncEventStream, Client, EventStream
from tensormesh_runtime.types import Operation, Request, Response, StreamRequest

chat = api.chat.create_chat_completion
responses = api.responses.create_response


def a_whole_answer_is_its_success_type(client: Client, body: ChatCompletionRequest) -> None:
    """Never `None`: anything but success is an exception."""
    assert_type(chat.sync(client=client, body=body), ChatCompletionResponse)
    assert_type(responses.sync(client=client, body={}), ResponseCreateResponse)
    assert_type(api.models.list_models.sync(client=client), InferenceModelList)
    assert_type(api.users.get_user.sync(client=client, user_id="u"), GetUserResponse)


async def an_awaited_answer_is_the_same(client: AsyncClient, body: ChatCompletionRequest) -> None:
    """Sync and async differ by `await` only."""
    assert_type(await chat.asyncio(client=client, body=body), ChatCompletionResponse)
    assert_type(await api.users.get_user.asyncio(client=client, user_id="u"), GetUserResponse)


def a_detailed_answer_holds_the_answer(client: Client, body: ChatCompletionRequest) -> None:
    """With what HTTP says around it."""
    detailed = chat.sync_detailed(client=client, body=body)

    assert_type(detailed, Response[ChatCompletionResponse])
    assert_type(detailed.parsed, ChatCompletionResponse)
    assert_type(detailed.status_code, int)
    assert_type(detailed.headers, Mapping[str, str])
    assert_type(detailed.content, bytes)
    assert_type(detailed.request_id, str | None)


async def an_awaited_detailed_answer_is_the_same(client: AsyncClient, body: ChatCompletionRequest) -> None:
    """And so are its parts."""
    assert_type(await chat.asyncio_detailed(client=client, body=body), Response[ChatCompletionResponse])


def a_body_may_be_a_model_or_a_mapping(client: Client, mapping: Mapping[str, Any]) -> None:
    """Of any kind of mapping, and of nothing else."""
    chat.sync(client=client, body={"model": "m", "messages": [{"role": "user", "content": "Hello"}]})
    chat.sync(client=client, body=mapping)
    chat.sync(client=client, body="Hello")  # type: ignore[arg-type]
    chat.sync(client=client, body=[{"role": "user"}])  # type: ignore[arg-type]
    chat.sync(client=client, body=ChatCompletionResponse.from_dict({}))  # type: ignore[arg-type]
    chat.sync(client=client, body=None)  # type: ignore[arg-type]


def arguments_go_by_name(client: Client, body: ChatCompletionRequest) -> None:
    """All that is needed has to be given, and nothing else can be."""
    chat.sync(client, body)  # type: ignore[call-arg]
    chat.sync(client=client)  # type: ignore[call-arg]
    chat.sync(body=body)  # type: ignore[call-arg]
    chat.sync(client=client, body=body, model="m")  # type: ignore[call-arg]
    api.users.get_user.sync(client=client, userId="u")  # type: ignore[call-arg]
    api.models.list_models.sync(client=client, body={})  # type: ignore[call-arg]


def parameters_have_types(client: Client, start: datetime) -> None:
    """Those of the document, and better ones where the JSON has text for them."""
    history = api.activities.list_activities
    assert_type(history.sync(client=client, start_time=start, end_time=UNSET), ListActivitiesResponse)
    assert_type(history.sync(client=client, start_time="2026-11-21T00:00:00Z"), ListActivitiesResponse)
    history.sync(client=client, start_time=7)  # type: ignore[arg-type]
    api.billing.list_transactions.sync(client=client, page_size="ten")  # type: ignore[arg-type]
    api.users.get_user.sync(client=client, user_id=7)  # type: ignore[arg-type]


def a_stream_gives_events_and_what_they_add_up_to(client: Client, body: ChatCompletionRequest) -> None:
    """Both by their types."""
    stream = chat.stream(client=client, body=body)

    assert_type(stream, EventStream[ChatCompletionChunk, ChatCompletionResponse])
    for event in stream:
        assert_type(event, ChatCompletionChunk)
    for text in stream.text_deltas():
        assert_type(text, str)
    assert_type(stream.get_final(), ChatCompletionResponse)
    with stream as same:
        assert_type(next(same), ChatCompletionChunk)


async def an_awaited_stream_is_the_same(client: AsyncClient) -> None:
    """A stream is awaited once, and its events one by one."""
    stream = await responses.astream(client=client, body={})

    assert_type(stream, AsyncEventStream[ResponseStreamEvent, ResponseCreateResponse])
    async for event in stream:
        assert_type(event, ResponseStreamEvent)
    assert_type(await stream.get_final(), ResponseCreateResponse)
    for _ in stream:  # type: ignore[attr-defined]
        pass


def an_operation_that_does_not_stream_says_so(client: Client) -> None:
    """There is no function that would fail."""
    api.models.list_models.stream(client=client)  # type: ignore[attr-defined]


def a_call_is_a_value(body: ChatCompletionRequest) -> None:
    """To be sent by any client, later."""
    assert_type(chat.build_request(body=body), Request[ChatCompletionResponse])
    assert_type(chat.build_stream_request(body=body), StreamRequest[ChatCompletionChunk, ChatCompletionResponse])
    assert_type(chat.parse({}), ChatCompletionResponse)
    assert_type(chat.parse_event({}), ChatCompletionChunk)
    assert_type(chat.OPERATION, Operation)


def a_surface_is_a_client(client: Tensormesh, body: ChatCompletionRequest) -> None:
    """The real client's surfaces can send what the plain functions build."""
    assert_type(chat.sync(client=client.inference.serverless, body=body), ChatCompletionResponse)
    assert_type(chat.sync(client=client.inference.on_demand, body=body), ChatCompletionResponse)
    assert_type(api.users.get_user.sync(client=client.control_plane, user_id="u"), GetUserResponse)
    chat.sync(client=client, body=body)  # type: ignore[arg-type]


async def an_asynchronous_surface_is_an_asynchronous_client(
    client: AsyncTensormesh, other: Tensormesh, body: ChatCompletionRequest
) -> None:
    """And a sync client cannot be handed to the async functions, nor an async one to the sync ones."""
    assert_type(await chat.asyncio(client=client.inference.serverless, body=body), ChatCompletionResponse)
    assert_type(await api.users.get_user.asyncio(client=client.control_plane, user_id="u"), GetUserResponse)
    chat.sync(client=client.inference.serverless, body=body)  # type: ignore[arg-type]
    await chat.asyncio(client=other.inference.serverless, body=body)  # type: ignore[arg-type]


class Recorder:
    """A client of one's own is anything that can send."""

    def send[T](self, request: Request[T], /) -> Response[T]:
        raise NotImplementedError

    def stream[E, F](self, request: StreamRequest[E, F], /) -> EventStream[E, F]:
        raise NotImplementedError


class Mute:
    """What cannot is none."""

    def send(self, request: str, /) -> str:
        return request


def a_client_of_one_s_own(body: ChatCompletionRequest) -> None:
    """No class has to be inherited from."""
    assert_type(chat.sync(client=Recorder(), body=body), ChatCompletionResponse)
    chat.sync(client=Mute(), body=body)  # type: ignore[arg-type]
