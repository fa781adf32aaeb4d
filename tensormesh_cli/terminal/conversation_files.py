"""Conversations and typed lines on disk, for their owner only."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from tensormesh_cli.conversation import records
from tensormesh_cli.conversation.records import Record
from tensormesh_cli.errors import CliError
from tensormesh_cli.settings import private_files

MOST_BYTES = 256 << 20
"""A conversation may hold pictures."""

MOST_TYPED_BYTES = 256 << 10
_NAME = re.compile(r"[\w-]+")


class ConversationFiles:
    """
    The conversations of one person, a file for each.

    Args:
        folder: where they lie; it is made when the first is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, str] = {}

    def keep(self, record: Record) -> str:
        """
        Write a conversation down, and give its name. Where another process has gone on with it meanwhile, that one
        keeps the name, and this one gets another.

        Raises:
            CliError: it cannot be written.
        """
        text = records.to_json(record)
        name = record.name
        with private_files.locked(self._folder / "conversations"):
            there = self._read(name)
            if there is not None and there != self._known.get(name):
                name = records.new_name(datetime.now(UTC))
            private_files.write(self._path(name), text)
        self._known[name] = text
        return name

    def load(self, name: str) -> Record:
        """
        One conversation, to go on with it.

        Raises:
            CliError: there is none of that name, or it cannot be read.
        """
        text = self._read(name) if _NAME.fullmatch(name) else None
        if text is None:
            raise CliError("usage", f"There is no conversation {name!r}.", "`/load` in a `tm chat` lists what there is")
        found = records.parsed(name, text, self._path(name))
        self._known[name] = text
        return found

    def title(self, name: str) -> str | None:
        """What a conversation is about; None where it cannot be read."""
        try:
            text = self._read(name)
            return None if text is None else records.title(records.parsed(name, text, name).talk)
        except CliError:
            return None  # of another version, or no conversation at all

    def names(self) -> list[str]:
        """Of all conversations, the one that was held last first."""
        found = []
        for path in self._folder.glob("*.json"):
            try:
                found.append((path.stat().st_mtime_ns, path.stem))
            except OSError:
                continue  # it has been removed meanwhile
        return [name for _, name in sorted(found, reverse=True)]

    def latest(self) -> Record:
        """
        The conversation that was held last.

        Raises:
            CliError: there is none.
        """
        names = self.names()
        if not names:
            raise CliError("usage", "There is no conversation to go on with.", "`tm chat` begins one")
        return self.load(names[0])

    def _read(self, name: str) -> str | None:
        return private_files.read(self._path(name), most=MOST_BYTES)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


class TypedLines:
    """
    What was typed before, for the arrow keys.

    Args:
        path: the file that keeps it; None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def all(self) -> list[str]:
        """Oldest first; none where the file cannot be read: nothing depends on it."""
        try:
            text = private_files.read(self._path) if self._path else None
            found = [json.loads(line) for line in (text or "").splitlines()]
        except (CliError, ValueError):
            return []
        return [line for line in found if isinstance(line, str)]

    def add(self, text: str) -> None:
        """
        Keep what was typed, unless it is what was typed last.

        Raises:
            CliError: the file cannot be written.
        """
        if self._path is None:
            return
        with private_files.locked(self._path):
            lines = [json.dumps(line) for line in self.all()]
            if lines[-1:] == [json.dumps(text)]:
                return
            lines.append(json.dumps(text))
            while lines and sum(map(len, lines)) + len(lines) > MOST_TYPED_BYTES:
                lines.pop(0)
            private_files.write(self._path, "".join(f"{line}\n" for line in lines))
