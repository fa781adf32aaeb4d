"""
The whole host as one ASGI application.

Knows which part is mounted where, but not how any part works.
"""

import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp

from tensormesh_local.access import Access, Credentials
from tensormesh_local.admin import admin_routes
from tensormesh_local.authority import AuthorityMiddleware
from tensormesh_local.console import PAGE_ROUTES, Sources, console_routes
from tensormesh_local.console.send_again import Sender
from tensormesh_local.control_plane import Account
from tensormesh_local.deployed_chat import deployed_chat
from tensormesh_local.envelope import ADMIN, Envelope
from tensormesh_local.errors import error_body, no_route
from tensormesh_local.faults.pending import Faults
from tensormesh_local.hints import hint_for
from tensormesh_local.inference.routes import Inference
from tensormesh_local.inference.surface import Presentation, Surface
from tensormesh_local.inference.upstream import Upstream
from tensormesh_local.json_output import JsonAnswer
from tensormesh_local.options import Options
from tensormesh_local.request_log import RequestLog


@dataclass(frozen=True, slots=True)
class HostState:
    """What the application and its owner both hold."""

    options: Options
    credentials: Credentials
    surfaces: tuple[Surface, ...]
    faults: Faults = field(default_factory=Faults)
    request_log: RequestLog = field(default_factory=RequestLog)

    @classmethod
    def of(cls, options: Options) -> "HostState":
        """Make the parts of a host that was told these options."""
        surfaces = (Surface("serverless", options), Surface("on-demand", options))
        return cls(options, Credentials.of(options), surfaces)

    def reset(self) -> None:
        """Forget faults, requests and cached prompts."""
        self.faults.clear()
        self.request_log.clear()
        for surface in self.surfaces:
            surface.cache.clear()


async def _not_found(request: Request, exc: Exception) -> Response:
    del exc
    return no_route(hint_for(request.url.path)).answer()


async def _method_not_allowed(request: Request, exc: Exception) -> Response:
    del request
    headers = exc.headers if isinstance(exc, HTTPException) else None
    return JsonAnswer({"detail": "Method Not Allowed"}, 405, headers)


async def _state_unusable(request: Request, exc: Exception) -> Response:
    del request
    message = f"The state of the local host cannot be used: {exc}."
    return JsonAnswer(error_body(message, "InternalServerError", None, 500), 500)


async def _internal_error(request: Request, exc: Exception) -> Response:
    del request
    message = f"The local host failed: {type(exc).__name__}: {exc}"
    return JsonAnswer(error_body(message, "InternalServerError", None, 500), 500)


def _exact(routes: Sequence[BaseRoute]) -> Router:
    """Route without redirects: one to the path without its slash would make a POST fail for no visible reason."""
    return Router(routes, redirect_slashes=False)


class _Below(Mount):
    """Everything below a path. A value may hold a line break, which a plain `Mount` takes for the end of the path."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        super().__init__(path, app=app)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


def build_app(state: HostState, account: Account) -> ASGIApp:
    """Put the parts together."""
    options, accounts = state.options, account.accounts
    access = Access(accounts)
    upstream = Upstream(options.upstream, options.upstream_key) if options.upstream else None

    sender = Sender(state.credentials)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await sender.close()
        if upstream is not None:
            await upstream.close()

    shown = Presentation(options.reasoning_field, options.leak_think)
    inference = {
        surface.name: _exact(Inference(surface, access, accounts, upstream).routes()) for surface in state.surfaces
    }
    routes = [_Below(f"/{name}", router) for name, router in inference.items()]
    control_plane = account.app(deployed_chat(inference["on-demand"], shown))
    routes.append(_Below("/control-plane", control_plane))
    looked_at = Sources(
        access, accounts, state.credentials, state.request_log, state.faults, control_plane, upstream, sender
    )
    local = [*admin_routes(access, state.faults, state.request_log), *console_routes(looked_at)]
    routes.append(_Below(ADMIN, _exact(local)))
    app = Starlette(
        routes=[*routes, *PAGE_ROUTES],
        lifespan=lifespan,
        exception_handlers={
            404: _not_found,
            405: _method_not_allowed,
            sqlite3.Error: _state_unusable,
            Exception: _internal_error,
        },
    )
    app.router.redirect_slashes = False
    return AuthorityMiddleware(Envelope(app, request_log=state.request_log, faults=state.faults, shown=shown), options)
