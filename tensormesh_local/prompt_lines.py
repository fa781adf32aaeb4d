"""
The prompts of a file of requests.

Knows the lines of batches, those that the console saves, and bodies alone.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.inference.prompts import (
    CHAT,
    COMPLETIONS,
    RESPONSES,
    UnreadablePromptError,
    operation_of,
    read_prompts,
)
from tensormesh_local.lens.prompt import Prompt

_MARKS = {"messages": CHAT, "prompt": COMPLETIONS, "input": RESPONSES}


@dataclass(slots=True)
class PromptFile:
    """
    The prompts of a file.

    Args:
        prompts: the prompts, in its order.
        lines: the number of the line that each is of.
        names: the custom_id of each; empty where there is none.
        requests: how many requests; a text completion can have several prompts.
        refused: how many requests the host refused, whose prompts no engine has read.
        unreadable: lines that have no prompt, with what is wrong with them.
        told: what the host counted: prompt tokens, and those of them that were cached.
    """

    prompts: list[Prompt] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    requests: int = 0
    refused: int = 0
    unreadable: list[tuple[int, str]] = field(default_factory=list)
    told: list[tuple[int, int]] = field(default_factory=list)


def read_lines(lines: Iterable[bytes], model: str | None = None) -> PromptFile:
    """
    Read a file.

    Args:
        lines: its lines.
        model: for requests that name none.
    """
    found = PromptFile()
    for number, text in enumerate(lines, 1):
        if number == 1:
            text = text.removeprefix(b"\xef\xbb\xbf")
        if not text.strip():
            continue
        try:
            line = _line(text)
            if line.get("status") not in (None, HTTPStatus.OK):
                found.refused += 1
                continue
            operation, body = _request(line)
            if model is not None:
                body = {"model": model, **body}
            surface = str(line.get("surface") or "serverless")
            prompts = read_prompts(operation, body, surface=surface)
        except UnreadablePromptError as error:
            found.unreadable.append((number, str(error)))
            continue
        found.requests += 1
        name = line.get("custom_id")
        for prompt in prompts:
            found.prompts.append(prompt)
            found.lines.append(number)
            found.names.append(name if isinstance(name, str) else "")
        tokens = line.get("tokens")
        if isinstance(tokens, dict) and isinstance(tokens.get("prompt"), int):
            found.told.append((int(str(tokens["prompt"])), int(str(tokens.get("cached") or 0))))
    return found


def _line(text: bytes) -> JsonObject:
    try:
        found: Json = json.loads(text)
    except RecursionError as error:
        raise UnreadablePromptError("it is nested too deeply") from error
    except ValueError as error:
        raise UnreadablePromptError("it is not JSON") from error
    if not isinstance(found, dict):
        raise UnreadablePromptError("it is not a JSON object")
    return found


def _request(line: JsonObject) -> tuple[str, JsonObject]:
    body = line.get("body", line)
    if not isinstance(body, dict):
        raise UnreadablePromptError("its body is not a JSON object")
    url = line.get("url") if body is not line else None
    operation = operation_of(url) if isinstance(url, str) else None
    if url is not None and operation is None:
        raise UnreadablePromptError(f"{url!r} is no operation with a prompt")
    operation = operation or next((one for name, one in _MARKS.items() if body.get(name)), None)
    if operation is None:
        raise UnreadablePromptError("it has no messages, no prompt and no input")
    return operation, body
