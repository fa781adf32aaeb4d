"""The control plane of a client. A module of its own, so that who infers does not load its calls."""

from __future__ import annotations

from functools import cached_property

from tensormesh_generated.namespaces.control_plane import AsyncControlPlane, ControlPlane
from tensormesh_overlay.calls.sender import AsyncSender, Sender
from tensormesh_overlay.configuration.config import Config
from tensormesh_overlay.configuration.target import SurfaceName
from tensormesh_overlay.surfaces.deployments import AsyncModels, AsyncObservability, Models, Observability
from tensormesh_transport.messages import AsyncTransport, Transport


class ControlPlaneSurface(ControlPlane, Sender):
    """The calls of the control plane, and itself a client for the low-level functions."""

    def __init__(self, surface: SurfaceName, config: Config, transport: Transport) -> None:
        Sender.__init__(self, surface, config, transport)
        ControlPlane.__init__(self, Sender(surface, config, transport))

    @cached_property
    def models(self) -> Models:
        return Models(self._client)

    @cached_property
    def observability(self) -> Observability:
        return Observability(self._client)


class AsyncControlPlaneSurface(AsyncControlPlane, AsyncSender):
    """The asynchronous version of `ControlPlaneSurface`."""

    def __init__(self, surface: SurfaceName, config: Config, transport: AsyncTransport) -> None:
        AsyncSender.__init__(self, surface, config, transport)
        AsyncControlPlane.__init__(self, AsyncSender(surface, config, transport))

    @cached_property
    def models(self) -> AsyncModels:
        return AsyncModels(self._client)

    @cached_property
    def observability(self) -> AsyncObservability:
        return AsyncObservability(self._client)
