"""The conversation that is being held: with whom, on which surface, kept where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tensormesh_cli.client import client_errors
from tensormesh_cli.conversation.attachments import Attachment
from tensormesh_cli.conversation.records import Record, new_name
from tensormesh_cli.conversation.talk import Talk
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.surface import Surface
from tensormesh_cli.terminal.conversation_files import ConversationFiles
from tensormesh_cli.terminal.prices import Prices


class OpenTalk:
    """
    A talk and what belongs to it.

    Args:
        node: the calls of the surface.
        files: where it is kept; None keeps it nowhere.
        record: the earlier conversation that it goes on with.

    Attributes:
        attached: what goes along with the next question.
        idle: the longest silence within an answer.
    """

    def __init__(
        self,
        surface: Surface,
        node: Any,
        talk: Talk,
        *,
        files: ConversationFiles,
        kept: bool,
        record: Record | None = None,
        idle: float,
        show_reasoning: bool,
    ) -> None:
        self.app = surface.app
        self.surface = surface
        self.node = node
        self.talk = talk
        self.files = files
        self.prices = Prices(surface)
        self.attached: list[Attachment] = []
        self.idle = idle
        self.show_reasoning = show_reasoning
        self.name: str | None = record.name if record else None
        self.kept = kept
        """Whether it is written down."""
        self.begun = record.begun if record else datetime.now(UTC)
        self._models: list[str] | None = None

    @property
    def known_models(self) -> list[str]:
        """The models that the host lists, where it was asked already."""
        return self._models or []

    def models(self) -> list[str]:
        """
        The models that the host lists.

        Raises:
            CliError: it does not.
        """
        if self._models is None:
            with self.app.progress("Asking the host"), client_errors(self.surface.hints()):
                self._models = [str(model.id) for model in self.node.models.list().data]
        return self._models

    def keep(self) -> None:
        """Write down how it stands. Whoever talks goes on where that fails, and is told once."""
        if not self.kept or not self.talk.turns:
            return
        now = datetime.now(UTC)
        wanted = self.name or new_name(now)
        try:
            name = self.files.keep(Record(wanted, self.talk, self.surface.name, self.begun))
        except CliError as error:
            self.kept = False
            self.app.note(f"The conversation is not kept: {error.message}. `/save FILE` writes it elsewhere.")
            return
        if name != wanted:
            self.app.note(f"Another tm has gone on with {wanted}. This conversation is kept as {name}.")
        self.name = name

    def begin_anew(self) -> None:
        """Another conversation; this one stays as it was kept."""
        self.talk.clear()
        self.name, self.begun = None, datetime.now(UTC)

    def go_on_with(self, record: Record, *, known: bool) -> None:
        """
        Go on with an earlier conversation.

        Args:
            known: it is one of those that are kept, and stays the same.

        Raises:
            CliError: it was held on another surface.
        """
        if record.surface != self.surface.name:
            raise CliError(
                "usage",
                f"That conversation was held on {record.surface} hosts, and this one is on {self.surface.name}.",
                f"`tm chat --conversation {record.name}` goes on with it" if known else f"--surface {record.surface}",
            )
        record.talk.model = record.talk.model or self.talk.model
        self.talk = record.talk
        self.name, self.begun = (record.name, record.begun) if known else (None, datetime.now(UTC))
