"""The control plane of a client. A module of its own, so that who infers does not load its calls."""

from __future__ import annotations

from tensormesh_generated.namespaces.control_plane import AsyncControlPlane, ControlPlane
from tensormesh_overlay.config import Config
from tensormesh_overlay.sender import AsyncSender, Sender
from tensormesh_overlay.surfaces import SurfaceName
from tensormesh_overlay.wire import AsyncWire, Wire


class ControlPlaneSurface(ControlPlane, Sender):
    """The calls of the control plane, and itself a client for the low-level functions."""

    def __init__(self, surface: SurfaceName, config: Config, wire: Wire) -> None:
        Sender.__init__(self, surface, config, wire)
        ControlPlane.__init__(self, Sender(surface, config, wire))


class AsyncControlPlaneSurface(AsyncControlPlane, AsyncSender):
    """The asynchronous twin of `ControlPlaneSurface`."""

    def __init__(self, surface: SurfaceName, config: Config, wire: AsyncWire) -> None:
        AsyncSender.__init__(self, surface, config, wire)
        AsyncControlPlane.__init__(self, AsyncSender(surface, config, wire))
