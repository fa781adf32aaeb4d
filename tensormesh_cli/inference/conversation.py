"""Sends a generating call and shows its answer, whole or as it comes."""

from __future__ import annotations

import sys
from typing import Any

import click

from tensormesh_cli.app import App
from tensormesh_cli.client import client_errors
from tensormesh_cli.command_line import bodies
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.answers import Reader, Said
from tensormesh_cli.inference.surface import Surface
from tensormesh_cli.output.control_characters import visible
from tensormesh_cli.values.json_text import dumps


class Conversation:
    """
    One generating call.

    Args:
        create: the call: `chat.completions`, `completions` or `responses` of a surface.
        show_reasoning: print what the model thinks, on stderr, so that the answer alone is on stdout.
    """

    def __init__(self, surface: Surface, create: Any, reader: Reader, *, idle: float, show_reasoning: bool) -> None:
        self.app: App = surface.app
        self._surface = surface
        self._create = create
        self._reader = reader
        self._idle = idle
        self._show_reasoning = show_reasoning
        self._begun = False
        self._line_open = False
        self._aside_open = False
        self._aside_line_open = False

    def run(self, body: dict[str, Any], stream: bool | None) -> None:
        """
        Send `body` and show the answer.

        Args:
            stream: show it as it comes; None does so where text is wanted and there is one answer.

        Raises:
            CliError: the call failed.
        """
        form = self.app.screen.format
        asked = body.pop("stream", None)
        asked = asked if stream is None else stream
        if asked is None:
            asked = form in (None, "text") and (body.get("n") or 1) == 1 and isinstance(body.get("prompt", ""), str)
        if asked and form in ("yaml", "table"):
            raise click.UsageError(f"A stream cannot be printed as {form}; --output text and json can.")
        if not asked:
            self._whole(body)
        elif form in ("json", "raw"):
            self._events(body)
        else:
            self._live(body)

    def _whole(self, body: dict[str, Any]) -> None:
        with client_errors(self._surface.hints()):
            response = self._create.with_raw_response.create(request=body)
            said = self._reader.whole(response.parsed)
        if self._show_reasoning:
            for one in said:
                self._aside(one.reasoning)
            self._end_aside()
        self.app.emit(response.parsed.to_dict(), raw=response.text, words="\n".join(map(_words, said)))
        self._remarks(said, response.parsed)

    def _events(self, body: dict[str, Any]) -> None:
        """One line of JSON an event."""
        with (
            client_errors(self._surface.hints()),
            self._create.create(request=body, stream=True, stream_idle_timeout=self._idle) as stream,
        ):
            for event in stream:
                self.app.write(f"{dumps(event.to_dict())}\n")

    def _live(self, body: dict[str, Any]) -> None:
        try:
            with (
                client_errors(self._surface.hints()),
                self._create.create(request=body, stream=True, stream_idle_timeout=self._idle) as stream,
            ):
                for event in stream:
                    for kind, text in self._reader.pieces(event):
                        self._show(text) if kind == "text" else self._aside(text)
                answer = stream.get_final()
                said = self._reader.whole(answer)
        finally:
            self._end_line()
        for one in said:
            self.app.write("".join(f"{call}\n" for call in one.calls))
        self._remarks(said, answer)

    def _show(self, text: str) -> None:
        if not self._begun:
            text = text.lstrip("\n")  # what models leave between thinking and speaking
        if text:
            self._begun = True
            self._end_aside()
            self._line_open = not text.endswith("\n")
            self.app.write(text)

    def _end_line(self) -> None:
        self._end_aside()
        if self._line_open:
            self._line_open = False
            self.app.write("\n")

    def _aside(self, text: str) -> None:
        if not self._aside_open:
            text = text.lstrip("\n")
        if self._show_reasoning and text:
            color = self.app.colored(sys.stderr)
            click.secho(visible(text), err=True, nl=False, dim=True, color=color)
            self._aside_open = True
            self._aside_line_open = not text.endswith("\n")

    def _end_aside(self) -> None:
        """An empty line after it."""
        if self._aside_open:
            self._aside_open = False
            click.echo("\n" * (1 + self._aside_line_open), err=True, nl=False)

    def _remarks(self, said: list[Said], answer: Any) -> None:
        for cut in {one.cut for one in said if one.cut}:
            self.app.note(cut)
        if failure := self._reader.failure(answer):
            raise CliError("protocol", failure)
        if unread := next((one.unread for one in said if one.unread), None):
            raise CliError(
                "protocol", f"The answer holds no text; its {unread!r} is none.", "--output raw shows all that came"
            )


def _words(said: Said) -> str:
    return "\n".join(part for part in (said.text.lstrip("\n"), *said.calls) if part)


def question(text: str | None) -> str | None:
    """
    What was asked on the command line; `-` stands for standard input.

    Raises:
        CliError: there is nothing on standard input, or no text.
    """
    if text != "-":
        return text
    found = bodies.read("-").strip()
    if not found:
        raise CliError("input", "There is nothing on standard input to ask.")
    return found
