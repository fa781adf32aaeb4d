"""
What a fuzz run puts on the wire, at the pace of the host, and what comes of a request that gets no answer.

Knows `requests`, by which Schemathesis sends, as far as it lets others have a say in each request.
"""

from __future__ import annotations

from typing import Any

import requests
from requests.auth import AuthBase

from tensormesh_contract.requests.pace import MOST_RESTS, Pace, wanted_rest
from tensormesh_contract.requests.sender import told

type _Sent = tuple[str, str, bytes]


class Wire(AuthBase):
    """
    Takes part in each request as its `auth`, the last to see it before it is sent, and as whoever may send it again.

    The key is among the headers already. That there is an `auth` also keeps `.netrc` from adding another.

    Args:
        pace: how fast.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._problems: dict[_Sent, str] = {}

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Wait until a request may be sent, and for what comes of it."""
        self._pace.wait()
        request.register_hook("response", self._rested)
        return request

    def note(self, request: requests.PreparedRequest, error: requests.RequestException) -> None:
        """Keep why a request got no answer."""
        self._problems[request.method or "", request.url or "", _bytes(request.body)] = told(error)

    def problem(self, method: str, url: str, body: bytes) -> str:
        """Say why a request got no answer."""
        return self._problems.get((method, url, body), "the connection broke")

    def _rested(self, answer: requests.Response, **options: Any) -> requests.Response:
        """Honour `Retry-After`, and ask again."""
        for _ in range(MOST_RESTS):
            seconds = wanted_rest(answer.status_code, answer.headers.get("retry-after"))
            if seconds is None:
                break
            answer.close()
            self._pace.rest(seconds)
            self._pace.wait()
            # As `requests` itself does it where a server wants a digest.
            answer = answer.connection.send(answer.request, **options)
        return answer


def _bytes(body: object) -> bytes:
    return body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""
