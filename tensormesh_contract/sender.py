"""
Sending single requests, at a pace, and writing down what came back.

Knows HTTP; refuses to know what to send.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode

import httpx

from tensormesh_contract.credentials import Credentials
from tensormesh_contract.exchange import Answer, Exchange, Request
from tensormesh_contract.json_types import Json
from tensormesh_contract.operations import Operation, SurfaceName
from tensormesh_contract.target import is_local

TIMEOUT_SECONDS = 60.0


class Sender:
    """
    Sends to one surface of one host.

    Args:
        surface: which.
        base_url: where it is.
        credentials: with what.
        rate: at most so many requests a second; None for as many as can be.
    """

    def __init__(self, surface: SurfaceName, base_url: str, credentials: Credentials, rate: float | None) -> None:
        self._surface = surface
        self._base_url = base_url.rstrip("/")
        self._credentials = credentials
        self._pause = 1 / rate if rate else 0.0
        self._next = 0.0
        # Nothing is followed, so that no key travels to where somebody else points.
        self._client = httpx.Client(
            headers=credentials.headers(surface),
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=not is_local(base_url),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def call(self, operation: Operation, values: Mapping[str, str], body: Json, source: str) -> Exchange:
        """
        Call an operation.

        Args:
            operation: which.
            values: its parameters by name; those that are not in its path go into the query.
            body: its body as JSON; None for none.
            source: who asks.
        """
        path, query = operation.path, dict[str, str]()
        for name, value in values.items():
            mark = "{" + name + "}"
            if mark in path:
                path = path.replace(mark, quote(value, safe=""))
            else:
                query[name] = value
        content = b"" if body is None else json.dumps(body).encode()
        return self.send(operation.method, path, urlencode(query), content, source)

    def send(self, method: str, path: str, query: str, content: bytes, source: str) -> Exchange:
        """Send one request, JSON if it has a body; a failure to get an answer is an exchange as well."""
        self._wait()
        headers = {"Content-Type": "application/json"} if content else {}
        target = f"{self._base_url}{path}?{query}" if query else f"{self._base_url}{path}"
        request = self._client.build_request(method, target, content=content, headers=headers)
        hide = self._credentials.hide
        shown = self._credentials.shown(request.headers)
        sent = Request(method, hide(path), hide(query), shown, self._credentials.hide_bytes(content))
        try:
            answer = self._client.send(request)
        except httpx.HTTPError as exc:
            return Exchange(self._surface, sent, None, hide(f"{type(exc).__name__}: {exc}"), source)
        given = tuple((name.lower(), value) for name, value in answer.headers.multi_items())
        return Exchange(self._surface, sent, Answer(answer.status_code, given, answer.content), "", source)

    def _wait(self) -> None:
        if self._pause:
            now = time.monotonic()
            time.sleep(max(0.0, self._next - now))
            self._next = max(now, self._next) + self._pause
