"""
Sending a request again, perhaps changed.

Knows how to call this host as any client does, with a key of its own: the key
never comes to the page. What is answered is in the list, as of any request.
"""

import asyncio
import json
import uuid
from typing import TYPE_CHECKING

from tensormesh_documents.json_types import Json
from tensormesh_local.access import Credentials
from tensormesh_local.console.rows import INFERENCE, split
from tensormesh_local.inference.upstream import patient_client
from tensormesh_local.json_output import dump

if TYPE_CHECKING:
    import httpx


class SendError(ValueError):
    """Something that is not sent, and why."""


class Sender:
    """Sends requests in the background, as long as the host runs."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._client: httpx.AsyncClient | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    def send(self, authority: str, path: str, body: Json) -> str:
        """
        Send a request.

        Args:
            authority: where this host listens.
            path: the path of an inference operation.

        Returns:
            The request id by which it is found in the list.

        Raises:
            SendError: the path is no inference operation, or no path, or the body no JSON.
        """
        surface, operation = split(path)
        if surface not in INFERENCE or not operation or ".." in operation:
            raise SendError("only requests for inference can be sent again")
        content, url = _content(body), _url(f"http://{authority}{path}")
        request_id = f"console-{uuid.uuid4().hex}"
        task = asyncio.get_running_loop().create_task(self._post(url, content, request_id))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return request_id

    async def close(self) -> None:
        """Give up what is under way."""
        for task in [*self._under_way]:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _post(self, url: "httpx.URL", content: bytes, request_id: str) -> None:
        import httpx

        if self._client is None:
            self._client = patient_client()
        headers = {
            "authorization": f"Bearer {self._credentials.inference_api_key}",
            "x-user-id": self._credentials.user_id,
            "x-request-id": request_id,
            "content-type": "application/json",
            "user-agent": "tensormesh-console",
        }
        try:
            async with self._client.stream("POST", url, content=content, headers=headers) as answer:
                async for _ in answer.aiter_raw():
                    pass
        except httpx.HTTPError:
            # A scripted fault, or the end of the host: the list shows what became of it.
            return


def _url(text: str) -> "httpx.URL":
    import httpx

    try:
        return httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise SendError("its path is none that can be sent") from error


def _content(body: Json) -> bytes:
    try:
        json.dumps(body, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise SendError("its body holds a number that JSON has no word for, or is nested too deeply") from error
    return dump(body)
