"""
What a fuzz run puts on the wire, at the pace of the host, and what comes of a request that gets no answer.

Schemathesis opens sessions in several places, for its probes and its checks too, and has no hook that all of them
pass: so this stands where `requests` itself sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from tensormesh_contract.requests.pace import MOST_RESTS, Pace, wanted_rest
from tensormesh_contract.requests.sender import told

type _Sent = tuple[str, str, bytes]


class Wire:
    """
    The way to the host.

    Args:
        pace: how fast.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._problems: dict[_Sent, str] = {}

    def problem(self, method: str, url: str, body: bytes) -> str:
        """Say why a request got no answer."""
        return self._problems.get((method, url, body), "the connection broke")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep to the pace, and honour `Retry-After`, in all that is sent meanwhile."""
        send = HTTPAdapter.send

        def paced(adapter: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
            for rests in range(MOST_RESTS + 1):
                self._pace.wait()
                try:
                    answer = send(adapter, request, *args, **kwargs)
                except requests.RequestException as exc:
                    self._problems[request.method or "", request.url or "", _bytes(request.body)] = told(exc)
                    raise
                seconds = wanted_rest(answer.status_code, answer.headers.get("retry-after"))
                if seconds is None or rests == MOST_RESTS:
                    return answer
                answer.close()
                self._pace.rest(seconds)
            raise AssertionError("the last of the rests returns")

        HTTPAdapter.send = paced  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            HTTPAdapter.send = send  # type: ignore[method-assign]


def _bytes(body: object) -> bytes:
    return body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""
