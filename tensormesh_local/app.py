"""
The whole host as one ASGI application.

Knows which part is mounted where; refuses to know how any part works.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp

from tensormesh_local.access import Credentials
from tensormesh_local.admin import admin_routes
from tensormesh_local.catalogue import ON_DEMAND, SERVERLESS, with_context
from tensormesh_local.control_plane import control_plane_app
from tensormesh_local.envelope import ADMIN, Envelope
from tensormesh_local.errors import error_body, no_route
from tensormesh_local.faults import Faults
from tensormesh_local.hints import hint_for
from tensormesh_local.inference import Inference
from tensormesh_local.ledger import Ledger
from tensormesh_local.options import Options
from tensormesh_local.surface import Presentation, Surface
from tensormesh_local.upstream import Upstream
from tensormesh_local.wire import JsonAnswer


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application and its owner both hold."""

    options: Options
    credentials: Credentials
    faults: Faults = field(default_factory=Faults)
    ledger: Ledger = field(default_factory=Ledger)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


async def _lost(request: Request, exc: Exception) -> Response:
    del exc
    return no_route(hint_for(request.url.path)).answer()


async def _wrong_verb(request: Request, exc: Exception) -> Response:
    del request
    headers = exc.headers if isinstance(exc, HTTPException) else None
    return JsonAnswer({"detail": "Method Not Allowed"}, 405, headers)


async def _broken(request: Request, exc: Exception) -> Response:
    del request
    message = f"The local host failed: {type(exc).__name__}: {exc}"
    return JsonAnswer(error_body(message, "InternalServerError", None, 500), 500)


def _exact(routes: Sequence[BaseRoute]) -> Router:
    """Route without redirects: one to the path without its slash would turn a POST into a riddle."""
    return Router(routes, redirect_slashes=False)


def build_app(parts: Parts) -> ASGIApp:
    """Put the parts together."""
    options, credentials = parts.options, parts.credentials
    upstream = Upstream(options.upstream, options.upstream_key) if options.upstream else None
    surfaces = [
        Surface("serverless", with_context(SERVERLESS, options.context_tokens), options),
        Surface("on-demand", with_context(ON_DEMAND, options.context_tokens), options),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        if upstream is not None:
            await upstream.close()

    routes = [
        Mount(f"/{surface.name}", app=_exact(Inference(surface, credentials, upstream).routes()))
        for surface in surfaces
    ]
    routes.append(Mount("/control-plane", app=control_plane_app(credentials, SERVERLESS)))
    routes.append(Mount(ADMIN, app=_exact(admin_routes(credentials, parts.faults, parts.ledger))))
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={404: _lost, 405: _wrong_verb, Exception: _broken},
    )
    app.router.redirect_slashes = False
    return Envelope(
        app,
        ledger=parts.ledger,
        faults=parts.faults,
        stopping=parts.stopping,
        shown=Presentation(options.reasoning_field, options.leak_think),
    )
