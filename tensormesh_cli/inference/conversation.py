"""Sends a generating call and shows its answer, whole or as it comes."""

from __future__ import annotations

from typing import Any

import click

from tensormesh_cli.app import App
from tensormesh_cli.client import client_errors
from tensormesh_cli.command_line import standard_input
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.answers import Reader, Said
from tensormesh_cli.inference.live_answer import WAITING, Aside, LiveAnswer, PlainText, TextOutput
from tensormesh_cli.inference.surface import Surface


class Conversation:
    """
    One generating call.

    Args:
        create: the call: `chat.completions`, `completions` or `responses` of a surface.
        show_reasoning: print what the model thinks, on stderr, so that the answer alone is on stdout.
        output: where text goes, where text is wanted; without it, it is printed as it is.
    """

    def __init__(
        self,
        surface: Surface,
        create: Any,
        reader: Reader,
        *,
        idle: float,
        show_reasoning: bool,
        output: TextOutput | None = None,
    ) -> None:
        self.app: App = surface.app
        self._surface = surface
        self._create = create
        self._reader = reader
        self._idle = idle
        self._show_reasoning = show_reasoning
        self._output = output

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
            asked = self.app.wants_text and (body.get("n") or 1) == 1 and isinstance(body.get("prompt", ""), str)
        events = form in ("json", "jsonl", "raw")
        if asked and not events and not self.app.wants_text:
            shown = "text with --query or --columns" if form in (None, "text") else form
            raise click.UsageError(f"A stream cannot be printed as {shown}; --output text and json can.")
        if not asked:
            self._whole(body)
        elif events:
            self._events(body)
        else:
            self._live(body)

    def _whole(self, body: dict[str, Any]) -> None:
        with self.app.progress(WAITING), client_errors(self._surface.hints()):
            response = self._create.with_raw_response.create(request=body)
            said = self._reader.whole(response.parsed)
        if self._show_reasoning:
            aside = Aside(self.app)
            for one in said:
                aside.write(one.reasoning)
            aside.end()
        words = "\n".join(map(_words, said))
        if self._output and self.app.wants_text:
            self._output.write(words)
            self._output.end()
        else:
            self.app.emit(response.parsed.to_dict(), raw=response.text, words=words)
        self._remarks(said, response.parsed)

    def _events(self, body: dict[str, Any]) -> None:
        """One line of JSON an event."""
        with (
            self.app.progress(WAITING) as progress,
            client_errors(self._surface.hints()),
            self._create.create(request=body, stream=True, stream_idle_timeout=self._idle) as stream,
        ):
            for event in stream:
                progress.stop()
                self.app.emit_line(event.to_dict())
            answer = stream.get_final()
        if failure := self._reader.failure(answer):
            raise CliError("protocol", failure)

    def _live(self, body: dict[str, Any]) -> None:
        with (
            LiveAnswer(self.app, self._output or PlainText(self.app), show_reasoning=self._show_reasoning) as live,
            client_errors(self._surface.hints()),
            self._create.create(request=body, stream=True, stream_idle_timeout=self._idle) as stream,
        ):
            for event in stream:
                for piece in self._reader.pieces(event):
                    live.show(piece)
            answer = stream.get_final()
            said = self._reader.whole(answer)
        for one in said:
            self.app.write("".join(f"{call}\n" for call in one.calls))
        self._remarks(said, answer)

    def _remarks(self, said: list[Said], answer: Any) -> None:
        for cut in {one.cut for one in said if one.cut}:
            self.app.note(cut)
        if failure := self._reader.failure(answer):
            raise CliError("protocol", failure)
        if unread := next((one.unread for one in said if one.unread), None):
            raise CliError(
                "protocol", f"The answer holds no text; its {unread!r} is none.", "--output raw shows all that came"
            )
        if self.app.wants_text and said and not any(one.text.strip() or one.calls or one.cut for one in said):
            thought = any(one.reasoning for one in said) and not self._show_reasoning
            but = ", but for what the model thinks: --show-reasoning prints that" if thought else ""
            self.app.note(f"The answer is empty{but}.")


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
    found = standard_input.text().strip()
    if not found:
        raise CliError("input", "There is nothing on standard input to ask.")
    return found
