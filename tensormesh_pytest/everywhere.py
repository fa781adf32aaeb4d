"""What `--tensormesh-local` does: a host from the first import to the last test, and clients that reach nobody else."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

import pytest

from tensormesh_pytest.faults import apply

if TYPE_CHECKING:
    from tensormesh_local import LocalHost, Options

LOCAL_ONLY = {"TENSORMESH_LOCAL_ONLY": "1"}
"""Keeps the clients of programs that tests start on this machine."""

NO_PROXY = ("NO_PROXY", "no_proxy")
THIS_MACHINE = "127.0.0.1,localhost"
"""What an HTTP client of one's own must not ask a proxy for."""


class Everywhere:
    """
    The host of a whole run, and the environment that leads to it.

    It starts before any `conftest.py` is imported: whoever makes a client then, or in a fixture of the session, reads
    the variables once and for all.
    """

    def __init__(self) -> None:
        from tensormesh_local import LocalHost
        from tensormesh_overlay.confinement import confine

        self.host: LocalHost = LocalHost()
        self.host.start()
        self._before = {**os.environ}
        self._options = self.host.options
        confine()
        self.lead()

    def environment(self) -> dict[str, str]:
        """The variables that lead clients to the host, and keep them there."""
        exempt = ",".join(filter(None, (self._before.get("no_proxy") or self._before.get("NO_PROXY"), THIS_MACHINE)))
        return {**self.host.environment(), **LOCAL_ONLY, **dict.fromkeys(NO_PROXY, exempt)}

    def lead(self) -> None:
        """Set the variables, whatever others set meanwhile."""
        os.environ.update(self.environment())

    def under(self, options: Options) -> LocalHost:
        """
        The host with these settings. It keeps its place, its keys and its user, for there are clients that know them;
        but what the settings name themselves, counts.
        """
        if options == self._options:
            return self.host
        from tensormesh_local import LocalHost
        from tensormesh_overlay.confinement import confine

        old, port = self.host, self.host.port
        old.stop()
        self.host = LocalHost(
            dataclasses.replace(
                options,
                port=options.port or port,
                inference_api_key=options.inference_api_key or old.inference_api_key,
                control_plane_token=options.control_plane_token or old.control_plane_token,
                user_id=options.user_id or old.on_demand_user_id,
            )
        )
        self.host.start()
        self._options = options
        confine(options.host)
        self.lead()
        return self.host

    def end(self) -> None:
        """Stop, and leave the environment as it was."""
        from tensormesh_overlay.confinement import free

        for name in self.environment():
            if name in self._before:
                os.environ[name] = self._before[name]
            else:
                os.environ.pop(name, None)
        self.host.stop()
        free()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Other plugins read files of variables before this; a test module that is imported now must not meet those."""
        self.lead()

    @pytest.fixture(autouse=True)
    def _tensormesh_environment(
        self, tensormesh_session_host: LocalHost, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        apply(tensormesh_session_host, request.node)
        for name, value in self.environment().items():
            monkeypatch.setenv(name, value)
