"""
The host as something that starts, has addresses, and stops.

Knows sockets, the thread and the server, but not routes. `LocalHost`
is what tests use, and what the command line is made of.
"""

import asyncio
import errno
import logging
import socket
import threading
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

import uvicorn

from tensormesh_local.app import HostState, build_app
from tensormesh_local.authority import authority
from tensormesh_local.connection import Connection
from tensormesh_local.control_plane import Account, StateError
from tensormesh_local.faults.pending import Faults
from tensormesh_local.options import Options, Role
from tensormesh_local.request_log import Record

PATIENCE_SECONDS = 10.0
GRACE_SECONDS = 0.25


class StartError(RuntimeError):
    """The host could not start, and why, in one sentence."""


class _ScriptedCut(logging.Filter):
    """A cut connection is an answer left incomplete on purpose: no news."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "without completing response" not in record.getMessage()


_SCRIPTED_CUT = _ScriptedCut()


class _Server(uvicorn.Server):
    """A server that says when it has started, and does not wait long for open streams when it stops."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        finally:
            self.settled.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        cutting = asyncio.get_running_loop().call_later(GRACE_SECONDS, self._cut)
        await super().shutdown(sockets)
        cutting.cancel()

    def _cut(self) -> None:
        """Drop what is still open; each request takes this for a caller who has gone away."""
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, proto)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind(address)
            found.listen()
        except OSError:
            found.close()
            raise
    except OSError as exc:
        reason = exc.strerror or str(exc)
        next_step = " Choose another port; 0 takes any free one." if exc.errno == errno.EADDRINUSE else ""
        raise StartError(f"Cannot listen on {host}, port {port}: {reason}.{next_step}") from exc
    return found


class LocalHost:
    """
    A Tensormesh of one's own, in a thread of this process.

    Used as a context manager; inside it, the base URLs, keys and `environment()`
    are those of the running host.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self._state = HostState.of(self.options)
        self._account: Account | None = None
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """
        Start, and come back when requests are answered.

        Raises:
            StartError: when the port is taken or the state file is no such file, for instance.
        """
        if self._thread is not None:
            raise StartError("This host runs already.")
        try:
            self._account = Account(self.options, self._state.credentials)
        except StateError as exc:
            raise StartError(str(exc)) from exc
        try:
            self._socket = _bound(self.options.host, self.options.port)
        except StartError:
            self.stop()
            raise
        self._state = replace(self._state, credentials=self._account.credentials)
        logging.getLogger("uvicorn.error").addFilter(_SCRIPTED_CUT)
        config = uvicorn.Config(
            build_app(self._state, self._account),
            http=Connection,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
        )
        self._server = server = _Server(config)
        sockets: list[socket.socket] = [self._socket]
        self._thread = threading.Thread(target=server.run, args=(sockets,), name="tensormesh-local", daemon=True)
        self._thread.start()
        settled = server.settled.wait(PATIENCE_SECONDS)
        if not server.started:
            self.stop()
            raise StartError("The host ended while it started." if settled else "The host takes too long to start.")

    def stop(self) -> None:
        """
        Stop, and come back when the port is free again; a host that does not run is left alone.

        Open streams are dropped after a quarter of a second.
        """
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(PATIENCE_SECONDS)
        if self._socket is not None:
            self._socket.close()
        if self._account is not None:
            self._account.close()
        self._server, self._thread, self._socket, self._account = None, None, None, None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port, the real one even when any was asked for."""
        if self._socket is None:
            raise StartError("This host does not run.")
        return int(self._socket.getsockname()[1])

    @property
    def base_url(self) -> str:
        """The address all surfaces are below of."""
        return f"http://{authority(self.options.host, self.port)}"

    @property
    def serverless_base_url(self) -> str:
        """The serverless surface."""
        return f"{self.base_url}/serverless"

    @property
    def on_demand_base_url(self) -> str:
        """The on-demand surface."""
        return f"{self.base_url}/on-demand"

    @property
    def control_plane_base_url(self) -> str:
        """The control plane."""
        return f"{self.base_url}/control-plane"

    @property
    def inference_api_key(self) -> str:
        """The key for both inference surfaces."""
        return self._state.credentials.inference_api_key

    @property
    def control_plane_token(self) -> str:
        """The token for the control plane and for /_local."""
        return self._state.credentials.control_plane_token

    def new_control_plane_token(self, role: Role = "user") -> str:
        """
        Make another control-plane token without an end.

        Args:
            role: whose token: that of the host's user, or of one of its administrators.
        """
        if self._account is None:
            raise StartError("This host does not run.")
        return self._account.new_token(role)

    @property
    def on_demand_user_id(self) -> str:
        """The id of the one user, for X-User-Id."""
        return self._state.credentials.user_id

    @property
    def faults(self) -> Faults:
        """What is to go wrong; see `Faults.add`."""
        return self._state.faults

    @property
    def requests(self) -> Sequence[Record]:
        """The requests so far."""
        return self._state.request_log.records()

    def reset(self) -> None:
        """
        Put everything back to how a new host begins, as between two tests.

        The account, too: key, token and user stay the same, and other tokens are forgotten.
        """
        self._state.reset()
        if self._account is not None:
            self._account.reset()

    def environment(self) -> dict[str, str]:
        """Give the environment variables that lead a client here."""
        return {
            "TENSORMESH_SERVERLESS_BASE_URL": self.serverless_base_url,
            "TENSORMESH_ON_DEMAND_BASE_URL": self.on_demand_base_url,
            "TENSORMESH_ON_DEMAND_USER_ID": self.on_demand_user_id,
            "TENSORMESH_INFERENCE_API_KEY": self.inference_api_key,
            "TENSORMESH_CONTROL_PLANE_BASE_URL": self.control_plane_base_url,
            "TENSORMESH_CONTROL_PLANE_TOKEN": self.control_plane_token,
        }
