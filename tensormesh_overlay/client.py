"""`Tensormesh` and `AsyncTensormesh`: the surfaces of one account, over one pool of connections."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from functools import cached_property
from types import TracebackType
from typing import Any, Self, TypeVar

from tensormesh_generated.namespaces.control_plane import AsyncControlPlane, ControlPlane
from tensormesh_generated.namespaces.inference import AsyncInference, Inference
from tensormesh_generated.types import Request, Response, StreamRequest
from tensormesh_overlay.config import Config, resolve
from tensormesh_overlay.errors import APIConnectionError, status_error
from tensormesh_overlay.retry import Outcome, Wait, attempts
from tensormesh_overlay.streaming import AsyncStream, Stream
from tensormesh_overlay.surfaces import SurfaceName, target
from tensormesh_overlay.transports import AsyncTransport, Timeouts, Transport
from tensormesh_overlay.wire import HTTPResponse, http_request, parse, plain_url

T = TypeVar("T")
E = TypeVar("E")


class Sender:
    """One surface as a client of the low-level functions: `api.chat.create_chat_completion.sync(client=...)`."""

    def __init__(self, surface: SurfaceName, config: Config, transport: Transport) -> None:
        self._surface: SurfaceName = surface
        self._config = config
        self._transport = transport

    def send(self, request: Request[T]) -> Response[T]:
        """
        Send a request and give its answer.

        Raises:
            TensormeshError: anything but success; see `tensormesh.errors`.
        """
        sent = http_request(request, target(self._surface, request.operation, self._config))
        flow = attempts(self._config.max_retries if request.operation.idempotent else 0)
        outcome: Outcome = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as end:
                return parse(request, sent, end.value)
            outcome = None
            if isinstance(step, Wait):
                time.sleep(step.seconds)
                continue
            try:
                outcome = self._transport.send(sent)
            except APIConnectionError as error:
                outcome = error

    def stream(self, request: StreamRequest[E]) -> Stream[E]:
        """
        Send a request and hand out its events as they arrive. It is sent once.

        Raises:
            TensormeshError: anything but success; see `tensormesh.errors`.
        """
        sent = http_request(request, target(self._surface, request.operation, self._config))
        received = self._transport.open(sent)
        if isinstance(received, HTTPResponse):
            raise status_error(received.status_code, received.headers, received.content, plain_url(sent.url))
        return Stream(request, received)


class AsyncSender:
    """The asynchronous twin of `Sender`."""

    def __init__(self, surface: SurfaceName, config: Config, transport: AsyncTransport) -> None:
        self._surface: SurfaceName = surface
        self._config = config
        self._transport = transport

    async def send(self, request: Request[T]) -> Response[T]:
        """
        Send a request and give its answer.

        Raises:
            TensormeshError: anything but success; see `tensormesh.errors`.
        """
        sent = http_request(request, target(self._surface, request.operation, self._config))
        flow = attempts(self._config.max_retries if request.operation.idempotent else 0)
        outcome: Outcome = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as end:
                return parse(request, sent, end.value)
            outcome = None
            if isinstance(step, Wait):
                await asyncio.sleep(step.seconds)
                continue
            try:
                outcome = await self._transport.send(sent)
            except APIConnectionError as error:
                outcome = error

    async def stream(self, request: StreamRequest[E]) -> AsyncStream[E]:
        """
        Send a request and hand out its events as they arrive. It is sent once.

        Raises:
            TensormeshError: anything but success; see `tensormesh.errors`.
        """
        sent = http_request(request, target(self._surface, request.operation, self._config))
        received = await self._transport.open(sent)
        if isinstance(received, HTTPResponse):
            raise status_error(received.status_code, received.headers, received.content, plain_url(sent.url))
        return AsyncStream(request, received)


class InferenceSurface(Inference, Sender):
    """The calls of one inference surface, and itself a client for the low-level functions."""

    def __init__(self, surface: SurfaceName, config: Config, transport: Transport) -> None:
        Sender.__init__(self, surface, config, transport)
        Inference.__init__(self, self)


class AsyncInferenceSurface(AsyncInference, AsyncSender):
    """The asynchronous twin of `InferenceSurface`."""

    def __init__(self, surface: SurfaceName, config: Config, transport: AsyncTransport) -> None:
        AsyncSender.__init__(self, surface, config, transport)
        AsyncInference.__init__(self, self)


class ControlPlaneSurface(ControlPlane, Sender):
    """The calls of the control plane, and itself a client for the low-level functions."""

    def __init__(self, config: Config, transport: Transport) -> None:
        Sender.__init__(self, "control_plane", config, transport)
        ControlPlane.__init__(self, self)


class AsyncControlPlaneSurface(AsyncControlPlane, AsyncSender):
    """The asynchronous twin of `ControlPlaneSurface`."""

    def __init__(self, config: Config, transport: AsyncTransport) -> None:
        AsyncSender.__init__(self, "control_plane", config, transport)
        AsyncControlPlane.__init__(self, self)


class InferenceSurfaces:
    """Both inference surfaces of a client."""

    def __init__(self, config: Config, transport: Transport) -> None:
        self.serverless = InferenceSurface("serverless", config, transport)
        self.on_demand = InferenceSurface("on_demand", config, transport)


class AsyncInferenceSurfaces:
    """The asynchronous twin of `InferenceSurfaces`."""

    def __init__(self, config: Config, transport: AsyncTransport) -> None:
        self.serverless = AsyncInferenceSurface("serverless", config, transport)
        self.on_demand = AsyncInferenceSurface("on_demand", config, transport)


class _Settings:
    """What both colours share: the constructor's arguments, resolved."""

    config: Config

    def __init__(
        self,
        *,
        control_plane_token: str | None = None,
        control_plane_base_url: str | None = None,
        inference_api_key: str | None = None,
        serverless_base_url: str | None = None,
        on_demand_base_url: str | None = None,
        on_demand_user_id: str | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        ca_bundle: str | os.PathLike[str] | None = None,
        http_client: Any = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.config = resolve(
            {
                "control_plane_token": control_plane_token,
                "control_plane_base_url": control_plane_base_url,
                "inference_api_key": inference_api_key,
                "serverless_base_url": serverless_base_url,
                "on_demand_base_url": on_demand_base_url,
                "on_demand_user_id": on_demand_user_id,
                "timeout": timeout,
                "max_retries": max_retries,
                "ca_bundle": os.fspath(ca_bundle) if ca_bundle is not None else None,
            },
            os.environ if env is None else env,
        )
        self._http_client = http_client

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.config!r})"


class Tensormesh(_Settings):
    """
    A client of Tensormesh.

    Args:
        control_plane_token: bearer token of the control plane.
        control_plane_base_url: where the control plane is.
        inference_api_key: key of both inference surfaces.
        serverless_base_url: where serverless inference is.
        on_demand_base_url: where the routed deployments are.
        on_demand_user_id: the UUID sent as `X-User-Id` on demand.
        timeout: seconds to wait for a connection, and for the answer.
        max_retries: how often a GET, PUT or DELETE is tried again. A POST is sent once.
        ca_bundle: a file of certificate authorities to trust instead of the system's.
        http_client: an `httpx.Client` of your own, which you close.
        env: environment variables to read instead of `os.environ`.

    Raises:
        ConfigurationError: a setting is blank or wrong.
    """

    @cached_property
    def _transport(self) -> Transport:
        return Transport(Timeouts(self.config.timeout), self.config.ca_bundle, self._http_client)

    @cached_property
    def inference(self) -> InferenceSurfaces:
        """Serverless and on-demand inference."""
        return InferenceSurfaces(self.config, self._transport)

    @cached_property
    def control_plane(self) -> ControlPlaneSurface:
        """Users, keys, billing, models, support, administration."""
        return ControlPlaneSurface(self.config, self._transport)

    def close(self) -> None:
        """Close the connections. A later call opens new ones."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncTensormesh(_Settings):
    """The asynchronous twin of `Tensormesh`; the same arguments, an `httpx.AsyncClient` as `http_client`."""

    @cached_property
    def _transport(self) -> AsyncTransport:
        return AsyncTransport(Timeouts(self.config.timeout), self.config.ca_bundle, self._http_client)

    @cached_property
    def inference(self) -> AsyncInferenceSurfaces:
        """Serverless and on-demand inference."""
        return AsyncInferenceSurfaces(self.config, self._transport)

    @cached_property
    def control_plane(self) -> AsyncControlPlaneSurface:
        """Users, keys, billing, models, support, administration."""
        return AsyncControlPlaneSurface(self.config, self._transport)

    async def close(self) -> None:
        """Close the connections of this event loop. A later call opens new ones."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
