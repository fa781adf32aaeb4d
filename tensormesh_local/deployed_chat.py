"""
Asking a deployment from inside the host.

The question takes the way of any other, through engine and meter, and leaves
out the envelope and the key: it is no request anybody sent.
"""

from http import HTTPStatus

from starlette.types import ASGIApp

from tensormesh_local.control_plane import Reply
from tensormesh_local.control_plane.failure import Code, Failure
from tensormesh_local.inference.surface import INSIDER, PRESENTATION, Presentation
from tensormesh_local.inside import inside_client


def deployed_chat(on_demand: ASGIApp, shown: Presentation) -> Reply:
    """Give the way to ask what runs on the on-demand surface."""

    async def reply(*, user_id: str, model: str, text: str) -> str:
        body = {"model": model, "messages": [{"role": "user", "content": text}]}
        async with inside_client(on_demand, {PRESENTATION: shown, INSIDER: user_id}) as client:
            answer = await client.post("/v1/chat/completions", json=body)
        if answer.status_code != HTTPStatus.OK:
            code = Code.INVALID_ARGUMENT if answer.is_client_error else Code.UNAVAILABLE
            raise Failure(code, f"The deployment answered {answer.status_code}: {answer.text[:400]}")
        return str(answer.json()["choices"][0]["message"]["content"] or "")

    return reply
