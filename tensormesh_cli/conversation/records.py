"""Conversations as files: JSON that they can go on from, and Markdown for reading."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from tensormesh_cli.conversation import sampling
from tensormesh_cli.conversation.attachments import words
from tensormesh_cli.conversation.talk import Talk, Turn
from tensormesh_cli.conversation.usage import Usage
from tensormesh_cli.errors import CliError
from tensormesh_cli.values.times import parsed as parsed_time
from tensormesh_cli.values.times import written

VERSION = 1
TITLE = 60
"""So many characters of the first question stand for a conversation in a list."""


@dataclass(frozen=True)
class Record:
    """
    A conversation and where it stands.

    Attributes:
        name: what `--conversation` takes.
        surface: on which hosts it is held.
        begun: when.
    """

    name: str
    talk: Talk
    surface: str
    begun: datetime


def new_name(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%d-%H%M%S-%f")[:-3]


def title(talk: Talk) -> str:
    """The first question, on one line."""
    line = " ".join(words(talk.turns[0].question).split()) if talk.turns else ""
    return line if len(line) <= TITLE else f"{line[: TITLE - 1].rstrip()}…"


def to_json(record: Record) -> str:
    talk = record.talk
    document = {
        "version": VERSION,
        "begun": written(record.begun),
        "surface": record.surface,
        "model": talk.model,
        "system": talk.system,
        "sampling": talk.sampling,
        "turns": [_turn(turn) for turn in talk.turns],
    }
    # What cannot be written as UTF-8, such as half a pair, is an escape.
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


def parsed(name: str, text: str, source: object) -> Record:
    """
    A conversation out of its JSON.

    Args:
        source: the file, to be named in an error.

    Raises:
        CliError: it is none.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CliError("file", f"{source} is no conversation: {error}") from error
    turns = document.get("turns") if isinstance(document, dict) else None
    if not isinstance(turns, list) or not all(_is_turn(turn) for turn in turns):
        raise CliError("file", f"{source} is no conversation of tm.", "`/save FILE.json` writes one")
    if document.get("version") != VERSION:
        raise CliError("file", f"{source} was written by another version of tm.")
    talk = Talk(
        str(document.get("model") or ""),
        document["system"] if isinstance(document.get("system"), str) else None,
        sampling.kept(document.get("sampling")),
        [_read(turn) for turn in turns],
    )
    surface = "on-demand" if document.get("surface") == "on-demand" else "serverless"
    return Record(name, talk, surface, parsed_time(document.get("begun")) or datetime.min.replace(tzinfo=UTC))


def to_markdown(talk: Talk) -> str:
    """For reading; nothing goes on from it."""
    parts = [f"# {title(talk) or 'A conversation'}", f"Model: {talk.model}"]
    if talk.system:
        parts += ["## System", talk.system]
    for turn in talk.turns:
        parts += ["## Question", words(turn.question)]
        if turn.answer is not None:
            parts += [f"## Answer{' (interrupted)' if turn.cut else ''}", turn.answer.strip()]
    # Half a pair has no UTF-8.
    return "\n\n".join(parts).encode("utf-8", "backslashreplace").decode() + "\n"


def _turn(turn: Turn) -> dict[str, Any]:
    kept = {"question": turn.question, "answer": turn.answer, "model": turn.model}
    return kept | ({"cut": True} if turn.cut else {}) | ({"usage": asdict(turn.usage)} if turn.usage else {})


def _is_turn(found: object) -> bool:
    return (
        isinstance(found, dict)
        and isinstance(found.get("question"), str | list)
        and isinstance(found.get("answer"), str | None)
    )


def _read(found: dict[str, Any]) -> Turn:
    return Turn(
        found["question"],
        found.get("answer"),
        bool(found.get("cut")),
        found["model"] if isinstance(found.get("model"), str) else None,
        Usage.parsed(found.get("usage")),
    )
