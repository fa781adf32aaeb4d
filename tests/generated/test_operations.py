"""Every operation can be called, sync and async, with any client that can send."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any, get_type_hints

import pytest

from tensormesh_generated import client as clients
from tensormesh_generated import models
from tensormesh_runtime.types import Operation, Request, Response, StreamRequest
from tests.generated.conftest import AsyncRecorder, Recorder

FUNCTIONS = ("sync", "sync_detailed", "asyncio", "asyncio_detailed", "build_request", "parse")
STREAMING = ("stream", "astream", "build_stream_request", "parse_event")


def arguments(operation: ModuleType) -> dict[str, Any]:
    """The least that its functions take."""
    values: dict[str, Any] = {}
    for name, parameter in inspect.signature(operation.build_request).parameters.items():
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        if name == "body":
            values[name] = {"novelty": 1}
        elif parameter.default is inspect.Parameter.empty:
            values[name] = "x"
    return values


def wrong(operations: list[ModuleType], fits: Callable[[ModuleType], bool]) -> list[str]:
    """The operations that something does not hold for; there are some to look at."""
    assert len(operations) > 70
    return [operation.__name__ for operation in operations if not fits(operation)]


def test_an_operation_has_its_functions(operations: list[ModuleType]) -> None:
    """The four that users of such packages expect, the pure ones they are made of, and the facts."""

    def complete(operation: ModuleType) -> bool:
        streaming = [name for name in STREAMING if hasattr(operation, name)]
        return (
            isinstance(operation.OPERATION, Operation)
            and all(inspect.isfunction(getattr(operation, name, None)) for name in FUNCTIONS)
            and streaming == (list(STREAMING) if operation.OPERATION.stream else [])
        )

    assert wrong(operations, complete) == []


def test_the_four_functions_take_the_same_arguments(operations: list[ModuleType]) -> None:
    """Those of `build_request`, and a client."""

    def agree(operation: ModuleType) -> bool:
        expected = dict(inspect.signature(operation.build_request).parameters)
        names = FUNCTIONS[:4] + (STREAMING[:2] if operation.OPERATION.stream else ())
        taken = [dict(inspect.signature(getattr(operation, name)).parameters) for name in names]
        return all(one.pop("client", None) and one == expected for one in taken)

    assert wrong(operations, agree) == []


def test_an_answer_is_never_none(operations: list[ModuleType]) -> None:
    """Each function returns the success type; failure is an exception."""
    scope = {**vars(clients), **{name: getattr(models, name) for name in models.__all__}}

    def given(operation: ModuleType, name: str) -> Any:
        return get_type_hints(getattr(operation, name), localns=scope)["return"]

    def agree(operation: ModuleType) -> bool:
        kind = given(operation, "parse")
        return given(operation, "sync") is given(operation, "asyncio") is kind and (
            given(operation, "sync_detailed") == given(operation, "asyncio_detailed") == Response[kind]
        )

    assert wrong(operations, agree) == []


def test_the_functions_are_documented(operations: list[ModuleType]) -> None:
    """The docstring names each argument and says what is raised."""

    def documented(operation: ModuleType) -> bool:
        texts = [inspect.getdoc(getattr(operation, name)) or "" for name in ("sync", "asyncio")]
        names = list(inspect.signature(operation.build_request).parameters)
        return all(
            "Raises:\n    TensormeshError: " in text and all(f"\n    {name}: " in text for name in names)
            for text in texts
        )

    assert wrong(operations, documented) == []


def test_sync_sends_one_request_and_gives_the_answer(operations: list[ModuleType]) -> None:
    """`sync` gives what `build_request` describes, parsed; `sync_detailed` the same with what came beside it."""
    for operation in operations:
        client, given = Recorder(), arguments(operation)
        plain = operation.sync(client=client, **given)
        detailed = operation.sync_detailed(client=client, **given)

        assert plain == operation.parse({}) == detailed.parsed, operation.__name__
        assert (detailed.status_code, detailed.request_id) == (200, "r-1"), operation.__name__
        assert client.sent == [operation.build_request(**given)] * 2, operation.__name__
        assert isinstance(client.sent[0], Request), operation.__name__
        assert client.sent[0].operation is operation.OPERATION


def test_asyncio_sends_the_same_request(operations: list[ModuleType]) -> None:
    """The asynchronous versions differ by `await` only."""

    async def both(operation: ModuleType, client: AsyncRecorder, given: dict[str, Any]) -> tuple[Any, Any]:
        plain = await operation.asyncio(client=client, **given)
        return plain, await operation.asyncio_detailed(client=client, **given)

    for operation in operations:
        client, given = AsyncRecorder(), arguments(operation)
        plain, detailed = asyncio.run(both(operation, client, given))

        assert plain == operation.parse({}) == detailed.parsed, operation.__name__
        assert client.sent == [operation.build_request(**given)] * 2, operation.__name__


def test_streams_send_the_same_request_sync_and_async(operations: list[ModuleType]) -> None:
    """`stream` and `astream` hand out parsed events."""
    streaming = [operation for operation in operations if operation.OPERATION.stream]
    assert len(streaming) == 3
    for operation in streaming:
        client, async_client, given = Recorder(), AsyncRecorder(), arguments(operation)
        events = [
            *operation.stream(client=client, **given),
            *asyncio.run(operation.astream(client=async_client, **given)),
        ]

        assert events == [operation.parse_event({})] * 2, operation.__name__
        assert [*client.sent, *async_client.sent] == [operation.build_stream_request(**given)] * 2
        assert isinstance(client.sent[0], StreamRequest), operation.__name__
        assert client.sent[0].json == {"novelty": 1, operation.OPERATION.stream.field: True}


def test_a_request_has_the_path_of_its_operation(operations: list[ModuleType]) -> None:
    """With each parameter filled in."""

    def filled_in(operation: ModuleType) -> bool:
        path = operation.build_request(**arguments(operation)).path
        return "{" not in path and path == re.sub(r"\{\w+\}", "x", operation.OPERATION.path)

    assert wrong(operations, filled_in) == []


def test_facts_are_the_values_of_the_documents(operations: list[ModuleType]) -> None:
    """`idempotent` follows `retry`; an operation can be hashed and compared as a value."""

    def sound(operation: ModuleType) -> bool:
        facts = operation.OPERATION
        return (
            facts.idempotent is (facts.retry == "idempotent")
            and facts.id == operation.__name__.rpartition(".")[2]
            and facts.method in ("GET", "POST", "PUT", "DELETE")
            and facts.surfaces in (("serverless", "on_demand"), ("control_plane",))
            and len({facts, facts}) == 1
        )

    assert wrong(operations, sound) == []


@pytest.mark.parametrize("protocol", [clients.Client, clients.AsyncClient])
def test_a_client_needs_two_methods(protocol: Any) -> None:
    """Sending and streaming; whoever can do that is a client."""
    assert {"send", "stream"} == {name for name in vars(protocol) if not name.startswith("_")}
