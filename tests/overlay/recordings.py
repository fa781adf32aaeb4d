"""What a real vLLM once answered, byte by byte as it came: see tests/transcripts/README.md."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "transcripts"

CALLS = {
    "/v1/chat/completions": "chat.completions.create",
    "/v1/completions": "completions.create",
    "/v1/responses": "responses.create",
}
"""Path -> the call that asks it."""


@dataclass(frozen=True)
class Recording:
    """One recorded exchange with a generating route."""

    name: str
    path: str
    asked: dict[str, Any]
    content: bytes

    def __str__(self) -> str:
        return self.name

    @property
    def events(self) -> list[Any]:
        """The JSON of each event of a stream."""
        data = [line.removeprefix(b"data: ") for line in self.content.splitlines() if line.startswith(b"data: {")]
        return [json.loads(text) for text in data]

    def answers_the_same_as(self, other: Recording) -> bool:
        """Whether both were asked the same, one for a stream and one not."""
        return self.path == other.path and _question(self.asked) == _question(other.asked)


def _question(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name not in ("stream", "stream_options")}


def _read(file: Path) -> Recording | None:
    """The recording in a file; None where it is none of a generating route that succeeded."""
    request, _, answer = file.read_bytes().partition(b"\n")
    head, _, content = answer.partition(b"\n\n")
    words = shlex.split(request.decode())
    path = "/" + next((word for word in words if word.startswith("http://")), "////").split("/", 3)[3]
    if path not in CALLS or b" 200 " not in head.partition(b"\n")[0]:
        return None
    return Recording(file.stem, path, json.loads(words[words.index("--data-binary") + 1]), content)


RECORDINGS = [one for file in sorted(FOLDER.rglob("*.txt")) if (one := _read(file)) is not None]
STREAMS = [one for one in RECORDINGS if one.asked.get("stream")]
PAIRS = [
    (stream, whole)
    for stream in STREAMS
    for whole in RECORDINGS
    if not whole.asked.get("stream") and stream.answers_the_same_as(whole) and stream.name != "chat_json_schema_stream"
]
"""A stream and the whole answer to the same question. (One was asked in two runs that went different ways.)"""
