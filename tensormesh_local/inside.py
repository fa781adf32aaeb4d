"""
Asking a part of the host from inside: it is no request that anybody sent.

Knows how a question reaches an application without a connection. httpx is
loaded only when somebody asks, which on most hosts nobody does.
"""

from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    import httpx


def inside_client(app: ASGIApp, scope: Scope) -> "httpx.AsyncClient":
    """
    Give a client for an application.

    Args:
        app: what answers.
        scope: what its scope has besides.
    """
    import httpx

    async def inside(asked: Scope, receive: Receive, send: Send) -> None:
        await app({**asked, **scope}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(inside), base_url="http://inside", trust_env=False)
