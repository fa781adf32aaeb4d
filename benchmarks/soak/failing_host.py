"""A local Tensormesh that is told what to do wrong in the next batch."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

from benchmarks.soak.scenarios import CUT_MODEL, FULL_MODEL

STEADY: tuple[dict[str, Any], ...] = (
    {"cut_after_events": 3, "times": None, "match": {"model": CUT_MODEL}},
    {"status": 429, "times": None, "match": {"model": FULL_MODEL}},
)
FLEETING: tuple[dict[str, Any], ...] = ({"status": 503}, {"reset": True})
"""What a second try may find gone."""


class FailingHost:
    """
    The faults of a running local host.

    Args:
        url: where its faults are scripted.
        token: what it takes to do so.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def fail(self, calls: int) -> None:
        """Let every second of the GETs among so many calls fail once, one way or the other, and POSTs always."""
        fleeting = [{**FLEETING[number % 2], "match": {"method": "GET"}} for number in range(calls // 6)]
        self._send("PUT", [*STEADY, *fleeting])

    def check(self, note: Callable[[str], None]) -> None:
        """Complain where not all of it has come to pass: then nothing was sent again."""
        left = len(self._send("GET")["faults"]) - len(STEADY)
        if left:
            note(f"{left} faults never struck")

    def _send(self, method: str, body: Any = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(self._url, content, headers, method=method)  # noqa: S310  (an address of ours)
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)
