"""Rows of a batch, and what a run made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MODEL = "a/model"


def row(name: str, question: str = "", *, system: str | None = None, **body: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": question or f"question {name}"}]
    if system is not None:
        messages.insert(0, {"role": "system", "content": system})
    return {
        "custom_id": name,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": MODEL, "messages": messages, "max_tokens": 5, **body},
    }


def written(path: Path, rows: Iterable[dict[str, Any] | str]) -> Path:
    path.write_text("".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in rows))
    return path


def answers(folder: Path) -> dict[str, Any]:
    """The lines of all parts by their custom_id; each must be there once."""
    found: dict[str, Any] = {}
    for part in sorted(folder.glob("part-*.jsonl")):
        for line in part.read_text().splitlines():
            value = json.loads(line)
            assert value["custom_id"] not in found, "an answer stands there twice"
            found[value["custom_id"]] = value
    return found


def errors(folder: Path) -> dict[str, Any]:
    """The last error of each row that has one."""
    lines = map(json.loads, (folder / "errors.jsonl").read_text().splitlines())
    return {line["custom_id"]: line for line in lines}
