"""Every operation can be called, sync and async, with any client that can send."""

from __future__ import annotations

import asyncio
import inspect
from types import ModuleType
from typing import Any, get_type_hints

import pytest

from tensormesh_generated import client as clients
from tensormesh_generated import models
from tensormesh_generated.types import Operation, Request, Response, StreamRequest

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


def test_an_operation_has_its_functions(operation: ModuleType) -> None:
    """The four that users of such packages expect, the pure ones they are made of, and the facts."""
    assert isinstance(operation.OPERATION, Operation)
    assert [name for name in FUNCTIONS if not inspect.isfunction(getattr(operation, name, None))] == []
    streaming = [name for name in STREAMING if hasattr(operation, name)]
    assert (list(STREAMING) if operation.OPERATION.stream else []) == streaming


def test_the_four_functions_take_the_same_arguments(operation: ModuleType) -> None:
    """Those of `build_request`, and a client."""
    expected = inspect.signature(operation.build_request).parameters
    names = FUNCTIONS[:4] + (STREAMING[:2] if operation.OPERATION.stream else ())

    for name in names:
        parameters = dict(inspect.signature(getattr(operation, name)).parameters)
        del parameters["client"]
        assert dict(expected) == parameters


def test_an_answer_is_never_none(operation: ModuleType) -> None:
    """Each function returns the success type; failure is an exception."""
    scope = {**vars(clients), **{name: getattr(models, name) for name in models.__all__}}
    kind = get_type_hints(operation.parse, localns=scope)["return"]

    for name in ("sync", "asyncio"):
        assert kind is get_type_hints(getattr(operation, name), localns=scope)["return"]
    for name in ("sync_detailed", "asyncio_detailed"):
        assert Response[kind] == get_type_hints(getattr(operation, name), localns=scope)["return"]


def test_the_functions_are_documented(operation: ModuleType) -> None:
    """The docstring names each argument and says what is raised."""
    for name in ("sync", "asyncio"):
        text = inspect.getdoc(getattr(operation, name)) or ""

        assert "Raises:\n    TensormeshError: " in text
        for argument in inspect.signature(operation.build_request).parameters:
            assert f"\n    {argument}: " in text


def test_sync_sends_one_request_and_gives_the_answer(operation: ModuleType, client: Any) -> None:
    """`sync` gives what `build_request` describes, parsed; `sync_detailed` the same with what came beside it."""
    given = arguments(operation)
    plain = operation.sync(client=client, **given)
    detailed = operation.sync_detailed(client=client, **given)

    assert (operation.parse({}), plain) == (plain, detailed.parsed)
    assert (detailed.status_code, detailed.request_id) == (200, "r-1")
    assert [operation.build_request(**given)] * 2 == client.sent
    assert isinstance(client.sent[0], Request)
    assert client.sent[0].operation is operation.OPERATION


def test_asyncio_sends_the_same_request(operation: ModuleType, async_client: Any) -> None:
    """The asynchronous versions differ by `await` only."""
    given = arguments(operation)

    async def both() -> tuple[Any, Any]:
        plain = await operation.asyncio(client=async_client, **given)
        return plain, await operation.asyncio_detailed(client=async_client, **given)

    plain, detailed = asyncio.run(both())

    assert (operation.parse({}), plain) == (plain, detailed.parsed)
    assert [operation.build_request(**given)] * 2 == async_client.sent


def test_streams_send_the_same_request_sync_and_async(operation: ModuleType, client: Any, async_client: Any) -> None:
    """`stream` and `astream` hand out parsed events."""
    if not operation.OPERATION.stream:
        return
    given = arguments(operation)

    events = [
        *operation.stream(client=client, **given),
        *asyncio.run(operation.astream(client=async_client, **given)),
    ]

    assert [operation.parse_event({})] * 2 == events
    assert [operation.build_stream_request(**given)] * 2 == [*client.sent, *async_client.sent]
    assert isinstance(client.sent[0], StreamRequest)
    assert {"novelty": 1, operation.OPERATION.stream.field: True} == client.sent[0].json


def test_a_request_has_the_path_of_its_operation(operation: ModuleType) -> None:
    """With each parameter filled in."""
    request = operation.build_request(**arguments(operation))
    expected = "/".join("x" if part == "{" else part for part in _without_names(operation.OPERATION.path))

    assert expected == request.path
    assert "{" not in request.path


def _without_names(path: str) -> list[str]:
    import re

    return re.sub(r"\{\w+\}", "x", path).split("/")


def test_facts_are_the_values_of_the_documents(operation: ModuleType) -> None:
    """`idempotent` follows `retry`; an operation can be hashed and compared as a value."""
    facts = operation.OPERATION

    assert (facts.retry == "idempotent") is facts.idempotent
    assert operation.__name__.rpartition(".")[2] == facts.id
    assert facts.method in ("GET", "POST", "PUT", "DELETE")
    assert facts.surfaces in (("serverless", "on_demand"), ("control_plane",))
    assert len({facts, facts}) == 1


@pytest.mark.parametrize("protocol", [clients.Client, clients.AsyncClient])
def test_a_client_needs_two_methods(protocol: Any) -> None:
    """Sending and streaming; whoever can do that is a client."""
    assert {"send", "stream"} == {name for name in vars(protocol) if not name.startswith("_")}
