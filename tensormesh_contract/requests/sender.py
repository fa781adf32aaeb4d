"""
Sending single requests, at a pace, and writing down what came back.

Knows HTTP, but not what to send.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from enum import Enum
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode

import httpx

from tensormesh_contract.documents.operations import Operation
from tensormesh_contract.exchanges.exchange import Answer, Exchange, Request
from tensormesh_contract.hosts.target import Target, TargetError, is_local
from tensormesh_contract.requests.pace import Pace
from tensormesh_documents.json_types import Json

TIMEOUT_SECONDS = 60.0
MOST_SECONDS = 120.0
MOST_BYTES = 32 * 1024 * 1024
"""For one answer: a stream may go on for ever, and what was asked for is short."""


UNKNOWN_KEY = "no-such-key-5b1f"


class Key(Enum):
    """With which key a request is sent."""

    OWN = "that of the run"
    NONE = "none"
    UNKNOWN = "one that there is not"


class Sender:
    """
    Sends to one surface of one host.

    Args:
        target: which, and with what.
        pace: how fast.

    `sent` counts the requests.
    """

    def __init__(self, target: Target, pace: Pace) -> None:
        self._surface = target.surface
        self._base_url = target.base_url.rstrip("/")
        self._credentials = target.credentials
        self.pace = pace
        self.sent = 0
        # Nothing is followed, so that no key travels to where somebody else points.
        self._client = httpx.Client(
            headers=target.credentials.headers(target.surface),
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=not is_local(target.base_url),
            verify=_trusted(target),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def call(
        self, operation: Operation, values: Mapping[str, str], body: Json, source: str, *, key: Key = Key.OWN
    ) -> Exchange:
        """
        Call an operation.

        Args:
            operation: which.
            values: its parameters by name; those that are not in its path go into the query, or are headers.
            body: its body as JSON; None for none.
            source: who asks.
            key: with which key.
        """
        path, query, headers = operation.path, dict[str, str](), dict[str, str]()
        in_headers = {node.text("name") for node in operation.parameters if node.text("in") == "header"}
        for name, value in values.items():
            mark = "{" + name + "}"
            if mark in path:
                path = path.replace(mark, quote(value, safe=""))
            else:
                (headers if name in in_headers else query)[name] = value
        content = b"" if body is None else json.dumps(body).encode()
        return self.send(operation.method, path, urlencode(query), content, source, headers, key=key)

    def send(
        self,
        method: str,
        path: str,
        query: str,
        content: bytes,
        source: str,
        more: Mapping[str, str] | None = None,
        *,
        key: Key = Key.OWN,
    ) -> Exchange:
        """Send one request, JSON if it has a body; a failure to get an answer is an exchange as well."""
        self.pace.wait()
        self.sent += 1
        headers = {**(more or {}), **({"Content-Type": "application/json"} if content else {})}
        target = f"{self._base_url}{path}?{query}" if query else f"{self._base_url}{path}"
        request = self._client.build_request(method, target, content=content, headers=headers)
        if key is Key.NONE:
            request.headers.pop("Authorization", None)
        elif key is Key.UNKNOWN:
            request.headers["Authorization"] = f"Bearer {UNKNOWN_KEY}"
        hide = self._credentials.hide
        shown = self._credentials.shown(request.headers)
        sent = Request(method, hide(path), hide(query), shown, self._credentials.hide_bytes(content))
        try:
            answer = self._client.send(request, stream=True)
        except httpx.HTTPError as exc:
            return Exchange(self._surface, sent, None, hide(told(exc)), source)
        body, problem = _read(answer)
        given = tuple((name.lower(), value) for name, value in answer.headers.multi_items())
        return Exchange(self._surface, sent, Answer(answer.status_code, given, body), hide(problem), source)


def _read(answer: httpx.Response) -> tuple[bytes, str]:
    """Read what comes, and tell why it is not all."""
    body, deadline = bytearray(), time.monotonic() + MOST_SECONDS
    try:
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > MOST_BYTES or time.monotonic() > deadline:
                return bytes(body), f"it was not over after {MOST_SECONDS:.0f} seconds or {MOST_BYTES:,} bytes"
    except httpx.HTTPError as exc:
        return bytes(body), told(exc)
    finally:
        answer.close()
    return bytes(body), ""


def told(exc: Exception) -> str:
    """Say what kept an answer away, and what to do where that is known."""
    said = f"{type(exc).__name__}: {exc}".removesuffix(": ")
    if "Timeout" in type(exc).__name__ and "Connect" not in type(exc).__name__:
        return f"it hangs: nothing came for {TIMEOUT_SECONDS:.0f} seconds ({said})"
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return f"{said}. Is it the host's own certificate? Then let SSL_CERT_FILE name the file to trust."
    return said


def _trusted(target: Target) -> ssl.SSLContext | bool:
    """Trust what was named, on this machine as well, where nothing of the environment is taken."""
    if not target.base_url.startswith("https:"):
        # To this machine not even a proxy speaks TLS, and reading the authorities takes longer than a request.
        return not is_local(target.base_url)
    if target.certificates is None:
        return True
    try:
        return ssl.create_default_context(cafile=target.certificates)
    except OSError as exc:
        raise TargetError(f"{target.certificates} is no file of certificates: {exc}.") from exc
