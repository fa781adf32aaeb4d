# mypy: disable-error-code="import-not-found,import-untyped"
# pyright: reportMissingImports=false
"""requests and `json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests

from . import events
from .question import HEADERS, STREAMED, WHOLE

content = events.content


class Sync:
    def __init__(self, url: str) -> None:
        self.url = f"{url}/v1/chat/completions"
        self.client = requests.Session()
        self.client.headers.update(HEADERS)

    def request(self) -> str:
        answer = self.client.post(self.url, json=WHOLE, timeout=60)
        answer.raise_for_status()
        text: str = answer.json()["choices"][0]["message"]["content"]
        return text

    def chunks(self) -> Iterator[dict[str, Any]]:
        with self.client.post(self.url, json=STREAMED, stream=True, timeout=60) as answer:
            answer.raise_for_status()
            yield from events.read(answer.iter_content(None))
