"""The inference surfaces of a client. A module of its own, so that building a client does not load their calls."""

from __future__ import annotations

from tensormesh_generated.namespaces.inference import AsyncInference, Inference
from tensormesh_overlay.calls.sender import AsyncSender, Sender
from tensormesh_overlay.configuration.config import Config
from tensormesh_overlay.configuration.target import SurfaceName
from tensormesh_transport.messages import AsyncTransport, Transport


class InferenceSurface(Inference, Sender):
    """The calls of one inference surface, and itself a client for the low-level functions."""

    def __init__(self, surface: SurfaceName, config: Config, transport: Transport) -> None:
        Sender.__init__(self, surface, config, transport)
        Inference.__init__(self, Sender(surface, config, transport))


class AsyncInferenceSurface(AsyncInference, AsyncSender):
    """The asynchronous version of `InferenceSurface`."""

    def __init__(self, surface: SurfaceName, config: Config, transport: AsyncTransport) -> None:
        AsyncSender.__init__(self, surface, config, transport)
        AsyncInference.__init__(self, AsyncSender(surface, config, transport))


class InferenceSurfaces:
    """Both inference surfaces of a client."""

    def __init__(self, config: Config, transport: Transport) -> None:
        self.serverless = InferenceSurface("serverless", config, transport)
        """Models that are always there, shared by all and billed by the token."""
        self.on_demand = InferenceSurface("on_demand", config, transport)
        """Your own deployment, at a base URL of its own and by `X-User-Id`."""


class AsyncInferenceSurfaces:
    """The asynchronous version of `InferenceSurfaces`."""

    def __init__(self, config: Config, transport: AsyncTransport) -> None:
        self.serverless = AsyncInferenceSurface("serverless", config, transport)
        """Models that are always there, shared by all and billed by the token."""
        self.on_demand = AsyncInferenceSurface("on_demand", config, transport)
        """Your own deployment, at a base URL of its own and by `X-User-Id`."""
