"""
What the page shows of the account: what the control plane tells the user of this host.

Knows which of its operations say it; asks them within the process, so that it
is no request anybody sent. Keys leave here as their names only.
"""

from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.authority import AUTHORITY
from tensormesh_local.console.redaction import without_secrets
from tensormesh_local.inside import inside_client
from tensormesh_local.request_log import REDACTED

if TYPE_CHECKING:
    import httpx

OPERATIONS = {
    "balance": "/v1/billing/balance",
    "spending": "/v1/billing/spending/history",
    "keys": "/v1/users/api-keys",
    "prices": "/v1/billing/serverless-pricing",
    "deployments": "/v1/models",
}
COMMANDS = {
    "balance": "tm billing balance",
    "spending": "tm cost",
    "keys": "tm users api-keys list",
    "prices": "tm billing pricing serverless list",
    "deployments": "tm models list",
}
_KEPT = 6
_SCOPE = {AUTHORITY: "inside"}


async def account(control_plane: ASGIApp, token: str) -> JsonObject:
    """Ask the control plane for every part; of what it refuses, its message comes instead."""
    found: JsonObject = {}
    async with inside_client(control_plane, _SCOPE) as client:
        for name, path in OPERATIONS.items():
            succeeded, content = await _asked(client, token, path)
            key = "answer" if succeeded else "refused"
            found[name] = {"path": path, "command": COMMANDS[name], "link": f"account/{name}", key: content}
    return found


async def part(name: str, control_plane: ASGIApp, token: str) -> Json:
    """What the control plane says of one part of `OPERATIONS`."""
    async with inside_client(control_plane, _SCOPE) as client:
        return (await _asked(client, token, OPERATIONS[name]))[1]


async def _asked(client: "httpx.AsyncClient", token: str, path: str) -> tuple[bool, Json]:
    answer = await client.get(path, headers={"authorization": f"Bearer {token}"})
    return answer.is_success, _without_secrets(answer.json())


def _without_secrets(content: Json) -> Json:
    """An API key's id is the key itself, of which enough is left to tell one from another."""
    listed = content.get("apiKeys") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(listed, list):
        return without_secrets(content)
    keys: list[Json] = [
        {**key, "id": f"{str(key.get('id'))[:_KEPT]}{REDACTED}"} for key in listed if isinstance(key, dict)
    ]
    return without_secrets({**content, "apiKeys": keys})
