"""`Tensormesh` and `AsyncTensormesh`: the surfaces of one account, over one pool of connections."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypedDict, TypeVar, Unpack

from tensormesh_overlay.configuration.config import Config, ThinkPolicy, changed, resolve
from tensormesh_overlay.configuration.misnomers import LOCAL_ONLY, named
from tensormesh_overlay.configuration.retry_policy import RetryPolicy
from tensormesh_overlay.errors import ConfigurationError
from tensormesh_overlay.readiness import base_urls, load_surfaces
from tensormesh_overlay.transport_errors import AsOurs
from tensormesh_runtime.publication import public
from tensormesh_runtime.types import Timeout
from tensormesh_transport.default import AsyncDefaultTransport, DefaultTransport
from tensormesh_transport.errors import UsageError
from tensormesh_transport.resources import Loading

OF_CONNECTIONS = ("ca_bundle", "max_connections")
"""What cannot be changed while the connections stay."""

CONFINEMENT = "tensormesh_overlay.confinement"
"""The module that keeps clients on this machine."""

HTTPClient = TypeVar("HTTPClient")
Transport = TypeVar("Transport")

if TYPE_CHECKING:
    from tensormesh_overlay.surfaces.control_plane import AsyncControlPlaneSurface, ControlPlaneSurface
    from tensormesh_overlay.surfaces.inference import AsyncInferenceSurfaces, InferenceSurfaces
    from tensormesh_transport.httpx_transport import AsyncHTTPClient, AsyncHTTPTransport, HTTPTransport
    from tensormesh_transport.httpx_transport import HTTPClient as SyncHTTPClient
    from tensormesh_transport.messages import AsyncTransport as AsyncCarrier
    from tensormesh_transport.messages import Transport as Carrier

    class Settings(TypedDict, total=False):
        """What `with_options` takes, of the constructor's arguments."""

        control_plane_token: str
        control_plane_base_url: str
        inference_api_key: str
        serverless_base_url: str
        on_demand_base_url: str
        on_demand_user_id: str
        timeout: float | Timeout
        max_retries: int
        max_response_bytes: int
        default_headers: Mapping[str, str]
        think: ThinkPolicy
        retry: RetryPolicy
        allow_undescribed_tools: bool
        allow_json_schema: bool


def without_frames[E: Exception](error: E) -> E:
    """An error without the frames behind it: among their variables are keys, and the whole environment."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _check_unshared(names: Iterable[str]) -> None:
    for name in names:
        if name in OF_CONNECTIONS:
            raise TypeError(f"{name} belongs to the connections, which are shared: make a new client")


class _Settings(Generic[HTTPClient, Transport]):  # noqa: UP046  (type parameters are not found by `get_type_hints`)
    """What the sync and the async client share: the constructor's arguments, resolved."""

    config: Config
    _borrows = False

    def __init__(
        self,
        *,
        control_plane_token: str | None = None,
        control_plane_base_url: str | None = None,
        inference_api_key: str | None = None,
        serverless_base_url: str | None = None,
        on_demand_base_url: str | None = None,
        on_demand_user_id: str | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        ca_bundle: str | os.PathLike[str] | None = None,
        max_connections: int | None = None,
        max_response_bytes: int | None = None,
        default_headers: Mapping[str, str] | None = None,
        think: ThinkPolicy | None = None,
        retry: RetryPolicy | None = None,
        allow_undescribed_tools: bool | None = None,
        allow_json_schema: bool | None = None,
        http_client: HTTPClient | None = None,
        transport: Transport | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        given = {
            name: value for name, value in locals().items() if name not in ("self", "http_client", "transport", "env")
        }
        environ = os.environ if env is None else env
        # No key shall be seen where an error comes through this frame.
        del control_plane_token, control_plane_base_url, inference_api_key, serverless_base_url, on_demand_base_url
        del on_demand_user_id, default_headers, env
        try:
            self.config = resolve(given, environ)
        except (ConfigurationError, Warning) as error:
            raise without_frames(error) from None
        finally:
            del given, environ
        if http_client is not None and transport is not None:
            raise ConfigurationError("give http_client or transport, not both")
        own = http_client is not None or transport is not None
        for name, value in {"ca_bundle": ca_bundle, "max_connections": max_connections}.items() if own else ():
            if value is not None:
                raise ConfigurationError(f"{name} has no effect on an http_client or transport: set it there")
        try:
            self._transport = self._make_transport(http_client, transport)
        except UsageError as error:
            raise ConfigurationError(str(error)) from error
        # Nobody is confined where it was never asked for, and to ask costs nothing.
        if LOCAL_ONLY in os.environ or CONFINEMENT in sys.modules:
            from tensormesh_overlay.confinement import confined

            self._transport = confined(self._transport, transport)

    def _make_transport(self, http_client: HTTPClient | None, transport: Transport | None) -> Any:
        raise NotImplementedError

    def with_options(self, **changes: Unpack[Settings]) -> Self:
        """
        A client with some settings changed, over the same connections.

        They stay those of the client that made them: to close the new one, or to leave its block, leaves them open.

        Args:
            changes: arguments of the constructor, but for `ca_bundle`, `max_connections`, `http_client`, `transport`
                and `env`.

        Raises:
            ConfigurationError: a setting is blank or wrong.
            TypeError: there is no such setting.
        """
        copy = object.__new__(type(self))
        copy._transport = self._transport
        copy._borrows = True
        try:
            _check_unshared(changes)
            copy.config = changed(self.config, changes)
        except (ConfigurationError, TypeError) as error:
            raise without_frames(error) from None
        finally:
            del changes
        return copy

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'config', None)!r})"  # there is none while it is made

    def __reduce__(self) -> Any:
        raise TypeError(
            "a client holds keys and connections, so it is neither pickled nor copied: make one where it is needed, "
            "or use with_options()"
        )


if not TYPE_CHECKING:  # whose words are better still, and who would see other arguments
    _Settings.__init__ = named(_Settings.__init__)
    _Settings.with_options = named(_Settings.with_options)

if TYPE_CHECKING:
    _SyncSettings = _Settings[SyncHTTPClient, HTTPTransport]
    _AsyncSettings = _Settings[AsyncHTTPClient, AsyncHTTPTransport]
else:  # where nobody reads them, they would only take their time
    _SyncSettings = _AsyncSettings = _Settings


@public
class Tensormesh(_SyncSettings):
    """
    A client of Tensormesh.

    Args:
        control_plane_token: bearer token of the control plane.
        control_plane_base_url: where the control plane is.
        inference_api_key: key of both inference surfaces.
        serverless_base_url: where serverless inference is.
        on_demand_base_url: where the routed deployments are.
        on_demand_user_id: the UUID sent as `X-User-Id` on demand.
        timeout: limits in seconds. One number limits each part of a call and, unless it streams, the whole. Without
            one, a call has 30 seconds to connect and 30 to begin its answer, which may take 600 in all; a whole answer
            that a model writes begins when it is written, and may take all of those. A stream may be silent for 300.
        max_retries: how often a GET, PUT or DELETE is tried again. A POST is sent once, unless `retry` says otherwise.
            Where nobody gives a number it is 0, or 2 with a `retry`.
        ca_bundle: a file of certificate authorities to trust instead of the system's.
        max_connections: how many connections may be open at a time (asynchronously, in each event loop). A call that
            needs one more waits, as long as it may take to connect.
        max_response_bytes: how long an answer may be that is read as a whole, decompressed, and how much of a stream
            is kept of what it adds up to; 256 MiB unless you say otherwise.
        default_headers: headers to send with every call.
        think: what becomes of `<think>` blocks that lead a chat answer: `split` moves them to `reasoning`; `keep`
            leaves them in the text; `open` is `split` for models whose prompt opens the block.
        retry: how calls are repeated, where `max_retries` allows it, and who is told of each try.
        allow_undescribed_tools: send tools without a description, which the service is known to refuse.
        allow_json_schema: send what asks for output after a JSON Schema (`response_format` of a chat, `text.format` of
            a response), which is no documented part of the service.
        http_client: an `httpx.Client` of your own (that of httpx2 fits as well), which you close.
        transport: a transport of httpx, such as `httpx.MockTransport`.
        env: environment variables to read instead of `os.environ`.

    Raises:
        ConfigurationError: a setting is blank or wrong.
    """

    _transport: Carrier

    def _make_transport(self, http_client: SyncHTTPClient | None, transport: HTTPTransport | None) -> Carrier:
        if http_client is None and transport is None:
            return DefaultTransport(self.config.ca_bundle, self.config.max_connections)
        from tensormesh_transport.httpx_transport import HttpxTransport

        return HttpxTransport(http_client, transport)

    @cached_property
    def inference(self) -> InferenceSurfaces:
        """Serverless and on-demand inference."""
        with AsOurs("client.inference"), Loading():
            from tensormesh_overlay.surfaces.inference import InferenceSurfaces

        return InferenceSurfaces(self.config, self._transport)

    @cached_property
    def control_plane(self) -> ControlPlaneSurface:
        """Users, keys, billing, models, support, administration."""
        with AsOurs("client.control_plane"), Loading():
            from tensormesh_overlay.surfaces.control_plane import ControlPlaneSurface

        return ControlPlaneSurface("control_plane", self.config, self._transport)

    def ready(self) -> None:
        """
        Load what the first call would have to load, so that it is as quick as any other: modules, and where an address
        begins with https:// the certificates. No host is called.

        Raises:
            ConfigurationError: there is an address that cannot be called, or whom to trust cannot be read.
            APIConnectionError: the system lets this process have no more files.
        """
        with AsOurs("client.ready()"), Loading():
            load_surfaces(self.config)
        for url in base_urls(self.config):
            with AsOurs(url):
                self._transport.prepare(url)

    def close(self) -> None:
        """
        Close the connections; whoever waits for an answer, in whatever thread, has an `APIConnectionError` at once. A
        later call opens new ones. What `with_options` made has no connections of its own, and closes none.
        """
        if not self._borrows:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@public
class AsyncTensormesh(_AsyncSettings):
    """The asynchronous version of `Tensormesh`; the same arguments, an `httpx.AsyncClient` as `http_client`."""

    _transport: AsyncCarrier

    def _make_transport(
        self, http_client: AsyncHTTPClient | None, transport: AsyncHTTPTransport | None
    ) -> AsyncCarrier:
        if http_client is None and transport is None:
            return AsyncDefaultTransport(self.config.ca_bundle, self.config.max_connections)
        from tensormesh_transport.httpx_transport import AsyncHttpxTransport

        return AsyncHttpxTransport(http_client, transport)

    @cached_property
    def inference(self) -> AsyncInferenceSurfaces:
        """Serverless and on-demand inference."""
        with AsOurs("client.inference"), Loading():
            from tensormesh_overlay.surfaces.inference import AsyncInferenceSurfaces

        return AsyncInferenceSurfaces(self.config, self._transport)

    @cached_property
    def control_plane(self) -> AsyncControlPlaneSurface:
        """Users, keys, billing, models, support, administration."""
        with AsOurs("client.control_plane"), Loading():
            from tensormesh_overlay.surfaces.control_plane import AsyncControlPlaneSurface

        return AsyncControlPlaneSurface("control_plane", self.config, self._transport)

    async def ready(self) -> None:
        """
        Load what the first call would have to load, in a thread: a server that waits for this before it takes requests
        does not stand still with the first of them. No host is called.

        Raises:
            ConfigurationError: there is an address that cannot be called, or whom to trust cannot be read.
            APIConnectionError: the system lets this process have no more files.
        """
        with AsOurs("client.ready()"), Loading():
            await self._transport.aside("ready", partial(load_surfaces, self.config))
        for url in base_urls(self.config):
            with AsOurs(url):
                await self._transport.prepare(url)

    async def close(self) -> None:
        """
        Close the connections of this event loop; whoever waits for an answer there has an `APIConnectionError` at once.
        A later call opens new ones. What `with_options` made has no connections of its own, and closes none.
        """
        if not self._borrows:
            await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
