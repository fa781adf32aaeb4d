"""The inference surfaces of a client. A module of its own, so that building a client does not load their calls."""

from __future__ import annotations

from tensormesh_generated.namespaces.inference import AsyncInference, Inference
from tensormesh_overlay.config import Config
from tensormesh_overlay.sender import AsyncSender, Sender
from tensormesh_overlay.surfaces import SurfaceName
from tensormesh_overlay.wire import AsyncWire, Wire


class InferenceSurface(Inference, Sender):
    """The calls of one inference surface, and itself a client for the low-level functions."""

    def __init__(self, surface: SurfaceName, config: Config, wire: Wire) -> None:
        Sender.__init__(self, surface, config, wire)
        Inference.__init__(self, Sender(surface, config, wire))


class AsyncInferenceSurface(AsyncInference, AsyncSender):
    """The asynchronous twin of `InferenceSurface`."""

    def __init__(self, surface: SurfaceName, config: Config, wire: AsyncWire) -> None:
        AsyncSender.__init__(self, surface, config, wire)
        AsyncInference.__init__(self, AsyncSender(surface, config, wire))


class InferenceSurfaces:
    """Both inference surfaces of a client."""

    def __init__(self, config: Config, wire: Wire) -> None:
        self.serverless = InferenceSurface("serverless", config, wire)
        """Models that are always there, shared by all and billed by the token."""
        self.on_demand = InferenceSurface("on_demand", config, wire)
        """Your own deployment, at a base URL of its own and by `X-User-Id`."""


class AsyncInferenceSurfaces:
    """The asynchronous twin of `InferenceSurfaces`."""

    def __init__(self, config: Config, wire: AsyncWire) -> None:
        self.serverless = AsyncInferenceSurface("serverless", config, wire)
        """Models that are always there, shared by all and billed by the token."""
        self.on_demand = AsyncInferenceSurface("on_demand", config, wire)
        """Your own deployment, at a base URL of its own and by `X-User-Id`."""
