"""
Asking a deployment from inside the host.

The question takes the way of any other, through keys, engine and meter, and
leaves out only the envelope: it is no request anybody sent.
"""

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from tensormesh_local.control_plane import Reply
from tensormesh_local.control_plane.failure import Code, Failure
from tensormesh_local.envelope import PRESENTATION
from tensormesh_local.inference.surface import Presentation


def deployed_chat(on_demand: ASGIApp, shown: Presentation) -> Reply:
    """Give the way to ask what runs on the on-demand surface."""

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        scope[PRESENTATION] = shown
        await on_demand(scope, receive, send)

    async def reply(*, key: str, user_id: str, model: str, text: str) -> str:
        # Loaded here, as for an upstream engine: most hosts never need it.
        import httpx

        headers = {"authorization": f"Bearer {key}", "x-user-id": user_id}
        body = {"model": model, "messages": [{"role": "user", "content": text}]}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(inside), base_url="http://inside") as client:
            answer = await client.post("/v1/chat/completions", json=body, headers=headers)
        if answer.status_code != HTTPStatus.OK:
            code = Code.INVALID_ARGUMENT if answer.is_client_error else Code.UNAVAILABLE
            raise Failure(code, f"The deployment answered {answer.status_code}: {answer.text[:400]}")
        return str(answer.json()["choices"][0]["message"]["content"] or "")

    return reply
