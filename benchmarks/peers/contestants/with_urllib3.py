# mypy: disable-error-code="import-not-found,import-untyped"
# pyright: reportMissingImports=false
"""urllib3 and `json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import urllib3

from . import events
from .question import HEADERS, STREAMED, WHOLE

content = events.content


class Sync:
    def __init__(self, url: str) -> None:
        self.url = f"{url}/v1/chat/completions"
        self.client = urllib3.PoolManager(headers=HEADERS)

    def request(self) -> str:
        answer = self.client.request("POST", self.url, json=WHOLE, headers=HEADERS, timeout=60)
        assert answer.status == 200
        text: str = answer.json()["choices"][0]["message"]["content"]
        return text

    def chunks(self) -> Iterator[dict[str, Any]]:
        answer = self.client.request(
            "POST", self.url, json=STREAMED, headers=HEADERS, timeout=60, preload_content=False
        )
        assert answer.status == 200
        yield from events.read(answer.stream(None))
        answer.release_conn()
